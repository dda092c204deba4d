"""Who was sent: a scan, a file of measures, or both, to one person's body.

A scan is measured in a process that may be ended, and is not kept unless the buyer agrees: its
place among the design's files is taken by the measures read from it. A datum that the scan has not
is taken from the tape, or worked out and said to be; where both have it and differ by more than
either may err, the sender is asked.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from hashlib import sha256
from typing import TYPE_CHECKING

from manufold.design.contract import InputFile
from manufold.design.garment.body import Body, body
from manufold.design.garment.reading import Told, recognised, told
from manufold.design.garment.scan_seen import is_scan, seen
from manufold.design.garment.tables import measures
from manufold.model.design import DesignFile, Finding
from manufold.model.errors import ExecutorFault, InputFault, Param, Reason
from manufold.model.ports import Executor

if TYPE_CHECKING:  # what measures is loaded by the worker, and here when a scan comes
    from manufold.design.garment.measure.body_scan import BodyScan

__all__ = ["MEASURED_BY", "Sent", "recognised_files", "sent"]

MEASURED_BY = "manufold.design.garment.measure.body_scan:measured_scan"
#: how sure it is of files that are all of this trade, and too many
_SEVERAL = 0.3
#: a scan takes a second; what takes this long is no scan
LIMIT_S = 30.0
MEMORY_MB = 3000
_MEDIA = {"json": "application/json", "csv": "text/csv", "ansur": "text/csv"}
_SCANNED = "model/body-scan"
#: how the measures of a scan begin, once they stand in its place
_DEVICE = b'"device": "body scan"'
#: a tape and a scan agree within so many of what both may err
_AGREE = 3.0


@dataclass(frozen=True, slots=True)
class Sent:
    """A person and the files that stand for him.

    Args:
        files: as the design names them.
        texts: by digest, those of `files` that were written here.
        half: of each measure from a scan, half of its 95 % interval, mm or degrees.
    """

    body: Body
    files: tuple[DesignFile, ...]
    findings: tuple[Finding, ...] = ()
    assumptions: tuple[Reason, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict)
    half: Mapping[str, Decimal] = field(default_factory=dict)
    scan: "BodyScan | None" = None


def recognised_files(files: Sequence[InputFile]) -> float:
    """Return how sure it is that files are one person's: a scan, measures, or one of each.

    Several scans, or several people's measures, are refused here in words that help.
    """
    if not files:
        return 0.0
    if len(files) == 1:
        return max(recognised(files[0]), seen(files[0]))
    scans = [seen(file) for file in files if is_scan(file)]
    tapes = [recognised(file) for file in files if not is_scan(file)]
    surest = min(*scans, *tapes)
    return surest if len(scans) == len(tapes) == 1 else min(surest, _SEVERAL)


def sent(files: Sequence[InputFile], executor: Executor, *, checked: bool, keep_scan: bool) -> Sent:
    """Return the person of one or two files.

    Args:
        checked: the sender says that unusual measures are right; the tape's count where a scan
            says otherwise.

    Raises:
        InputFault: `garment.one_file`; what the scan reader refuses with, `garment.scan_too_heavy`;
            what `reading.told` and `body.body` refuse with.
    """
    scans = [file for file in files if is_scan(file)]
    tapes = [file for file in files if not is_scan(file)]
    if not files or len(scans) > 1 or len(tapes) > 1:
        raise InputFault("garment.one_file", files=len(files))
    taped = [told(file) for file in tapes]
    kept = tuple(_file(f, _MEDIA[t.kind]) for f, t in zip(tapes, taped, strict=True))
    if not scans:
        checked = checked or _DEVICE in tapes[0].content[:200]  # judged when it was measured
        return Sent(body(taped[0], checked=checked), kept)
    scan = _measured(scans[0], executor)
    values, half = _read(scan)
    said, asked = _beside(values, half, taped[0] if taped else None, _flagged(scan), checked)
    half = {name: within for name, within in half.items() if said.values[name] == values[name]}
    person = body(said, checked=True)  # what a scan says has its own flags
    found = (*asked, *_doubts(scan, said), *(Finding("informs", note) for note in scan.notes[1:]))
    person = replace(person, findings=(*found, *person.findings))
    if keep_scan:
        mine, texts = _file(scans[0], _SCANNED), dict[str, str]()
        said_of = Reason("garment.scan_kept", {})
    else:
        text = _text(person)
        mine = _file(InputFile(f"{scans[0].name[:180]}.json", text.encode()), _MEDIA["json"])
        texts, said_of = {mine.sha256: text}, Reason("garment.scan_not_kept", {})
    return Sent(person, (mine, *kept), (), (scan.notes[0], said_of), texts, half, scan)


def _measured(file: InputFile, executor: Executor) -> "BodyScan":
    """Return what a scan measures; a file that kills its worker is the file's fault."""
    from manufold.design.garment.measure.body_scan import BodyScan

    try:
        found = executor.run(
            MEASURED_BY, (file.name, file.content), limit_s=LIMIT_S, memory_mb=MEMORY_MB
        )
    except ExecutorFault as fault:
        if fault.code == "executor.busy":
            raise
        raise InputFault("garment.scan_too_heavy", file=file.name[:80]) from fault
    assert isinstance(found, BodyScan)
    return found


def _read(scan: "BodyScan") -> tuple[dict[str, Decimal], dict[str, Decimal]]:
    values, half = {}, {}
    for name, measure in scan.measures.items():
        if measure.value is not None:
            values[_name(name)] = Decimal(f"{measure.value:.1f}")
            half[_name(name)] = Decimal(f"{measure.half:.1f}")
    return values, half


def _name(name: str) -> str:
    """Return our name of a datum of the scan."""
    unit = "deg" if "slope" in name else "mm"
    return f"{name.replace('_L', '_left').replace('_R', '_right')}_{unit}"


def _flagged(scan: "BodyScan") -> set[str]:
    return {_name(name) for name, measure in scan.measures.items() if measure.flags}


def _beside(
    values: Mapping[str, Decimal],
    half: Mapping[str, Decimal],
    tape: Told | None,
    flagged: set[str],
    checked: bool,
) -> tuple[Told, tuple[Finding, ...]]:
    """Return what scan and tape say together, and what they contradict each other in."""
    if tape is None:
        return Told("json", values, {}), ()
    both = dict(values)
    asked: list[Finding] = []
    for name, value in tape.values.items():
        if name not in values or name in flagged or checked:
            both[name] = value
        if name not in values or checked:
            continue
        off = abs(value - values[name])
        may_err = float(half[name] / 2 + measures()[name].error / 2)
        if off > _AGREE * may_err:
            params: dict[str, Param] = {
                "measure": name,
                "tape": f"{value:f}",
                "scan": f"{values[name]:f}",
                "parameter": "measures",
            }
            asked.append(Finding("asks", Reason("garment.tape_against_scan", params)))
    return replace(tape, values=both, taken_as={}), tuple(asked)


def _doubts(scan: "BodyScan", said: Told) -> Iterator[Finding]:
    """Yield what is not sure of the scan: data without a value, and flagged ones."""
    for name, measure in scan.measures.items():
        ours = _name(name)
        if measure.value is None:
            if ours not in said.values:
                yield Finding("warns", Reason("garment.scan_without", {"measure": ours}))
            continue
        tape = measures()[ours]
        if measure.flags and measure.half > float(tape.error):  # else it is as sure as a tape
            unit = "°" if tape.is_angle else " mm"
            params: dict[str, Param] = {"measure": ours, "half": f"{measure.half:.1f}{unit}"}
            yield Finding("warns", Reason("garment.scan_unsure", params))


def _text(person: Body) -> str:
    """Return the measures as a file that is read like anybody's."""
    told_so: dict[str, object] = {"type": "garment", "version": 1, "device": "body scan"}
    for name, value in person.given.items():
        told_so[name] = float(value) if measures()[name].is_angle else int(value)
    return json.dumps(told_so, indent=1)


def _file(file: InputFile, media_type: str) -> DesignFile:
    digest = sha256(file.content).hexdigest()
    return DesignFile(file.name[:200], media_type, len(file.content), digest)
