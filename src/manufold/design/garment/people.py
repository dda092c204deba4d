"""Many people in one table: each row a person, each fault named by its row and column.

    order,garment,sex,stature_cm,chest_cm,waist_cm
    17,shirt,f,168,94,78

Columns are our measures, in any unit their names end in, sex and weight; a table of ANSUR II is
read too. What else a row may say ("order") the caller names, and gets back as text. Nothing is
read of a table with one fault in it; all its faults are told at once, up to a limit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from manufold.design.contract import InputFile
from manufold.design.garment.body import lacking
from manufold.design.garment.columns import Column, Sex, column, nearest, sex_of
from manufold.design.garment.doubts import impossible
from manufold.design.garment.reading import (
    BESIDE,
    Said,
    Table,
    Told,
    content,
    is_ansur,
    of_ansur,
    table,
    written,
)
from manufold.model.errors import Fault, InputFault, Param, Reason

__all__ = ["FAULTS_MOST", "ROWS_MOST", "Listed", "people"]

#: more faults than that are counted and not told: the table was not meant to be read like this
FAULTS_MOST = 50
#: a day's orders of a large network; the tables of ANSUR II have four thousand
ROWS_MOST = 10_000
TABLE_BYTES_MAX = 20_000_000


@dataclass(frozen=True, slots=True)
class Listed:
    """One person of a table.

    Args:
        row: as a spreadsheet counts, the header being row 1.
        beside: what the row says in the columns that the caller named; "" where nothing stands.
    """

    row: int
    told: Told
    beside: Mapping[str, str]


def people(file: InputFile, beside: Sequence[str] = ()) -> tuple[Listed, ...]:
    """Return everybody of a table, in its order; measures are possible ones, and enough of them.

    Args:
        beside: columns that are no measures, in small letters; each must be there.

    Raises:
        InputFault: as `reading.told` for a file that is no table; `garment.table_*` for columns and
            cells, the first with all the others beside it.
    """
    name = file.name[:80]
    text = content(file, TABLE_BYTES_MAX)
    if text.lstrip().startswith(("{", "[")):
        raise InputFault("garment.table_json", file=name)
    found = table(name, text)
    if not found.rows or len(found.rows) > ROWS_MOST:
        raise InputFault(
            "garment.table_rows", file=name, rows=len(found.rows), limit_rows=ROWS_MOST
        )
    columns = _columns(found, beside)
    listed: list[Listed] = []
    faults: list[Fault] = []
    for row, cells in found.rows:
        told, wrong = _read(found, columns, row, cells)
        faults += wrong
        if told is not None:
            said = dict(zip(found.header, cells, strict=True))
            listed.append(Listed(row, told, {one: said[one].strip() for one in beside}))
    if faults:
        more = len(faults) - FAULTS_MOST
        if more > 0:
            faults[FAULTS_MOST - 1 :] = [
                Fault("", Reason("garment.table_more", {"more": more + 1}))
            ]
        raise InputFault.of(faults[0].reason, faults=tuple(faults[1:]))
    return tuple(listed)


def _columns(found: Table, beside: Sequence[str]) -> Mapping[str, Column]:
    """Return what each header of a measure means; refuse what is missing, unknown or twice."""
    faults = [
        Fault(name, Reason("garment.table_column_missing", {"column": name}))
        for name in beside
        if name not in found.header
    ]
    known: dict[str, Column] = {}
    if not is_ansur(found.header):
        for header in found.header:
            meant = column(header)
            if meant is not None:
                first = next((h for h, one in known.items() if one.name == meant.name), None)
                if first is not None:
                    params: dict[str, Param] = {"column": header, "first": first}
                    faults.append(Fault(header, Reason("garment.table_column_again", params)))
                known[header] = meant
            elif header and header not in beside and header not in BESIDE:
                faults.append(Fault(header, nearest(header).reason))
        values = dict.fromkeys(one.name for one in known.values())
        sex: Sex | None = "female" if "sex" in values else None  # only whether it will be said
        faults += [Fault(fault.where, _of_column(fault.reason)) for fault in lacking(values, sex)]
    if faults:
        raise InputFault.of(faults[0].reason, faults=tuple(faults[1:]))
    return known


def _of_column(reason: Reason) -> Reason:
    """Return the reason of a measure that no row can have, as one of its column."""
    if reason.code == "garment.measure_missing":
        return Reason("garment.table_column_missing", {"column": str(reason.params["field"])})
    return Reason("garment.table_girths_missing", reason.params)


def _read(
    found: Table, columns: Mapping[str, Column], row: int, cells: tuple[str, ...]
) -> tuple[Told | None, list[Fault]]:
    """Return the person of a row, or what is wrong with it."""
    if len(cells) != len(found.header):
        params: dict[str, Param] = {
            "row": row, "cells": len(cells), "columns": len(found.header)
        }  # fmt: skip
        return None, [Fault(f"row {row}", Reason("garment.table_cells", params))]
    said = dict(zip(found.header, cells, strict=True))
    faults: list[Fault] = []
    if is_ansur(found.header):
        try:
            told = of_ansur(said)
        except InputFault as fault:
            return None, [_placed(row, str(fault.params["field"]), fault.reason)]
    else:
        told = _own(columns, row, said, faults)
    headers = {one.name: one.header for one in columns.values()}
    # a cell that is no number is there, and is told as such alone
    there = dict.fromkeys(one.name for one in columns.values() if said[one.header].strip())
    for wrong in (*lacking({**told.values, **there}, told.sex), *impossible(told)):
        faults.append(_placed(row, headers.get(wrong.where, wrong.where), wrong.reason))
    return (None if faults else told), faults


def _own(
    columns: Mapping[str, Column], row: int, said: Mapping[str, str], faults: list[Fault]
) -> Told:
    values: dict[str, Decimal] = {}
    otherwise: dict[str, Said] = {}
    sex: Sex | None = None
    for header, meant in columns.items():
        cell = said[header]
        if not cell.strip():
            continue
        try:
            if meant.name == "sex":
                sex = sex_of(header, cell)
                continue
            one = written(meant, cell)
        except InputFault as fault:
            faults.append(_placed(row, header, fault.reason))
            continue
        values[meant.name] = one.value * one.factor
        if not meant.as_ours:
            otherwise[meant.name] = one
    return Told("csv", values, {}, sex, otherwise)


#: what is wrong with a person's own file: what is said of it in a table
_CODES = {
    "garment.field_not_number": "garment.table_not_number",
    "garment.field_no_length": "garment.table_no_length",
    "garment.sex_unknown": "garment.table_sex",
    "garment.measure_missing": "garment.table_cell_missing",
    "garment.girths_missing": "garment.table_cells_missing",
    "garment.measure_not_positive": "garment.table_not_positive",
    "garment.measure_outside": "garment.table_outside",
    "garment.unit_inches": "garment.table_inches",
    "garment.unit_cm": "garment.table_cm",
    "garment.unit_mm": "garment.table_mm",
    "garment.unit_metres": "garment.table_metres",
    "garment.unit_feet": "garment.table_feet",
    "garment.unit_pounds": "garment.table_pounds",
    "garment.unit_kg": "garment.table_kg",
    "garment.digit_twice": "garment.table_digit",
    "garment.digits_turned": "garment.table_turned",
    "garment.measured_flat": "garment.table_flat",
}


def _placed(row: int, header: str, reason: Reason) -> Fault:
    """Return what is wrong in a cell, with its row and column."""
    params = {name: value for name, value in reason.params.items() if name != "field"}
    told = Reason(_CODES[reason.code], {**params, "row": row, "column": header})
    return Fault(f"row {row}, column {header}", told)
