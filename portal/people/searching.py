"""Finding employees by words, through an index of each three letters: as quick among many as among few."""

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from functools import partial, reduce
from typing import Any, NamedTuple, TypeAlias

from anyascii import anyascii
from peewee import OP, SQL, Expression, NodeList, Select, Value, fn

from portal import counting
from portal.asking import Several, each_value, kept, one_of
from portal.database import database, empty_journal, is_sqlite, transaction
from portal.languages import gettext as _
from portal.people.models import Employee

# A select of employees, which the types of peewee cannot follow through tuples() and select().
Employees: TypeAlias = Any

MOST_WORDS = 8
MOST_LISTED = 1000
MOST_VALUES = 2_000
SHORTEST_INDEXED = 3
CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f]+")


class Reach(StrEnum):
    """Whose records a user may see: of all of the organisation, of a country or department, of their reports and their
    own, or their own.
    """

    ALL = "all"
    COUNTRY = "country"
    DEPARTMENT = "department"
    TEAM = "team"
    OWN = "own"


class Sight(NamedTuple):
    """What a user may see. organisation: its number. own: number of the own record, or the country or department."""

    reach: Reach
    organisation: int
    own: int | str | None = None

    @property
    def is_whole(self) -> bool:
        return self.reach == Reach.ALL

    @property
    def is_part(self) -> bool:
        """Whether it ends at a country or a department."""
        return self.reach in (Reach.COUNTRY, Reach.DEPARTMENT)


def outside(sight: Sight, values: Mapping[str, Any]) -> dict[str, str]:
    """Field -> what is wrong with it, when a record with these values would lie outside of what a user may see."""
    name = {Reach.COUNTRY: "country", Reach.DEPARTMENT: "department"}.get(sight.reach)
    if name is None or values.get(name) == sight.own:
        return {}
    return {name: _("You look after %(own)s. Ask an Admin to move people to or from it.", own=sight.own)}


def seen(reach: Reach, *, organisation: Any, own: Any) -> Employees:
    """The employees of a Sight."""
    employees = Employee.select().where(Employee.organisation == organisation)
    return employees if reach == Reach.ALL else employees.where(within(reach, own))


def within(reach: Reach, own: Any) -> Any:
    """What is true of the employees of such a reach; not for ALL."""
    if reach in (Reach.COUNTRY, Reach.DEPARTMENT):
        # A record without one is nobody's part.
        column: Any = Employee.country if reach == Reach.COUNTRY else Employee.department
        return (column == own) & (column != "")
    mine = Employee.id == own
    return (Employee.manager == own) | mine if reach == Reach.TEAM else mine


class How(StrEnum):
    """FEW are named one by one, to be sorted afterwards. Of MANY, a list in its order soon shows some: each record is
    read. INDEX: the index names them, which may be all that a list has at its end.
    """

    FEW = "few"
    MANY = "many"
    INDEX = "index"


class Among(NamedTuple):
    """What a search narrows a list to. how: shapes the condition. values: those in it, by name."""

    how: How | None
    values: dict[str, Any]


def search(visible: Employees, text: str) -> Employees:
    """The employees whose record holds each word of the text, with or without its accents.

    A word is found anywhere in the record, one of two letters where a word begins.
    """

    def hits(**every: Any) -> Any:
        return narrowed(visible, How.INDEX, **every).select(Employee.id).limit(MOST_LISTED + 1).tuples()

    found = _among(text, hits)
    return narrowed(visible, found.how, **found.values)


def found_in(sight: Sight, text: str) -> Among:
    """The same among those whom a user may see, for a kept statement: see `narrowed`."""

    def hits(**every: Any) -> list[tuple[int]]:
        return _hits.rows(sight.reach, organisation=sight.organisation, own=sight.own, **every)

    return _among(text, lambda **every: counting.remembered(("search", sight, text), partial(hits, **every), size=len))


def _among(text: str, hits: Callable[..., Iterable[tuple[int]]]) -> Among:
    """hits: gives the numbers of those whom the index finds, so many that it shows whether they are few."""
    words = [_in_plain_letters(word) for word in clean(text).split()[:MOST_WORDS]]
    # The searched text has a space before every word, which makes three letters of two.
    words = [f" {word}" if len(word) == SHORTEST_INDEXED - 1 else word for word in words]
    indexed = [word for word in words if len(word) >= SHORTEST_INDEXED]
    if not words:
        return Among(None, {})
    # Of an address the index is asked for its first part: the domain is in the record of nearly everybody.
    parts = {word: _in_index(word) for word in words}
    every: dict[str, Any] = {
        "words": [_anywhere(word) for word in words],
        "short": [_anywhere(word) for word in words if word not in indexed],
        "asked": [_anywhere(part) for part in parts.values()], "phrases": _phrases(parts[word] for word in indexed),
        "whole": [word for word, part in parts.items() if word != part],
    }  # fmt: skip
    if not indexed:
        return Among(How.MANY, every)
    ids = [number for (number,) in hits(**every)]
    return Among(How.FEW, {"ids": Several(ids)}) if len(ids) <= MOST_LISTED else Among(How.INDEX, every)


@kept
def _hits(reach: Reach, *, organisation: Any, own: Any, **every: Any) -> Any:
    found = narrowed(seen(reach, organisation=organisation, own=own), How.INDEX, **every)
    return found.select(Employee.id).limit(MOST_LISTED + 1).tuples()


def narrowed(
    visible: Employees, how: How | None, *, words: Any = (), short: Any = (), asked: Any = (), phrases: Any = "",
    whole: Any = (), ids: Any = (),
) -> Employees:  # fmt: skip
    """Those of the visible who are among the found.

    short: those of the words that SQLite's index does not know. asked, phrases: what PostgreSQL's and SQLite's is asked
    for. whole: the words of which that is a part only.
    """
    if how is None:
        return visible
    if how == How.FEW:
        return visible.where(one_of(Employee.id, ids))
    if how == How.INDEX:
        words = short if is_sqlite() else asked
        for word in whole:
            # No pattern: PostgreSQL would ask the index for it.
            visible = visible.where((fn.INSTR if is_sqlite() else fn.STRPOS)(Employee.search_text, word) > 0)
        if is_sqlite():
            hits = (SQL("(SELECT rowid FROM employee_search WHERE employee_search MATCH"), phrases, SQL(")"))
            visible = visible.where(Employee.id.in_(NodeList(hits)))
    # Both are in small letters already, which PostgreSQL would make of each record again. SQLite has one way only.
    like = OP.ILIKE if is_sqlite() else OP.LIKE
    for word in words:
        visible = visible.where(Expression(Employee.search_text, like, _escaped(word)))
    return visible


def _anywhere(word: str) -> str:
    """The pattern of a text that has the word in it."""
    return "%" + re.sub(r"([%_!])", r"!\1", word) + "%"


def _escaped(pattern: Any) -> NodeList:
    return NodeList((pattern, SQL("ESCAPE '!'")))


def _in_index(word: str) -> str:
    """What the index is asked for of a word; the rest is looked for in the records that it finds."""
    name, at, _domain = word.partition("@")
    return name + at if len(name) >= SHORTEST_INDEXED else word


def _phrases(words: Iterable[str]) -> str:
    return " ".join('"' + word.replace('"', '""') + '"' for word in words)


def forget_what_was_removed() -> None:
    """Take what was removed from employees' records out of the index, and out of SQLite's own journal.

    Until its parts are merged the index of SQLite keeps the letters of a record that is gone. FTS5 has a setting for it
    (secure-delete) from SQLite 3.42 on, which older ones could not read. PostgreSQL's VACUUM does it on its own.
    https://www.sqlite.org/fts5.html#the_optimize_command
    """
    if is_sqlite():
        with transaction():
            database.execute_sql("INSERT INTO employee_search(employee_search) VALUES ('optimize')")
        empty_journal()


def clean(text: str) -> str:
    """The text as one line of a length that can be searched for."""
    return CONTROL_CHARACTERS.sub(" ", text).strip()[:200]


def _in_plain_letters(word: str) -> str:
    """The searched text holds every word in plain letters too."""
    return anyascii(word).casefold().strip() or word.casefold()


def departments(visible: Employees, most: int = MOST_VALUES) -> list[str]:
    """The departments of the employees, to choose from."""
    return _values(visible, [Employee.department], most)[0]


def locations(visible: Employees, most: int = MOST_VALUES) -> list[str]:
    """The locations of the employees, to choose from."""
    return _values(visible, [Employee.location], most)[0]


def departments_and_locations(sight: Sight) -> list[list[str]]:
    """The same two of those whom a user may see, read by one statement."""
    reach, organisation, own = sight
    return _by_column(_both.rows(reach, organisation=organisation, own=own), 2)


@kept
def _both(reach: Reach, *, organisation: Any, own: Any) -> Any:
    return _numbered(seen(reach, organisation=organisation, own=own), [Employee.department, Employee.location])


def _values(visible: Employees, columns: list[Any], most: int) -> list[list[str]]:
    return _by_column(_numbered(visible, columns, most).tuples().execute(database), len(columns))


def _by_column(rows: Iterable[tuple[int, str]], columns: int) -> list[list[str]]:
    found: list[list[str]] = [[] for _ in range(columns)]
    for number, value in rows:
        found[number].append(value)
    return found


def _numbered(visible: Employees, columns: list[Any], most: int = MOST_VALUES) -> Any:
    """What is in each column, read by one statement: each value is looked up in the index after the one before it.

    Rows of the column's number and the value.
    """
    walks = [each_value(visible, column) for column in columns]
    parts = [Select([walk], [Value(number), walk.c.name]).where(walk.c.name.is_null(False)).limit(most)
             for number, walk in enumerate(walks)]  # fmt: skip
    # In SQLite only a statement within a union may have a limit of its own.
    whole = reduce(operator.add, [Select([part], [SQL("*")]) for part in parts])
    return whole.with_cte(*walks).tuples()
