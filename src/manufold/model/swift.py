"""Reading and writing documents swiftly: one compiled function per type, for the usual good case.

A fault raises `Misfit` without saying where; `read_carefully` then reads the same document again
and names the place. Both must agree on what is sound (tested on mutated documents).
"""

import dataclasses
import types
import typing
from collections.abc import Callable, Mapping
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any

__all__ = ["Misfit", "reader", "written"]

Reader = Callable[[Any], Any]
_PLAIN = frozenset({str, int, bool, Decimal, type(None)})


class Misfit(Exception):
    """The document does not fit; read it carefully to learn where."""


def written(noun: Any) -> Any:
    """Return plain JSON values (dict, list, str, int, Decimal, bool, None) of a noun."""
    kind: Any = type(noun)
    if kind in _PLAIN:
        return noun
    names = _field_names(kind)
    if names is not None:
        return {name: written(getattr(noun, name)) for name in names}
    if isinstance(noun, Enum):
        return noun.value
    if isinstance(noun, Mapping):
        return {str(key): written(value) for key, value in noun.items()}
    if isinstance(noun, (list, tuple)):
        return [written(value) for value in noun]
    if isinstance(noun, (frozenset, set)):
        return sorted(written(value) for value in noun)
    if isinstance(noun, (str, int, Decimal)):
        return noun
    raise TypeError(f"{kind.__name__} has no place in a document")


@cache
def reader(hint: Any) -> Reader:
    """Return the function that reads what a type hint asks for, raising `Misfit` at any fault."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return _union(arguments)
    if origin is typing.Literal:
        return _one_of(arguments)
    if origin is tuple:
        return _tuple(arguments)
    if origin is not None and issubclass(origin, Mapping):
        return _mapping(reader(arguments[1]))
    if dataclasses.is_dataclass(hint):
        return _noun(typing.cast(type, hint))
    if hint is str or hint is bool:
        return _exactly(hint)
    if hint is int:
        return _whole
    if hint is Decimal:
        return _number
    if hint is Any or hint is object:
        return lambda value: value
    return _unknown  # enumerations are rare enough to be read carefully


@cache
def _field_names(kind: Any) -> tuple[str, ...] | None:
    if not dataclasses.is_dataclass(kind):
        return None
    return tuple(f.name for f in dataclasses.fields(kind) if f.init)


def _exactly(kind: type) -> Reader:
    def read(value: Any) -> Any:
        if type(value) is not kind:
            raise Misfit
        return value

    return read


def _whole(value: Any) -> Any:
    if type(value) is not int:
        raise Misfit
    return value


def _unknown(value: Any) -> Any:
    raise Misfit


def _union(arguments: tuple[Any, ...]) -> Reader:
    rest = [hint for hint in arguments if hint is not type(None)]
    if len(rest) == len(arguments) or len(rest) > 1:
        allowed = frozenset(arguments)

        def read_scalar(value: Any) -> Any:
            if type(value) not in allowed:
                raise Misfit
            return value

        return read_scalar
    inner = reader(rest[0])
    return lambda value: None if value is None else inner(value)


def _one_of(values: tuple[Any, ...]) -> Reader:
    def read(value: Any) -> Any:
        if type(value) is not str or value not in values:
            raise Misfit
        return value

    return read


def _tuple(arguments: tuple[Any, ...]) -> Reader:
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        each = reader(arguments[0])

        def read_all(value: Any) -> Any:
            if type(value) is not list:
                raise Misfit
            return tuple([each(item) for item in value])

        return read_all
    readers = tuple(reader(hint) for hint in arguments)

    def read_each(value: Any) -> Any:
        if type(value) is not list or len(value) != len(readers):
            raise Misfit
        return tuple([read(item) for read, item in zip(readers, value, strict=True)])

    return read_each


def _mapping(each: Reader) -> Reader:
    def read(value: Any) -> Any:
        if type(value) is not dict:
            raise Misfit
        return {key: each(item) for key, item in value.items()}

    return read


def _noun(kind: type) -> Reader:
    hints = typing.get_type_hints(kind)
    fields = [f for f in dataclasses.fields(kind) if f.init]
    readers: dict[str, Reader] = {}
    required = frozenset(
        f.name
        for f in fields
        if f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING
    )

    def read(value: Any) -> Any:
        if type(value) is not dict or not required <= value.keys():
            raise Misfit
        if not readers:  # compiled at first use, so that a noun may hold nouns of its own kind
            readers.update({f.name: reader(hints[f.name]) for f in fields})
        try:
            found = {name: readers[name](item) for name, item in value.items()}
        except KeyError:
            raise Misfit from None
        return kind(**found)

    return read


def _number(value: Any) -> Any:
    kind = type(value)
    if kind is Decimal:
        return value
    if kind is int:
        return Decimal(value)
    raise Misfit
