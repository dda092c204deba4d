"""Every fault of a network file is named with its file, its line and a remedy, all at once."""

import itertools
import random
import re
from pathlib import Path

import pytest

from connect.network_files import EXAMPLES, ONE, SPOILS, TWO, errors, line_with, spoiled
from manufold.connect.network_file import check_network, read_network
from manufold.connect.network_file.faults import MOST_FAULTS
from manufold.connect.network_file.files import LARGEST_FILE_BYTES
from manufold.demo import demo_network_path
from manufold.model.errors import InputFault
from manufold.words import LANGUAGES, word

UNIT = '[[work_unit]]\nid = "mill-1"'


@pytest.mark.parametrize("spoil", SPOILS, ids=[f"{n}-{s.code}" for n, s in enumerate(SPOILS)])
def test_fault_is_found_where_it_stands(spoil, tmp_path):
    """One spoilt place: the fault has its code, its file, its line, and what is near."""
    path = spoiled(tmp_path, spoil.old, spoil.new, spoil.file)
    file = spoil.file or "network.toml"
    text = (tmp_path / file).read_text(encoding="utf-8")
    found = [f for f in errors(path) if f.reason.code == spoil.code and f.file == file]
    assert found, [(f.file, f.line, f.reason) for f in errors(path)]
    if spoil.at:
        line = line_with(text, spoil.at) + spoil.at.count("\n") * (spoil.at[-1] != "\n")
        exact = {line, line_with(text, spoil.at)}
        assert exact & {fault.line for fault in found}, found
    for name, value in spoil.params.items():
        assert value in [fault.reason.params[name] for fault in found]
    with pytest.raises(InputFault) as refused:
        read_network(path)
    assert refused.value.code == "network.file_faults"


def test_every_code_is_worded_with_what_it_gives(tmp_path):
    """No fault of any spoilt file shows as a bare code, a bare kind or an unfilled place."""
    for number, spoil in enumerate(SPOILS):
        folder = tmp_path / str(number)
        folder.mkdir()
        for fault in check_network(spoiled(folder, spoil.old, spoil.new, spoil.file)):
            for language in LANGUAGES:
                sentence = word(fault.reason, language)
                assert not sentence.startswith(fault.reason.code), (fault, language)
                assert "{" not in re.sub(r"\{.*?\}", "", sentence), sentence


@pytest.mark.parametrize("value", ["9" * 5000, "[" * 20_000 + "]" * 20_000])
def test_what_no_parser_should_chew_on(tmp_path, value):
    """A number of thousands of digits and brackets of thousands of levels end in a refusal."""
    path = spoiled(tmp_path, "tax_percent = 19", f"tax_percent = {value}")
    assert [fault.reason.code for fault in errors(path)] == ["network.toml_unreasonable"]


def test_twins_name_both_lines(tmp_path):
    """The second one stands where the fault is, the first one in its sentence."""
    path = spoiled(tmp_path, 'id = "otto"', 'id = "mill-1"')
    text = path.read_text(encoding="utf-8")
    (fault,) = errors(path)
    assert fault.reason.params["first"] == f"network.toml:{line_with(text, UNIT) + 1}"
    assert fault.line == line_with(text, '[[operator]]\nid = "mill-1"') + 1


def test_many_faults_at_once(tmp_path):
    """Faults of all kinds in one file are all named in one reading."""
    safe = [s for s in SPOILS if not s.file and s.code.startswith("network.value")]
    text = ONE.read_text(encoding="utf-8")
    wanted = set()
    for spoil in safe:
        if text.count(spoil.old) and spoil.at in spoil.new:
            text = text.replace(spoil.old, spoil.new, 1)
            wanted.add((spoil.code, spoil.at))
    path = tmp_path / "network.toml"
    path.write_text(text, encoding="utf-8")
    found = {(f.reason.code, f.line) for f in errors(path)}
    assert len(wanted) >= 12
    assert {(code, line_with(text, at)) for code, at in wanted} <= found


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "network.empty"),
        ('manufold_network = 1\nname = "x"\ncurrency = "EUR"\n', "network.empty"),
        ("site = 3\n", "network.section_shape"),
        ("[site]\nid = 1\n", "network.section_shape"),
    ],
)
def test_empty_networks(tmp_path, text, code):
    """A file without a plant is told what is missing."""
    path = tmp_path / "network.toml"
    path.write_text(text)
    assert code in [fault.reason.code for fault in errors(path)]


def test_files_that_are_none(tmp_path):
    """Missing, a folder, not text, too large, a name with a NUL: refused by name, never a crash."""

    def code_of(path: Path) -> str:
        (fault,) = errors(path)
        return fault.reason.code

    assert code_of(tmp_path / "gone.toml") == "network.file_missing"
    assert code_of(tmp_path) == "network.file_is_folder"
    binary = tmp_path / "binary.toml"
    binary.write_bytes(b'name = "x"\n\xff\xfe\n')
    (fault,) = errors(binary)
    assert (fault.reason.code, fault.line) == ("network.file_not_utf8", 2)
    large = tmp_path / "large.toml"
    with large.open("wb") as opened:
        opened.truncate(LARGEST_FILE_BYTES + 1)
    assert code_of(large) == "network.file_too_large"
    assert code_of(tmp_path / "a\0b") in ("network.file_missing", "network.file_unreadable")


def test_a_link_out_of_the_folder_is_refused(tmp_path):
    """A CSV that is a link to somewhere else would read what the owner of the file may not."""
    path = spoiled(tmp_path / "in", "850.5", "850.5", "stock.csv")
    secret = tmp_path / "secret.csv"
    (path.parent / "stock.csv").rename(secret)
    (path.parent / "stock.csv").symlink_to(secret)
    assert [fault.reason.code for fault in errors(path)] == ["network.csv_outside"]


def test_hostile_amounts_are_cheap(tmp_path):
    """A file of nothing but faults is refused with a bounded list."""
    rows = "\n".join(f"nowhere-{i},nothing-{i},-{i}" for i in range(20_000))
    path = spoiled(tmp_path, "brno,steel-1045,850.5", rows, "stock.csv")
    found = errors(path)
    assert len(found) == MOST_FAULTS + 1
    assert "network.too_many_faults" in [fault.reason.code for fault in found]


def test_warnings_do_not_refuse(tmp_path):
    """What a planner should know is said, and the network is read all the same."""
    text = TWO.read_text(encoding="utf-8")
    text = text.replace("mttr_h = 4\n", "").replace('roles = ["supplier"]', 'roles = ["designer"]')
    text += (
        '\n[[work_center]]\nid = "empty"\nname = "Empty"\nsite = "brno"\n'
        '\n[[calendar]]\nid = "spare"\nzone = "UTC"\nshifts = [{ days = ["mon"], start = "08:00", '
        'end = "16:00" }]\n\n[[delivery_zone]]\nid = "moon"\nname = "Moon"\ncountry = "CZ"\n'
        'zone = "UTC"\ntax_percent = 0\n'
    )
    text = text.replace('capabilities = ["turn"]', 'capabilities = ["turn", "hone"]')
    for file in TWO.parent.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "network.toml").write_text(text, encoding="utf-8")
    operators = (TWO.parent / "operators.csv").read_text().replace("petra,brno", "petra,nagoya")
    (tmp_path / "operators.csv").write_text(operators)
    found = check_network(tmp_path / "network.toml")
    assert {f.severity for f in found} == {"warning"}
    assert sorted(f.reason.code for f in found) == [
        "network.calendar_unused",
        *["network.capability_single"] * 3,  # honing, curing, coating
        "network.owner_not_supplier",
        "network.repair_time_missing",
        "network.site_without_operator",
        "network.work_center_empty",
        "network.zone_unreached",
    ]
    assert len(read_network(tmp_path / "network.toml").delivery_zones) == 2


def test_a_missing_skill_is_a_warning(tmp_path):
    """Who can mill but has nobody who mills is told so, with the machine's line."""
    path = spoiled(tmp_path, '"milling", "deburring"', '"deburring"')
    (fault,) = check_network(path)
    assert (fault.severity, fault.reason.code) == ("warning", "network.skill_missing")
    assert fault.reason.params == {"site": "works", "capability": "mill.3axis", "skill": "milling"}
    assert fault.line == line_with(path.read_text(encoding="utf-8"), "capabilities")


def test_no_mutation_crashes_the_reader(tmp_path):
    """Five hundred seeded mutations of the golden files: read, or refused with faults that have
    a file and a line of that file; never another exception."""
    rng = random.Random(11)
    texts = [ONE.read_text(encoding="utf-8"), TWO.read_text(encoding="utf-8")]
    for file in TWO.parent.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    path = tmp_path / "network.toml"
    refused = 0
    for text in itertools.islice(itertools.cycle(texts), 500):
        lines = text.split("\n")
        for _ in range(rng.randrange(1, 4)):
            at = rng.randrange(len(lines))
            line = lines[at]
            lines[at] = rng.choice(
                [
                    "",
                    "x = {",
                    "[[site]]",
                    line[: rng.randrange(len(line) + 1)],
                    lines[rng.randrange(len(lines))],
                    line.replace("=", "= -", 1),
                    line.replace('"', "", 2),
                    line.replace("e", "\u00e9"),
                    re.sub(r"\d+", "99999999999999999", line),
                ]
            )
        path.write_text("\n".join(lines), encoding="utf-8")
        found = errors(path)
        refused += bool(found)
        for fault in found:
            shown = (tmp_path / fault.file).read_text(encoding="utf-8").count("\n") + 1
            assert 0 <= fault.line <= shown
        if not found:
            read_network(path)
    assert refused > 250


def test_large_networks_are_read_quickly_enough(tmp_path):
    """Three thousand machines are linear work: no look-up walks a list."""
    units = "\n".join(
        f'[[work_unit]]\nid = "u{i}"\nname = "U"\nwork_center = "milling"\ncalendar = "day"\n'
        f'capabilities = ["mill.3axis"]\nrate_per_h = 1\n'
        for i in range(3_000)
    )
    path = tmp_path / "network.toml"
    path.write_text(ONE.read_text(encoding="utf-8") + units)
    assert len(read_network(path).work_units) == 3_002


def test_examples_lie_where_the_docs_say():
    """The golden files and the demo are the only networks that ship, and none has an error."""
    for path in (*EXAMPLES.glob("*.toml"), *EXAMPLES.glob("*/network.toml"), demo_network_path()):
        assert errors(path) == []
