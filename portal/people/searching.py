"""Finding employees by words, through an index of each three letters: as quick among many as among few."""

import operator
import re
from collections.abc import Iterable
from functools import reduce
from typing import Any, TypeAlias

from anyascii import anyascii
from peewee import SQL, Select, Value, fn

from portal.database import database, empty_journal, is_sqlite, transaction
from portal.people.models import Employee

# A select of employees, which the types of peewee cannot follow through tuples() and select().
Employees: TypeAlias = Any

MOST_WORDS = 8
MOST_LISTED = 1000
MANY = 10_000
MOST_VALUES = 500
SHORTEST_INDEXED = 3
CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f]+")


def search(visible: Employees, text: str) -> Employees:
    """The employees whose record holds each word of the text, with or without its accents.

    A word is found anywhere in the record, one of two letters where a word begins. Few employees are named one by one,
    to be sorted afterwards. Many are found soon by walking along the list in its order and reading each record.
    """
    words = [_in_plain_letters(word) for word in clean(text).split()[:MOST_WORDS]]
    # The searched text has a space before every word, which makes three letters of two.
    words = [f" {word}" if len(word) == SHORTEST_INDEXED - 1 else word for word in words]
    indexed = [word for word in words if len(word) >= SHORTEST_INDEXED]
    if not indexed:
        return _reading(visible, words)
    found = _indexed(_reading(visible, set(words) - set(indexed)), indexed) if is_sqlite() else _reading(visible, words)
    few = list(found.select(Employee.id).limit(MOST_LISTED + 1).scalars())
    if len(few) <= MOST_LISTED:
        return Employee.select().where(Employee.id.in_(_numbers(few)))
    return found if found.select(Employee.id).limit(MANY + 1).count() <= MANY else _reading(visible, words)


def _numbers(ids: Iterable[int]) -> SQL:
    """The numbers as they are written in a statement: a thousand values that are bound one by one take longer."""
    return SQL(f"({', '.join(str(int(number)) for number in ids) or 'NULL'})")


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


def _reading(visible: Employees, words: Iterable[str]) -> Employees:
    for word in words:
        visible = visible.where(Employee.search_text.contains(word))
    return visible


def _indexed(visible: Employees, words: list[str]) -> Employees:
    phrases = " ".join('"' + word.replace('"', '""') + '"' for word in words)
    rows = SQL("(SELECT rowid FROM employee_search WHERE employee_search MATCH ?)", [phrases])
    return visible.where(Employee.id.in_(rows))


def departments(visible: Employees, most: int = MOST_VALUES) -> list[str]:
    """The departments of the employees, to choose from."""
    return _values(visible, [Employee.department], most)[0]


def locations(visible: Employees, most: int = MOST_VALUES) -> list[str]:
    """The locations of the employees, to choose from."""
    return _values(visible, [Employee.location], most)[0]


def departments_and_locations(visible: Employees, most: int = MOST_VALUES) -> list[list[str]]:
    """The same two, read by one statement."""
    return _values(visible, [Employee.department, Employee.location], most)


def _values(visible: Employees, columns: list[Any], most: int) -> list[list[str]]:
    """What is in each column, read by one statement: each value is looked up in the index after the one before it."""
    walks = [_walk(visible, column) for column in columns]
    parts = [Select([walk], [Value(number), walk.c.name]).where(walk.c.name.is_null(False)).limit(most)
             for number, walk in enumerate(walks)]  # fmt: skip
    # In SQLite only a statement within a union may have a limit of its own.
    whole = reduce(operator.add, [Select([part], [SQL("*")]) for part in parts])
    found: list[list[str]] = [[] for _ in columns]
    for number, value in whole.with_cte(*walks).tuples().execute(database):
        found[number].append(value)
    return found


def _walk(visible: Employees, column: Any) -> Any:
    first = visible.select(fn.MIN(column)).where(column > "")
    named = first.cte(f"every_{column.name}", recursive=True, columns=("name",))
    following = visible.select(fn.MIN(column)).where(column > named.c.name)
    return named.union_all(Select([named], [following]).where(named.c.name.is_null(False)))
