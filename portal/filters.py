"""What of a list is looked for: read from an address, written to one, and applied to a query by each list itself."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any, Self

from portal import params

MOST_LETTERS = 100


def one_of(choices: Iterable[str], otherwise: str = "") -> Any:
    """A field that is one of the choices. otherwise: what it is when the address says something else, or nothing."""
    return field(default=otherwise, metadata={"choices": frozenset(choices)})


def that(fits: Callable[[str], bool]) -> Any:
    """A field of a filter; empty when the address has another value."""
    return field(default="", metadata={"fits": fits})


def words(*, most: int = MOST_LETTERS) -> Any:
    """A field of words, as one line. most: in letters."""
    return field(default="", metadata={"most": most})


@dataclass(frozen=True)
class Filter:
    """Each field is a word of the address's query, and text; one that has its default is not in it."""

    @classmethod
    def read(cls, values: Mapping[str, str]) -> Self:
        """The filter in an address. values: its query. What is not understood there is as if it were absent."""
        given = {name: _understood(each, values[name]) for name, each in _fields_of(cls) if name in values}  # type: ignore[arg-type]
        return cls(**{**_nothing(cls), **given})  # type: ignore[arg-type]

    def values(self) -> dict[str, str]:
        """The filter for an address: only what differs from an empty one."""
        own = self.__dict__
        return {name: str(own[name]) for name, each in _fields_of(type(self)) if own[name] != each.default}  # type: ignore[arg-type]


@cache
def _fields_of(kind: Any) -> list[tuple[str, Any]]:
    return [(each.name, each) for each in fields(kind)]


@cache
def _nothing(kind: Any) -> dict[str, str]:
    """What an address without a word gives."""
    return {name: _understood(each, "") for name, each in _fields_of(kind)}


def _understood(each: Any, value: str) -> str:
    if "choices" in each.metadata:
        return value if value in each.metadata["choices"] else each.default
    if "fits" in each.metadata:
        return value if each.metadata["fits"](value) else each.default
    return params.one_line(value, most=each.metadata.get("most", MOST_LETTERS))
