"""What importing a file would do: who is added, who is changed and how, and which lines are refused."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from peewee import chunked

from portal.config import settings
from portal.organisations.models import Organisation
from portal.people import rules
from portal.people.models import Employee
from portal.people.reading import MANAGER, Refusal, Row, UnreadableFile, read_rows
from portal.tables import Table, Unreadable

FIELDS = (*rules.TEXTS, *rules.DATES)
BLANK = {**dict.fromkeys(rules.TEXTS, ""), **dict.fromkeys(rules.DATES)}
CHUNK = 500


@dataclass(frozen=True, slots=True)
class Entry:
    """What a line makes of an employee. record: a value for each of FIELDS. manager: a number, None to leave it.

    changes: {column: [before, after]} of an employee who is known already.
    """

    line: int
    record: tuple[Any, ...]
    manager: str | None
    changes: dict[str, list[Any]] | None = None

    @property
    def employee_number(self) -> str:
        return self.record[0]

    @property
    def employee(self) -> Employee:
        """The employee as the line has them, not saved."""
        return Employee(**dict(zip(FIELDS, self.record, strict=True)))


@dataclass
class ImportPlan:
    """What importing a file would do. unchanged: how many lines say what the record says already.

    notes: sentences about what was assumed of the file.
    """

    organisation: Organisation
    added: list[Entry] = field(default_factory=list)
    changed: list[Entry] = field(default_factory=list)
    unchanged: int = 0
    refused: list[Refusal] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read(table: Table, organisation: Organisation) -> ImportPlan:
    """Find out what importing the table would do, without doing it."""
    plan = ImportPlan(organisation, notes=table.notes)
    try:
        columns, lines = read_rows(table)
        rows = _by_number(lines, plan)
    except UnreadableFile as error:
        plan.refused.append(error.refusal)
        return plan
    except Unreadable as error:
        plan.refused.append(unreadable(error))
        return plan
    staff = _Staff(organisation)
    for row, stored in _beside_stored(rows, organisation):
        _sort_in(row, columns, stored, staff, plan)
    if MANAGER in columns:
        _check_managers(plan, staff, rows.keys())
    if not rows and not plan.refused:
        plan.refused.append(Refusal(2, "", "The file names columns and no employees: add a line for each of them."))
    _check_size(plan, staff)
    plan.refused.sort(key=lambda refusal: refusal.line)
    return plan


def unreadable(error: Unreadable) -> Refusal:
    """A file that cannot be read, as what keeps it from being imported."""
    return Refusal(error.line, "", f"{error.message} {error.next_step}".strip())


class _Staff:
    """The organisation's reporting lines as they are before the import."""

    def __init__(self, organisation: Organisation):
        columns = (Employee.id, Employee.employee_number, Employee.manager)
        staff: Any = list(Employee.select(*columns).where(Employee.organisation == organisation).tuples())
        self.number_of = {row_id: number for row_id, number, _ in staff}
        self.manager_of = {number: self.number_of.get(manager_id, "") for _, number, manager_id in staff}


def _check_size(plan: ImportPlan, staff: _Staff) -> None:
    most, there = settings().most_employees, len(staff.manager_of)
    if plan.added and there + len(plan.added) > most:
        reason = f"An organisation may have {most:,} employees here: there are {there:,}, and the file adds "
        plan.refused.append(
            Refusal(0, "", f"{reason}{len(plan.added):,}. Whoever runs the portal can raise the limit.")
        )


def _by_number(lines: Iterator[Row | Refusal], plan: ImportPlan) -> dict[str, Row]:
    rows: dict[str, Row] = {}
    for line in lines:
        if isinstance(line, Refusal):
            plan.refused.append(line)
        elif line.employee_number in rows:
            first = rows[line.employee_number].line
            reason = f"This employee_number is on line {first} already: keep one of the two."
            plan.refused.append(Refusal(line.line, line.employee_number, reason))
        else:
            rows[line.employee_number] = line
    return rows


def _beside_stored(rows: dict[str, Row], organisation: Organisation) -> Iterator[tuple[Row, dict[str, Any]]]:
    """Each row with the record as it is now, or with nothing for somebody new."""
    fields = [getattr(Employee, name) for name in FIELDS]
    for numbers in chunked(rows, CHUNK):
        staff: Any = Employee.select(*fields).where(
            Employee.organisation == organisation, Employee.employee_number.in_(numbers)
        )
        stored = {record[0]: dict(zip(FIELDS, record, strict=True)) for record in staff.tuples()}
        for number in numbers:
            yield rows[number], stored.get(number, {})


def _sort_in(row: Row, columns: tuple[str, ...], stored: dict[str, Any], staff: _Staff, plan: ImportPlan) -> None:
    """Add the row to those that are added, changed, unchanged or refused."""
    given: dict[str, Any] = dict(zip(columns, row.values, strict=True))
    manager = given.pop(MANAGER, None)
    record = {**BLANK, **stored, **given}
    reasons = rules.record_problems(record)
    if reasons:
        plan.refused.append(Refusal(row.line, row.employee_number, " ".join(reasons.values())))
    elif not stored:
        plan.added.append(Entry(row.line, tuple(record.values()), manager))
    else:
        changes = {name: [stored[name], value] for name, value in given.items() if value != stored[name]}
        now_under = staff.manager_of[row.employee_number]
        if manager is not None and manager != now_under:
            changes[MANAGER] = [now_under, manager]
        if changes:
            plan.changed.append(Entry(row.line, tuple(record.values()), manager, changes))
        else:
            plan.unchanged += 1


def _check_managers(plan: ImportPlan, staff: _Staff, numbers: Iterable[str]) -> None:
    """Refuse managers who are nobody, and rows by which somebody would report to themself."""
    entries = {entry.employee_number: entry for entry in (*plan.added, *plan.changed) if entry.manager is not None}
    known = staff.manager_of.keys() | numbers | {refusal.employee_number for refusal in plan.refused}
    above = {**staff.manager_of, **{number: entry.manager or "" for number, entry in entries.items()}}
    for number, entry in entries.items():
        if entry.manager and entry.manager not in known:
            reason = f"{MANAGER} “{entry.manager}” is neither in the file nor the number of an employee: correct it."
            plan.refused.append(Refusal(entry.line, number, reason))
    for loop in _loops(above):
        for number in loop & entries.keys():
            reason = f"By {MANAGER}, {number} would report to themself: give somebody in that line another manager."
            plan.refused.append(Refusal(entries[number].line, number, reason))


def _loops(above: Mapping[str, str]) -> Iterator[set[str]]:
    """Every circle of people in which each reports to the next. above: a person's manager, "" for nobody."""
    done: set[str] = set()
    for person in above:
        path: dict[str, int] = {}
        while person and person not in done and person not in path:
            path[person] = len(path)
            person = above.get(person, "")
        if person in path:
            yield set(list(path)[path[person] :])
        done.update(path)
