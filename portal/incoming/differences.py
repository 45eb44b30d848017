"""How what a system says differs from the records of an organisation."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from portal.incoming.said import Said
from portal.languages import N_
from portal.languages import day as formatted
from portal.languages import gettext as _
from portal.organisations.models import Organisation
from portal.people import rules
from portal.people.models import Employee

# How many people one statement asks for.
AT_ONCE = 400
TAKEN = ("start_date",)

# Fields as pages name them in a difference.
LABELS = (
    N_("Employee number"), N_("First name"), N_("Last name"), N_("Preferred name"), N_("Job title"), N_("Department"),
    N_("Personal email"), N_("Company email"), N_("Mobile"), N_("Country"), N_("Location"), N_("Employment type"),
    N_("Time zone"), N_("Start date"), N_("End date"), N_("Leave from"), N_("Leave to"), N_("Manager"),
    N_("Second manager"),
)  # fmt: skip


class Kind(StrEnum):
    """What a difference comes to, in the word of a badge."""

    NEW = N_("New")
    CHANGED = N_("Changed")
    LEAVING = N_("Leaving")
    SAME = N_("Same")
    REFUSED = N_("Needs you")


@dataclass
class Difference:
    """One person: what a system says, and what the portal would do about it.

    values: to be stored, by field. changes: field -> [before, after] in words. leaving: the last day that follows.
    notes: field, or "" for the whole person -> what a person has to see to.
    """

    said: Said
    employee: Employee | None = None
    values: dict[str, Any] = field(default_factory=dict)
    changes: dict[str, list[str]] = field(default_factory=dict)
    leaving: date | None = None
    notes: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What to call the person in a list."""
        if self.employee is not None:
            return self.employee.name
        said = self.values
        parts = [said[name] for name in ("preferred_name", "first_name", "last_name") if said.get(name)]
        return " ".join(parts if len(parts) < 3 else [parts[0], parts[2]]) or self.said.key

    @property
    def kinds(self) -> set[Kind]:
        """A person can be changed and leave at once; for the rest there is one."""
        if "" in self.notes:
            return {Kind.REFUSED}
        found = {Kind.LEAVING} if self.leaving is not None else set()
        if self.values:
            found.add(Kind.CHANGED if self.employee is not None else Kind.NEW)
        return found or {Kind.SAME}

    @property
    def matters(self) -> bool:
        """Whether there is something to do."""
        return not self.kinds & {Kind.SAME, Kind.REFUSED}


def compare(organisation: Organisation, people: Iterable[Said]) -> list[Difference]:
    """How each of them differs from the record, in their order. Two statements for 400 people."""
    found: list[Difference] = []
    everybody = list(people)
    for first in range(0, len(everybody), AT_ONCE):
        some = everybody[first : first + AT_ONCE]
        known = _Known(organisation, some)
        found += [_difference(one, known) for one in some]
    return found


class _Known:
    """The records of those people, and of their managers."""

    def __init__(self, organisation: Organisation, people: list[Said]):
        self.organisation, self.today = organisation, organisation.today
        numbers = {one.key for one in people} | {one.manager for one in people if one.manager}
        ids = [one.employee_id for one in people if one.employee_id is not None]
        meant = Employee.employee_number.in_(list(numbers)) | Employee.id.in_(ids)
        rows = list(Employee.select().where(Employee.organisation == organisation, meant))
        above = {row.manager_id for row in rows if row.manager_id is not None} - {row.id for row in rows}
        rows += list(Employee.select().where(Employee.id.in_(list(above)))) if above else []
        for row in rows:
            row.organisation = organisation
        self.by_id = {row.id: row for row in rows}
        self.by_number = {row.employee_number: row for row in rows}

    def of(self, said: Said) -> Employee | None:
        if said.employee_id is not None:
            return self.by_id.get(said.employee_id)
        return self.by_number.get(said.key)


def _difference(said: Said, known: _Known) -> Difference:
    employee = known.of(said)
    found = Difference(said, employee)
    if not said.key:
        found.notes[""] = _("There is no employee number, so the portal cannot tell who this is.")
        return found
    if employee is None and said.active is False:
        # A person who has left and was never here stays unknown.
        return found
    if problem := rules.text_problem("employee_number", rules.tidy(said.key)):
        found.notes[""] = problem
        return found
    wanted = _read(said.values, found.notes)
    if employee is None or employee.employee_number != said.key:
        wanted["employee_number"] = rules.tidy(said.key)
    _take_differing(found, wanted, known)
    _take_manager(found, known)
    _take_leaving(found, known.today)
    _check_whole(found)
    return found


def _read(given: Mapping[str, str], notes: dict[str, str]) -> dict[str, Any]:
    """The values as the record keeps them. A field that cannot be used is noted, and the others count."""
    found: dict[str, Any] = {}
    for name, value in given.items():
        text = rules.tidy(value)
        if name in rules.DATES:
            try:
                found[name] = rules.read_date(text)
            except ValueError as problem:
                notes[name] = problem.args[0]
        elif problem := rules.text_problem(name, text):
            notes[name] = problem
        else:
            found[name] = rules.as_stored(name, text)
    return found


def _take_differing(found: Difference, wanted: dict[str, Any], known: _Known) -> None:
    employee = found.employee
    number = wanted.get("employee_number")
    holder = known.by_number.get(number) if number else None
    if holder is not None and (employee is None or holder.id != employee.id):
        found.notes["employee_number"] = _(
            "%(holder)s already has the number %(number)s.", holder=holder.name, number=number
        )
        del wanted["employee_number"]
    for name, value in wanted.items():
        before = getattr(employee, name) if employee is not None else None
        if value == before or (employee is None and not value) or name == "end_date":
            continue
        found.values[name] = value
        found.changes[name] = [_words(before), _words(value)]


def _words(value: Any) -> str:
    return formatted(value) if isinstance(value, date) else str(value or "")


def _take_manager(found: Difference, known: _Known) -> None:
    number, employee = found.said.manager, found.employee
    if number is None:
        return
    manager = known.by_number.get(number) if number else None
    if number and manager is None:
        found.notes["manager"] = _(
            "Nobody has the employee number %(number)s yet. The manager is set once that person is added.",
            number=number,
        )
        return
    current = employee.manager_id if employee is not None else None
    if (manager.id if manager is not None else None) == current:
        return
    before = known.by_id.get(current) if current is not None else None
    found.values["manager"] = manager
    found.changes["manager"] = [before.name if before else "", manager.name if manager else ""]


def _take_leaving(found: Difference, today: date) -> None:
    """The last day that follows from an end date, or from being active no longer. A later last day is no leaving."""
    employee, said = found.employee, found.said
    recorded = employee.end_date if employee is not None else None
    notes: dict[str, str] = {}
    day = _read({"end_date": said.values["end_date"]}, notes).get("end_date") if "end_date" in said.values else None
    if said.active is False and employee is not None:
        since = said.since or today
        day = min(day, since) if day is not None else since
        if recorded is not None and recorded <= today:
            return
    if day is None or day == recorded:
        if said.active and recorded is not None and recorded < today and not notes:
            found.notes["end_date"] = _(
                "Is active there, but the last day here was %(day)s. Change it on the profile if the "
                "person comes back.",
                day=formatted(recorded),
            )
        return
    if employee is None:
        found.values["end_date"], found.changes["end_date"] = day, ["", formatted(day)]
        return
    found.leaving = day
    found.changes["end_date"] = [_words(recorded), formatted(day)]


def _check_whole(found: Difference) -> None:
    """What is wrong with the record as it would be. A field that spoils it is left as it is."""
    names = (*rules.TEXTS, *rules.DATES)
    employee = found.employee
    before = {name: getattr(employee, name) if employee is not None else None for name in names}
    after = {name: value or ("" if name in rules.TEXTS else None) for name, value in before.items()}
    for name, problem in rules.record_problems(after | _plain(found)).items():
        if employee is None:
            found.notes[""] = problem
            return
        found.notes[name] = problem
        found.values.pop(name, None)
        found.changes.pop(name, None)
        if name == "end_date":
            found.leaving = None


def _plain(found: Difference) -> dict[str, Any]:
    leaving = {"end_date": found.leaving} if found.leaving is not None else {}
    return {name: value for name, value in found.values.items() if name != "manager"} | leaving
