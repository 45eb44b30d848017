"""Doing what another system says, one person at a time: the same actions as the pages, with the same receipts."""

from dataclasses import dataclass
from typing import Any

from portal.hand_over import recipients
from portal.incoming import proposals
from portal.incoming.differences import Difference
from portal.languages import gettext as _
from portal.organisations.models import Organisation
from portal.people import actions, rules
from portal.people.models import Employee
from portal.timelines import planning


@dataclass(frozen=True)
class Source:
    """What says it. name: who did it, for receipts and the audit log. leaves_at_once: no person is asked first."""

    name: str
    leaves_at_once: bool = False


def apply(organisation: Organisation, difference: Difference, source: Source) -> Employee | None:
    """Do what the difference asks for; the employee, or None when there is none.

    What cannot be done is noted at its field of the difference, and the rest is done.
    """
    if "" in difference.notes:
        return difference.employee
    employee = difference.employee
    if employee is None:
        return _add(organisation, difference, source) if difference.values else None
    employee.organisation = organisation
    values = dict(difference.values)
    if "personal_email" in values and recipients.is_replaced(employee, values["personal_email"]):
        del values["personal_email"]
        note = _("A password is on its way to this employee, so only a person may change where it goes.")
        difference.notes["personal_email"] = note
    now_leaves = difference.leaving is not None and source.leaves_at_once
    if now_leaves:
        values["end_date"] = difference.leaving
    employee, changed = _edit(employee, values, difference, source)
    if changed:
        planning.follow(employee, by=source.name, at_once="end_date" in changed)
    _say_leaving(employee, difference, source, now_leaves=now_leaves)
    return employee


def _say_leaving(employee: Employee, difference: Difference, source: Source, *, now_leaves: bool) -> None:
    if difference.leaving is not None and not now_leaves:
        proposals.propose(employee, difference.leaving, source=source.name)
    elif difference.leaving is None or now_leaves:
        proposals.withdraw(employee, source=source.name)


def _add(organisation: Organisation, difference: Difference, source: Source) -> Employee | None:
    empty: dict[str, Any] = dict.fromkeys(rules.TEXTS, "") | dict.fromkeys((*rules.DATES, "manager", "second_manager"))
    try:
        employee = actions.add_employee(organisation, empty | difference.values, by=source.name)
    except actions.FieldRefused as problem:
        difference.notes[""] = problem.message
        return None
    planning.follow(employee, by=source.name)
    return employee


def _edit(
    employee: Employee, values: dict[str, Any], difference: Difference, source: Source
) -> tuple[Employee, dict[str, list[Any]]]:
    """Change the record; a field that is refused stays as it is, and the others are changed."""
    while values:
        try:
            return actions.edit_employee(employee, values, by=source.name)
        except actions.FieldRefused as problem:
            difference.notes[problem.field] = problem.message
            values = {name: value for name, value in values.items() if name != problem.field}
    return employee, {}
