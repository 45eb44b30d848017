"""Writing the records of an import in bulk, which passes Employee.save by: what it derives is derived here."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from peewee import chunked

from portal import happenings
from portal.asking import Several, kept, one_of
from portal.columns.known import MANAGER, SECOND
from portal.database import database
from portal.happenings import Happening
from portal.import_plans.plans import FIELDS, Entry
from portal.organisations.models import Organisation
from portal.people import actions as people
from portal.people import addresses
from portal.people.models import Employee, searchable

# SQLite takes 32,766 values in a statement, PostgreSQL 65,535; there are some twenty-four in a row.
IN_ONE_STATEMENT = 1_000
# What a change of a record leaves alone.
NEW_ONLY = ("organisation", "created_at", "photo", "manager")
PERSONAL_EMAIL = FIELDS.index("personal_email")


def store(
    organisation: Organisation, entries: Iterable[Entry], moment: datetime, *, with_managers: bool = False,
    beside: Mapping[int, tuple[str, str]] | None = None,
) -> list[Entry]:  # fmt: skip
    """Add and change the employees. moment: the time of the change in their records.

    with_managers: also say to whom those report who are new. beside: what is `derived` of each record, by line, where
    that is known already. Returns those who are new and whose manager is not there.
    """
    entries, at = list(entries), Employee.changed_at.db_value(moment)
    beside = beside or {entry.line: derived(entry.record) for entry in entries}
    new = [entry for entry in entries if entry.changes is None]
    id_of = _ids_of(organisation, {entry.manager for entry in new if entry.manager}) if with_managers else {}
    for entry in entries:
        if entry.was:
            mine = (Employee.organisation == organisation) & (Employee.employee_number == entry.was)
            Employee.update(employee_number=entry.employee_number).where(mine).execute()
    changed = [entry for entry in entries if entry.changes is not None]
    _note_addresses(organisation, changed)
    for conflict, some in ((False, new), (True, changed)):
        _all_in_one(
            ((organisation.id, *entry.record, *beside[entry.line], at, at, "", id_of.get(entry.manager or ""))
             for entry in some),
            _statement(conflict, database.param),
        )  # fmt: skip
    happenings.tell_all(organisation.id, "employee", lambda: _told(organisation, entries))
    late = [entry for entry in new if entry.manager and entry.manager not in id_of] if with_managers else []
    here = {entry.employee_number for entry in new}
    set_managers(organisation, ((one.employee_number, one.manager or "") for one in late if one.manager in here))
    return [entry for entry in late if entry.manager not in here]


@cache
def _statement(known: bool, param: str) -> str:
    """The statement that adds one employee; or changes one who is known. param: how the database marks a value."""
    names = ["organisation", *FIELDS, "sort_name", "search_text", "changed_at", "created_at", "photo", "manager"]
    insert = Employee.insert_many([tuple(names)], fields=[getattr(Employee, name) for name in names])
    if known:
        renewed = [getattr(Employee, name) for name in names if name not in NEW_ONLY]
        insert = insert.on_conflict(conflict_target=[Employee.organisation, Employee.employee_number], preserve=renewed)
    return str(insert.sql()[0])


def _ids_of(organisation: Organisation, numbers: set[str]) -> dict[str, int]:
    """The rows of the employees with these numbers, of those who are there."""
    return dict(_rows_of.rows(organisation=organisation.id, numbers=Several(numbers))) if numbers else {}


@kept
def _rows_of(*, organisation: Any, numbers: Any) -> Any:
    mine = (Employee.organisation == organisation) & one_of(Employee.employee_number, numbers)
    return Employee.select(Employee.employee_number, Employee.id).where(mine).tuples()


def _told(organisation: Organisation, entries: list[Entry]) -> Iterator[Happening]:
    """What other systems are told of the entries."""
    for some in chunked(entries, 500):
        numbers = [entry.employee_number for entry in some]
        id_of = _ids_of(organisation, set(numbers))
        for entry in some:
            yield from people.told_of(id_of[entry.employee_number], entry.changes or {}, new=entry.changes is None)


def _note_addresses(organisation: Organisation, changed: list[Entry]) -> None:
    """Keep whose private address is about to be replaced, as a change by hand does."""
    for some in chunked(changed, 500):
        fresh = {entry.employee_number: entry.record[PERSONAL_EMAIL] for entry in some}
        known = Employee.select(Employee.id, Employee.employee_number, Employee.personal_email).where(
            Employee.organisation == organisation, Employee.employee_number.in_(list(fresh))
        )
        addresses.note_all(
            organisation.id, [(row.id, row.personal_email, fresh[row.employee_number]) for row in known]
        )  # fmt: skip


def moves(entries: Iterable[Entry], column: str = MANAGER) -> Iterable[Entry]:
    """Those of the entries that give a person another manager, or a first one. column: MANAGER or SECOND."""
    for entry in entries:
        number = entry.second if column == SECOND else entry.manager
        if number if entry.changes is None else column in entry.changes:
            yield entry


def set_managers(organisation: Organisation, pairs: Iterable[tuple[str, str]], column: str = MANAGER) -> None:
    """Once all are there, say who reports to whom. pairs: number, and number of the manager or nothing.

    column: MANAGER, or SECOND for the second managers.
    """
    pairs = list(pairs)
    numbers = {number for pair in pairs for number in pair if number}
    staff = Employee.select(Employee.employee_number, Employee.id).where(
        Employee.organisation == organisation,
        *([Employee.employee_number.in_(numbers)] if len(numbers) < 10_000 else []),
    )
    id_of: dict[str, int | None] = {**dict(staff.tuples()), "": None}
    _for_each(
        ((id_of[manager], id_of[number]) for number, manager in pairs),
        Employee.update({"second_manager" if column == SECOND else "manager": 0}).where(Employee.id == 0),
    )


def _all_in_one(rows: Iterable[tuple[Any, ...]], statement: str) -> None:
    """Run the insert of one row with the values of all. As one statement: SQLite's index of letters is brought up to
    date with each, which takes it longer than all else.
    """
    head, _, tail = statement.partition(" VALUES ")
    one = tail[: tail.index(")") + 1]
    for some in chunked(rows, IN_ONE_STATEMENT):
        sql = f"{head} VALUES {', '.join([one] * len(some))}{tail[len(one) :]}"
        database.execute_sql(sql, [value for row in some for value in row])


def _for_each(rows: Iterable[tuple[Any, ...]], query: Any) -> None:
    """Run the query with the values of each row in place of its own. Writing its SQL for each row takes far longer."""
    sql, _ = query.sql()
    database.cursor().executemany(sql, rows)


def derived(record: tuple[Any, ...]) -> tuple[str, str]:
    """sort_name and search_text of a record, as Employee.save makes them."""
    number, first, last, preferred, job, department, personal, company, _, _, location, *_ = record
    sort_name = f"{last or first} {first}".strip().casefold()[:220]
    return sort_name, searchable(first, last, preferred, number, job, department, personal, company, location)
