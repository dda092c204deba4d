"""Checks of a vertical's form and words: what a page needs to ask a person, and to answer him."""

from collections.abc import Iterator, Sequence
from importlib.resources.abc import Traversable

from manufold.design.contract import Field, Form, InputFile, Vertical, filled
from manufold.model.errors import Fault, InputFault, ManufoldError, Param, Reason
from manufold.model.ports import Executor
from manufold.model.wording import WORDED_IN, vertical_words, words_reasons

__all__ = ["accepted", "example", "form_faults", "unworded", "words_faults"]


def example(vertical: str, form: Form) -> tuple[InputFile, dict[str, Param]]:
    """Return the file and the parameters that a form filled with its examples makes."""
    values = {f.name: _value(f) for f in form.fields if f.to == "file"}
    parameters: dict[str, Param] = {
        f.name: _value(f) for f in form.fields if f.to == "parameter" and f.example
    }
    return filled(vertical, values), parameters


def accepted(vertical: Vertical, given: Sequence[InputFile]) -> float:
    """Return the confidence; below 0 when asking failed, whatever the failure."""
    try:
        return vertical.accepts(given)
    except Exception:  # noqa: BLE001 - the contract says never
        return -1.0


def form_faults(name: str, vertical: Vertical, executor: Executor) -> Iterator[Fault]:
    """Yield what is wrong with the fields, and a form whose own examples cannot be made."""
    form, where = vertical.form, f"{name}/form"
    wrong = [Fault(where, reason) for reason in _field_reasons(form)]
    yield from wrong
    if wrong or not form.by_hand:
        return
    file, parameters = example(name, form)
    if not 0 < accepted(vertical, [file]) <= 1:
        yield Fault(where, Reason("conformance.refuses_form", {}))
    try:
        design = vertical.design([file], parameters, executor)
        made = () if design.blocked else vertical.plans(design, 1)
    except ManufoldError as refused:
        yield Fault(where, refused.reason)
        return
    if not made:
        yield Fault(where, Reason("conformance.form_without_plan", {}))


def words_faults(name: str, form: Form, folder: Traversable) -> Iterator[Fault]:
    """Yield what is wrong with the vertical's sentences, and what its form leaves unworded."""
    contents = {language: _content(folder, language) for language in WORDED_IN}
    for reason in words_reasons(name, contents):
        yield Fault(f"{name}/words", reason)
    for language, content in contents.items():
        if content is None:
            continue
        known = vertical_words(name, content)
        for code in _form_codes(name, form):
            if code not in known:
                params: dict[str, Param] = {"language": language, "code": code[:80]}
                yield Fault(f"{name}/words", Reason("conformance.unworded", params))


def unworded(name: str, reasons: list[Reason], folder: Traversable) -> Iterator[Reason]:
    """Yield each code of the vertical's own that its sentences do not have."""
    for language in WORDED_IN:
        known = vertical_words(name, _content(folder, language) or b"")
        for code in sorted({r.code for r in reasons if r.code.startswith(f"{name}.")}):
            if code not in known:
                yield Reason("conformance.unworded", {"language": language, "code": code[:80]})


def _content(folder: Traversable, language: str) -> bytes | None:
    try:
        return (folder / "words" / f"{language}.toml").read_bytes()
    except OSError:
        return None


def _form_codes(name: str, form: Form) -> Iterator[str]:
    for field in form.fields:
        yield f"{name}.field.{field.name}"
        yield from (f"{name}.{field.name}.{choice}" for choice in field.choices)


def _field_reasons(form: Form) -> Iterator[Reason]:
    names = [field.name for field in form.fields]
    for field in form.fields:
        why = "twice" if names.count(field.name) > 1 else _field_wrong(field)
        if why:
            yield Reason("conformance.field_wrong", {"field": field.name[:80], "why": why})
    for suffix in form.suffixes:
        if not suffix.startswith(".") or suffix != suffix.lower():
            yield Reason("conformance.suffix_malformed", {"suffix": suffix[:40]})
    if not form.suffixes and not form.by_hand:
        yield Reason("conformance.form_empty", {})


def _field_wrong(field: Field) -> str:
    """Return why a field cannot be asked for, a word of the catalogue; "" when it can."""
    if field.kind == "choice":
        fits = not field.example or field.example in field.choices
        return "" if field.choices and fits else "choices"
    if field.choices:
        return "choices"
    if field.kind == "text":
        return "" if field.example else "example"
    try:
        value = int(field.example)
    except ValueError:
        return "example"
    least = value if field.least is None else field.least
    most = value if field.most is None else field.most
    return "" if least <= value <= most else "limits"


def _value(field: Field) -> str | int:
    if field.kind != "number":
        return field.example
    try:
        return int(field.example)
    except ValueError:
        raise InputFault("conformance.field_wrong", field=field.name, why="example") from None
