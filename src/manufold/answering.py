"""How a command answers: one JSON object or words for people, and an exit code.

With `--json` standard output carries exactly one object, also when the answer is a refusal; what
is said to people goes to standard error. An exception that nobody expected is told as our fault
in one line; with MANUFOLD_DEBUG=1 its traceback is shown instead.
"""

import json
import os
import select
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from manufold.model.errors import InputFault, ManufoldError, OurFault

if TYPE_CHECKING:
    from manufold.app import Manufold

__all__ = ["answering", "ended", "opened", "print_json"]

#: what typer raises when the command line itself is wrong; its own name for it is private
_UsageError: type[Exception] = typer.BadParameter.__mro__[1]


def ended(app: typer.Typer, arguments: Sequence[str]) -> int:
    """Run a command line to its end; return the exit code."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError):  # a name of a file need not be text, nor a terminal UTF-8
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        return app(args=list(arguments), prog_name="manufold", standalone_mode=False) or 0
    except _UsageError as error:
        where = getattr(getattr(error, "ctx", None), "command_path", "manufold")
        if type(error).__name__ == "NoArgsIsHelpError":
            typer.echo(str(error), err=True)
            return InputFault.exit_code
        what = error.format_message().replace("\n", " ")  # type: ignore[attr-defined]
        fault = InputFault("cli.usage", what=what.rstrip("."), command=where)
        return _refused(fault, "--json" in arguments, "en")
    except typer.Abort:
        return 130


@contextmanager
def opened(
    home: Path | None, as_json: bool, language: str | None, *, make: bool = False
) -> Iterator["Manufold"]:
    """Open a home for a command and word whatever is refused.

    Args:
        make: make the home with the demo network when there is none.
    """
    with answering(as_json, language):
        from manufold.app import open_home

        def say(text: str) -> None:
            typer.echo(text, err=True)

        with (
            open_home(home, language=language, say=say, make=make) as m,
            answering(as_json, m.language),
        ):
            yield m


@contextmanager
def answering(as_json: bool, language: str | None) -> Iterator[None]:
    """Turn a refusal inside the block into its sentence and its exit code."""
    if language is not None:
        from manufold.words import LANGUAGES

        if language not in LANGUAGES:
            known = ", ".join(LANGUAGES)
            unknown = InputFault("words.language_unknown", language=language[:80], known=known)
            raise typer.Exit(_refused(unknown, as_json, "en"))
    try:
        yield
        sys.stdout.flush()
    except typer.Exit:
        raise
    except SystemExit:  # rich's way to end when the reader of a table went away
        raise typer.Exit(0) from None
    except ManufoldError as error:
        if isinstance(error, OurFault) and os.environ.get("MANUFOLD_DEBUG"):
            raise
        raise typer.Exit(_refused(error, as_json, language or "en")) from None
    except Exception as error:
        if isinstance(error, BrokenPipeError) and _reader_gone():
            raise typer.Exit(0) from None  # what was asked is done
        if os.environ.get("MANUFOLD_DEBUG"):
            raise
        what = (str(error).strip() or "no message").splitlines()[0][:200]
        fault = OurFault("cli.unexpected", kind=type(error).__name__, what=what)
        raise typer.Exit(_refused(fault, as_json, language or "en")) from None


def print_json(answer: dict[str, Any]) -> None:
    """Print one JSON object on one line; exact numbers become JSON numbers."""
    convert: Callable[[Any], Any] = float
    sys.stdout.write(json.dumps(answer, default=convert) + "\n")


def _reader_gone() -> bool:
    """Say whether standard output leads nowhere; if so, let the rest of it go there in peace."""
    try:
        fd = sys.stdout.fileno()
    except OSError:  # not a file at all
        return False
    waiting = select.poll()
    waiting.register(fd, 0)
    if not any(event & (select.POLLERR | select.POLLHUP) for _, event in waiting.poll(0)):
        return False
    os.dup2(os.open(os.devnull, os.O_WRONLY), fd)
    return True


def _refused(error: ManufoldError, as_json: bool, language: str) -> int:
    from manufold.api.wire import error_answer

    answer = error_answer(error, language)
    typer.echo(f"manufold: {answer['text']}", err=True)
    for fault in answer["faults"]:
        typer.echo(f"  {fault['where']}: {fault['text']}", err=True)
    if as_json:
        print_json(answer)
    return error.exit_code
