"""The departments and locations of an organisation: listing them, renaming and merging them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from peewee import CharField, ForeignKeyField, JSONField, chunked, fn

from portal import audit
from portal.audit import Actor
from portal.database import BaseModel, UtcDateTimeField, database, now, transaction
from portal.languages import N_
from portal.languages import gettext as _
from portal.organisations.models import Organisation
from portal.people import rules
from portal.people.actions import hold_records
from portal.people.models import Employee
from portal.problems import Problem

FIELDS = ("department", "location")
MOST_SHOWN = 2_000
MOST_CHANGES = 10
# How many records are changed in one transaction, so that others can save in between.
AT_ONCE = 500
# Called with (organisation, field, old, new) in the transaction that gives a value another name.
FOLLOWS: list[Callable[[Organisation, str, str, str], None]] = []


class CannotRename(Problem):
    """The name cannot be given."""

    status = 422


class ValueChange(BaseModel):
    """A department or location that got another name, or was merged. employees: the ids of those who were changed.

    rules: what each kind of rule is about -> ids of those that followed.
    """

    organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
    field = CharField(max_length=20)
    old = CharField(max_length=200)
    new = CharField(max_length=200)
    employees = JSONField(default=list)
    rules = JSONField(null=True)
    at = UtcDateTimeField(default=now)
    undone_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("organisation", "at"), False),)


@dataclass(frozen=True, slots=True)
class Value:
    """A department or location, and how many employees have it."""

    name: str
    employees: int


def values(organisation: Organisation, field: str) -> list[Value]:
    """What there is, by name."""
    column = getattr(Employee, field)
    rows: Any = Employee.select(column, fn.COUNT(Employee.id)).where(Employee.organisation == organisation)
    rows = rows.where(column > "").group_by(column).order_by(column).limit(MOST_SHOWN).tuples()
    return [Value(*row) for row in rows]


def with_value(organisation: Organisation, field: str, name: str) -> Any:
    """The employees who have it, as a select."""
    return Employee.select().where(Employee.organisation == organisation, getattr(Employee, field) == name)


NOBODY_HAS_IT = {
    "department": N_("Nobody has the department “%(name)s” any more."),
    "location": N_("Nobody has the location “%(name)s” any more."),
}


def checked_name(field: str, old: str, new: str) -> str:
    """The new name as it is stored. Raises CannotRename."""
    name = rules.tidy(new)
    problem = _("Enter the new name.") if not name else rules.text_problem(field, name)
    if not problem and name == old:
        problem = _("That is its name already: enter another one.")
    if problem:
        raise CannotRename(problem)
    return name


def change(organisation: Organisation, field: str, old: str, new: str, *, by: Actor | str) -> ValueChange:
    """Give everybody who has the old name the new one; where others have that already, the two are merged.

    Raises CannotRename. What did not finish continues when it is pressed again.
    """
    new = checked_name(field, old, new)
    ids = list(with_value(organisation, field, old).select(Employee.id).order_by(Employee.id).scalars())
    if not ids:
        raise CannotRename(_(NOBODY_HAS_IT[field], name=old))
    with transaction():
        note = ValueChange.create(organisation=organisation, field=field, old=old, new=new, employees=ids)
        audit.record(
            by, f"rename {field}", organisation, organisation=organisation, old=old, new=new, employees=len(ids)
        )
        _tell(organisation, field, old, new)
    _set(organisation, field, ids, old, new)
    return note


def undo(note: ValueChange, *, by: Actor | str) -> int:
    """Give those who were changed the old name again, except those who were changed since; returns how many."""
    with transaction():
        mine = ValueChange.update(undone_at=now()).where(ValueChange.id == note.id, ValueChange.undone_at.is_null())
        if not mine.execute():
            return 0
        audit.record(
            by,
            f"undo rename {note.field}",
            note.organisation,
            organisation=note.organisation,
            old=note.old,
            new=note.new,
        )
        _tell(note.organisation, note.field, note.new, note.old)
    return _set(note.organisation, note.field, note.employees, note.new, note.old)


def _tell(organisation: Organisation, field: str, old: str, new: str) -> None:
    for follow in FOLLOWS:
        follow(organisation, field, old, new)


def recent(organisation: Organisation) -> list[ValueChange]:
    """The last changes, the latest first."""
    query = ValueChange.select().where(ValueChange.organisation == organisation)
    return list(query.order_by(ValueChange.at.desc(), ValueChange.id.desc()).limit(MOST_CHANGES))


def forget(employee: Employee) -> None:
    """Take the employee out of the lists of those who were changed."""
    for note in list(ValueChange.select().where(ValueChange.organisation == employee.organisation_id)):
        if employee.id in note.employees:
            note.employees = [one for one in note.employees if one != employee.id]
            note.save(only=[ValueChange.employees])


def _set(organisation: Organisation, field: str, ids: list[int], old: str, new: str) -> int:
    changed, column = 0, getattr(Employee, field)
    # In the order of the columns. Writing the SQL for each row takes far longer.
    query = Employee.update({column: "", Employee.search_text: "", Employee.changed_at: now()})
    sql, _ = query.where(Employee.id == 0).sql()
    for some in chunked(ids, AT_ONCE):
        with transaction():
            hold_records(organisation)
            at = Employee.changed_at.db_value(now())
            rows = [(new, words, at, row_id) for row_id, words in _words(organisation, field, some, old, new)]
            database.cursor().executemany(sql, rows)
            changed += len(rows)
    return changed


def _words(organisation: Organisation, field: str, ids: list[int], old: str, new: str) -> Iterator[tuple[int, str]]:
    """Of those who still have the old name: by which words they will be found."""
    for employee in list(with_value(organisation, field, old).where(Employee.id.in_(ids))):
        setattr(employee, field, new)
        employee.derive()
        yield employee.id, employee.search_text
