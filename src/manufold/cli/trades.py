"""Verbs that verticals bring: each becomes a command, made from what it says of itself."""

import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from manufold.answering import answering, print_json
from manufold.cli.bounded import cores, spending
from manufold.cli.root import AsJson, Language, app
from manufold.model.errors import InputFault, Reason

if TYPE_CHECKING:
    from manufold.design.verbs import Option, Verb

__all__ = ["put_verbs"]


def put_verbs() -> None:
    """Put the verbs of all installed verticals on the root, once."""
    from manufold.design.verbs import verbs

    there = {command.name for command in app.registered_commands}
    for verb in verbs():
        if verb.name not in there:
            app.command(verb.name, help=verb.about)(_command(verb))


def _command(verb: "Verb") -> Callable[..., None]:
    """Return the function of a command, with the signature that typer reads."""

    def run(**said: Any) -> None:
        spent_s = spending()
        language, as_json = said.pop("language"), said.pop("as_json")
        with answering(as_json, language):
            _run(verb, said, spent_s, language or "en", as_json)

    file = Annotated[Path, typer.Argument(help=verb.reads)]
    kinds = {"number": float, "whole": int, "text": str, "out": Path}
    hints: dict[str, Any] = {"file": file}
    parameters = [_parameter("file", file, inspect.Parameter.empty)]
    for option in verb.options:
        kind: Any = kinds[option.kind]
        default: Any = inspect.Parameter.empty if option.default is None else option.default
        if option.kind == "out" and option.default is not None:
            kind, default = Path | None, None
        name = _python(option)
        hints[name] = Annotated[kind, typer.Option(f"--{option.name}", help=option.about)]
        parameters.append(_parameter(name, hints[name], default))
    hints |= {"as_json": AsJson, "language": Language}
    parameters += [_parameter("as_json", AsJson, False), _parameter("language", Language, None)]
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = hints
    run.__doc__ = verb.about
    return run


def _python(option: "Option") -> str:
    """Return the name of an option's parameter."""
    return option.name.replace("-", "_")


def _parameter(name: str, hint: Any, default: Any) -> inspect.Parameter:
    kind = inspect.Parameter.KEYWORD_ONLY
    return inspect.Parameter(name, kind, default=default, annotation=hint)


def _run(
    verb: "Verb",
    said: Mapping[str, Any],
    spent_s: Callable[[], float],
    language: str,
    as_json: bool,
) -> None:
    from manufold.connect.plain_file import check_place, read_file, write_file
    from manufold.design.contract import InputFile
    from manufold.design.verbs import Asked
    from manufold.words import word
    from manufold.workers.pool import KillablePool

    file: Path = said["file"]
    outs = {one.name: said[_python(one)] for one in verb.options if one.kind == "out"}
    outs = {name: place for name, place in outs.items() if place is not None}
    for name, place in outs.items():
        check_place(place, file)
        twice = [other for other in outs if other < name and outs[other] == place]
        if twice:
            raise InputFault("cli.out_twice", one=f"--{twice[0]}", other=f"--{name}")
    plain = [one for one in verb.options if one.kind != "out"]
    values = {one.name: _checked(one, said[_python(one)]) for one in plain}
    values |= {one.name: one.name in outs for one in verb.options if one.kind == "out"}
    content = read_file(file, verb.bytes_most)
    pool = KillablePool(verb.processes or int(values.get("workers") or 0) or cores())
    try:
        name = file.name.removesuffix(".gz")
        asked = Asked(InputFile(name, content), values, pool, spent_s, cores())
        answered = verb.run(asked)
        for out, place in outs.items():
            write_file(place, answered.files[out])
    finally:
        pool.close()
    for note in answered.notes:
        typer.echo(f"manufold: {word(note, language)}", err=True)
    if as_json:
        notes = [
            {"code": note.code, "params": dict(note.params), "text": word(note, language)}
            for note in answered.notes
        ]
        beside = {"seconds": round(spent_s(), 3), "notes": notes}
        told = answered.told  # an answer may say the very thing that a file holds
        written = {f"{n}_file" if n in told else n: str(place) for n, place in outs.items()}
        schema = {"schema": f"manufold/{verb.name}_answer/1", "file": str(file)}
        print_json(schema | dict(told) | written | beside)
        return
    for line in answered.lines:
        typer.echo(word(line, language))
    for place in outs.values():
        typer.echo(word(Reason("cli.written", {"out": str(place)}), language))


def _checked(option: "Option", value: Any) -> Any:
    """Return a value within its bounds.

    Raises:
        InputFault: `cli.option_outside`.
    """
    if option.kind not in ("number", "whole"):
        return value
    least, most = option.least, option.most
    if (least is not None and not value >= least) or (most is not None and not value <= most):
        raise InputFault(
            "cli.option_outside",
            option=f"--{option.name}",
            value=f"{value:g}",
            least="-" if least is None else f"{least:.10g}",
            most="-" if most is None else f"{most:.10g}",
        )
    return value
