"""One page of a long list. It begins behind a row that the address names: as quick at the end as at the start."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

PER_PAGE = 50
IN_ONE_PART = 1_000
Row = TypeVar("Row")


@dataclass
class Page(Generic[Row]):
    """Some rows of a list. start: the row behind which it begins; None for the first page.

    further: the row behind which the next page begins; None for the last page.
    """

    rows: list[Row] = field(default_factory=list)
    start: int | None = None
    further: int | None = None


def page_of(query: Any, key: Any, start: int | None, *, newest_first: bool = False) -> Page[Any]:
    """One page of the query's rows, in the order of `key`: a field of whole numbers, no two of them alike.

    start: the number behind which it begins, None or zero for the first page.
    """
    if start:
        query = query.where(key < start if newest_first else key > start)
    rows, more = start_of(query.order_by(key.desc() if newest_first else key.asc()), PER_PAGE)
    return Page(rows, start, getattr(rows[-1], key.name) if more else None)


def kept_page(statement: Any, make: Any, start: int | None, *shape: Any, **values: Any) -> Page[Any]:
    """As page_of, by a kept statement that takes `begins` and `start` for `begun`. make: a named tuple of its row."""
    return page_of_rows(statement.made(make, bool(start), *shape, start=start or 0, **values), start)


def page_of_rows(found: list[Any], start: int | None) -> Page[Any]:
    """The same of named tuples that are made of what `begun` gives: the first is what they are in the order of."""
    rows = found[:PER_PAGE]
    return Page(rows, start, rows[-1][0] if len(found) > PER_PAGE else None)


def begun(query: Any, key: Any, begins: bool, start: Any, *, newest_first: bool = False) -> Any:
    """One page of the query's rows and one row more, as tuples. begins: behind the row `start`, not at the first."""
    if begins:
        query = query.where(key < start if newest_first else key > start)
    return query.order_by(key.desc() if newest_first else key.asc()).limit(PER_PAGE + 1).tuples()


def start_of(query: Any, most: int) -> tuple[list[Any], bool]:
    """So many rows from the start of the query at the most, and whether there are more."""
    rows = list(query.limit(most + 1))
    return rows[:most], len(rows) > most


def every(query: Any, key: Any) -> Iterator[Any]:
    """All rows of the query in the order of `key`, as in page_of; read part by part, so that no other waits for it."""
    rows: list[Any] = list(query.order_by(key).limit(IN_ONE_PART))
    while rows:
        yield from rows
        rows = list(query.where(key > getattr(rows[-1], key.name)).order_by(key).limit(IN_ONE_PART))


def beyond(keys: Sequence[Any], place: Sequence[Any], *, downwards: bool = False) -> Any:
    """The condition for what comes after the place in an order by several keys. place: a value for each key.

    The first key is also compared alone, for an index to start there.
    """
    found = None
    for key, value in reversed(list(zip(keys, place, strict=True))):
        past = key < value if downwards else key > value
        found = past if found is None else past | ((key == value) & found)
    return (keys[0] <= place[0] if downwards else keys[0] >= place[0]) & found
