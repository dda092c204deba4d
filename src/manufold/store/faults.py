"""What databases throw, told as our own refusals: who must act, and what about.

Nothing of SQLAlchemy, sqlite3 or psycopg leaves the store. SQLite is read by its result codes and
PostgreSQL by its SQLSTATEs, never by the wording of a message, which changes with the language.

Source  sqlite.org/rescode.html; PostgreSQL documentation, appendix A (error codes).
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import exc

from manufold.model.errors import Conflict, InputFault, ManufoldError, OurFault, StoreFault

__all__ = ["refusals", "translated"]

#: primary result codes of SQLite -> our code
_SQLITE = {
    5: "store.locked",  # SQLITE_BUSY
    6: "store.locked",  # SQLITE_LOCKED
    15: "store.locked",  # SQLITE_PROTOCOL: the WAL lock could not be had
    11: "store.corrupt",  # SQLITE_CORRUPT
    26: "store.corrupt",  # SQLITE_NOTADB
    10: "store.disk_failed",  # SQLITE_IOERR
    13: "store.full",  # SQLITE_FULL
    3: "store.unwritable",  # SQLITE_PERM
    8: "store.unwritable",  # SQLITE_READONLY
    14: "store.unwritable",  # SQLITE_CANTOPEN
    23: "store.unwritable",  # SQLITE_AUTH
}
_SHORT_READ = 522  # SQLITE_IOERR_SHORT_READ: the file ends before the page it must hold

#: SQLSTATEs and their classes -> our code; the longer one wins
_POSTGRES = {
    "08": "store.unreachable",
    "28": "store.unreachable",
    "3D": "store.unreachable",
    "57P": "store.unreachable",
    "53": "store.full",
    "533": "store.unreachable",  # too many connections
    "25006": "store.unwritable",
    "42501": "store.unwritable",
    "40": "store.locked",
    "55P03": "store.locked",
    "57014": "store.locked",
    "XX001": "store.corrupt",
    "XX002": "store.corrupt",
    "42P01": "store.corrupt",  # a table is gone
    "42703": "store.corrupt",  # a column is gone
    "58": "store.disk_failed",
}
_EXCLUSION = "23P01"
_TRIGGER = "slot_taken"


def translated(error: BaseException) -> ManufoldError | None:
    """Return our refusal for what a database or its driver threw; None for any other exception."""
    if isinstance(error, exc.DBAPIError) and isinstance(error.orig, BaseException):
        return translated(error.orig) or _failed(error.orig)
    if isinstance(error, sqlite3.Error | sqlite3.Warning):
        return _of_sqlite(error)
    if any(kind.__module__.partition(".")[0] == "psycopg" for kind in type(error).__mro__):
        return _of_postgres(error)
    if isinstance(error, exc.TimeoutError):
        return StoreFault("store.locked")
    if isinstance(error, exc.NoSuchModuleError | exc.ArgumentError):
        return InputFault("store.url_wrong", what=_first_line(error))
    if isinstance(error, exc.SQLAlchemyError | exc.SADeprecationWarning):
        return OurFault("store.misused", what=_first_line(error))
    return None


@contextmanager
def refusals() -> Iterator[None]:
    """Let nothing of a database out of this block but our own refusals."""
    try:
        yield
    except ManufoldError:
        raise
    except Exception as error:
        refusal = translated(error)
        if refusal is None:
            raise
        raise refusal from error


def _of_sqlite(error: BaseException) -> ManufoldError:
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        if isinstance(error, sqlite3.ProgrammingError | sqlite3.InterfaceError):
            return OurFault("store.misused", what=_first_line(error))
        undecodable = isinstance(error, sqlite3.OperationalError)  # a text that is no UTF-8
        return _failed(error, "store.corrupt" if undecodable else "store.failed")
    if _TRIGGER in str(error):
        return Conflict("store.slot_taken", resource="?", seat=0, from_s=0, to_s=0)
    if code == _SHORT_READ:
        return StoreFault("store.corrupt", what=_first_line(error))
    ours = _SQLITE.get(code & 0xFF)
    if ours is None:
        missing = code == 1 and "no such" in str(error)
        return _failed(error, "store.corrupt" if missing else "store.failed")
    return StoreFault(ours) if ours == "store.locked" else _failed(error, ours)


def _of_postgres(error: BaseException) -> ManufoldError:
    state = getattr(error, "sqlstate", None) or ""
    if state == _EXCLUSION:
        return Conflict("store.slot_taken", resource="?", seat=0, from_s=0, to_s=0)
    for length in (5, 3, 2):
        ours = _POSTGRES.get(state[:length])
        if ours is not None:
            return StoreFault(ours) if ours == "store.locked" else _failed(error, ours)
    names = {kind.__name__ for kind in type(error).__mro__}
    if not state and "OperationalError" in names:  # no answer, hence no SQLSTATE
        return _failed(error, "store.unreachable")
    return _failed(error)


def _failed(error: BaseException, code: str = "store.failed") -> StoreFault:
    return StoreFault(code, what=_first_line(error))


def _first_line(error: BaseException) -> str:
    text = str(error).strip() or type(error).__name__
    return text.splitlines()[0][:160]
