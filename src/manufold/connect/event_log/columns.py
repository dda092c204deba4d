"""Which column of a log says what: told by the caller, else guessed from common headers.

A guess is an exact match after folding (case, spaces, punctuation), never a likeness: a wrong
guess would plan a factory on the wrong times. What was guessed is listed among the assumptions.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from manufold.model.errors import InputFault

__all__ = ["HEADERS", "NEEDED", "ROLES", "columns_of"]

#: role -> headers it is known by, best first; folded before they are compared
HEADERS: Mapping[str, tuple[str, ...]] = {
    "case": (
        *("case id", "case", "case concept name", "caseid", "order", "order id", "order no"),
        *("order number", "work order", "work order id", "work order no", "production order"),
        *("job", "job id", "job no", "lot", "lot id", "batch", "auftrag", "auftragsnummer"),
        *("订单", "订单号", "工单", "工单号", "生产订单", "案例", "案例编号", "批次", "批次号"),
    ),
    "activity": (
        *("activity", "concept name", "activity name", "operation", "operation name", "step"),
        *("process step", "task", "event", "arbeitsgang", "vorgang", "taetigkeit"),
        *("工序", "工序名称", "活动", "活动名称", "操作"),
    ),
    "resource": (
        *("machine", "machine id", "machine name", "work unit", "work center", "workcenter"),
        *("workstation", "station", "equipment", "equipment id", "resource", "resource id"),
        *("org resource", "maschine", "arbeitsplatz", "anlage"),
        *("设备", "设备编号", "设备名称", "机器", "机台", "工作中心", "资源", "工位"),
    ),
    "start": (
        *("start", "start time", "start timestamp", "started", "started at", "begin"),
        *("begin time", "start date", "time start", "actual start", "beginn", "startzeit"),
        *("开始", "开始时间", "开工时间", "实际开始", "实际开始时间"),
    ),
    "complete": (
        *("complete", "complete time", "complete timestamp", "completed at", "completion time"),
        *("end", "end time", "end timestamp", "finish", "finish time", "finished at", "stop"),
        *("end date", "actual end", "ende", "endzeit"),
        *("结束", "结束时间", "完成", "完成时间", "完工时间", "实际结束", "实际结束时间"),
    ),
    "time": ("time timestamp", "timestamp", "time", "zeitstempel", "时间戳", "时间"),
    "transition": ("lifecycle transition", "transition", "lifecycle", "生命周期", "状态变化"),
    "instance": ("concept instance", "activity instance", "instance", "实例"),
    "worker": (
        *("worker", "worker id", "operator", "operator id", "employee", "employee id"),
        *("person", "mitarbeiter", "werker", "操作员", "工人", "员工", "员工号", "人员"),
    ),
    "quantity": (
        *("work order qty", "order qty", "order quantity", "quantity", "qty", "pieces"),
        *("lot size", "menge", "stueckzahl", "数量", "订单数量", "计划数量"),
    ),
    "due": (
        *("due", "due date", "deadline", "promised", "promised date", "requested date"),
        *("liefertermin", "faellig", "交期", "交货日期", "交付日期", "截止日期"),
    ),
    "kind": ("report type", "event type", "kind", "type", "记录类型", "类型"),
    "duration": ("duration", "span", "span hhhmm", "working time", "dauer", "时长", "用时", "工时"),
    "product": ("product", "part", "part desc", "part no", "item", "teil", "产品", "零件", "物料"),
    "group": ("org group", "department", "work area", "area", "abteilung", "车间", "部门"),
}

ROLES = tuple(HEADERS)
#: what an event cannot do without, beside its times
NEEDED = ("case", "activity", "resource")


def columns_of(header: Sequence[str], told: Mapping[str, str]) -> dict[str, str]:
    """Return the column of each role that the log has.

    Args:
        header: the columns of a CSV, or every attribute key that occurs in an XES log.
        told: role -> column, instead of a guess; an empty column says the log has none.

    Raises:
        InputFault: `log.role_unknown`, `log.column_unknown`, `log.column_missing`,
            `log.times_missing`.
    """
    for role, column in told.items():
        if role not in ROLES:
            raise InputFault("log.role_unknown", role=role[:80], known=", ".join(ROLES))
        if column and column not in header:
            close = get_close_matches(column, header[:1000], n=1, cutoff=0.0)
            nearest = close[0] if close else ""
            raise InputFault(
                "log.column_unknown",
                column=column[:80],
                role=role,
                nearest=nearest[:80],
                known=_listed(header),
            )
    taken = set(told.values())
    folded: dict[str, str] = {}
    for column in header:
        if column not in taken:
            folded.setdefault(_folded(column), column)
    found = {role: column for role, column in told.items() if column}
    for role, names in HEADERS.items():
        guess = next((folded[n] for n in map(_folded, names) if n in folded), None)
        if role not in told and guess is not None and guess not in found.values():
            found[role] = guess
    if "start" in found and "complete" not in found and "complete" not in told and "time" in found:
        found["complete"] = found.pop("time")  # XES of some tools: one stamp, and a start beside
    for role in NEEDED:
        if role not in found:
            raise InputFault("log.column_missing", role=role, known=_listed(header))
    stretch = "start" in found and "complete" in found
    if not stretch and not ("time" in found and "transition" in found):
        raise InputFault("log.times_missing", known=_listed(header))
    if stretch:  # a stretch says it all; a single stamp beside it could only contradict it
        found.pop("time", None)
        found.pop("transition", None)
    else:
        found.pop("start", None)
        found.pop("complete", None)
    return {role: found[role] for role in ROLES if role in found}


def _listed(header: Sequence[str]) -> str:
    shown = ", ".join(column[:40] for column in header[:20])
    return f"{shown}, ..." if len(header) > 20 else shown


def _folded(name: str) -> str:
    plain = unicodedata.normalize("NFKC", name).casefold()
    for umlaut, letters in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss")):
        plain = plain.replace(umlaut, letters)
    return "".join(letter for letter in plain if letter.isalnum())
