"""The steps of a move that change the HR record. Field sync then sends it to the applications."""

from typing import Any

from portal.auth.models import User
from portal.database import transaction
from portal.languages import gettext as _
from portal.moves import plans
from portal.moves.plans import PEOPLE, TEXTS
from portal.people import actions as people
from portal.people import lists
from portal.people.models import Employee
from portal.problems import Problem
from portal.timelines import catalogue
from portal.timelines.catalogue import Asks, NotNeeded, StepKind
from portal.timelines.models import Itinerary, PlannedStep
from portal.timelines.steps import CannotYet

DECIDE = _("Press Do it now for the planned value, or Skip to leave it as it is.")


class ChangedSince(Problem):
    """The record has another value by now than the step gave it."""

    next_step = _("Change it on the Profile.")


def _kind(key: str, names: tuple[str, ...]) -> StepKind:
    return StepKind(
        key, act=lambda employee, step, by: _change(step, names, by),
        wanted=lambda options: bool(options.get("fields", {}).keys() & set(names)),
        tells=lambda step: _told(step, names), undo=lambda step, by: _undo(step, names, by),
    )  # fmt: skip


def _change(step: PlannedStep, names: tuple[str, ...], by: Any) -> str:
    """Give the record the planned values, and say which. Raises Asks where somebody has changed one meanwhile."""
    with transaction():
        employee, itinerary = _fresh(step)
        mine = _mine(itinerary, names)
        if not mine:
            raise NotNeeded(_("The move does not change this."))
        evidence = _evidence(employee, mine)
        # A person who pressed Do it now has read the same words on the step.
        if evidence and not (isinstance(by, User) and step.reason == evidence):
            raise Asks(evidence)
        was = {name: plans.kept(name, employee) for name in mine}
        values = {name: _value(employee, name, change["planned"]) for name, change in mine.items()}
        people.edit_employee(employee, values, by=by)
        for name, change in mine.items():
            # A worker that was stopped after the change finds it done, and what there was before it.
            if was[name] != change["planned"] or "was" not in change:
                change["was"] = was[name] if was[name] != change["planned"] else change["before"]
        itinerary.save(only=[Itinerary.options])
    return _arrows(employee, {name: (change["was"], change["planned"]) for name, change in mine.items()})


def _fresh(step: PlannedStep) -> tuple[Employee, Itinerary]:
    """As they are in the database, with nobody else at work on the records until the transaction ends."""
    employee = Employee.get_by_id(step.employee_id)
    people.hold_records(employee.organisation)
    return Employee.get_by_id(step.employee_id), Itinerary.get_by_id(step.itinerary_id)


def _mine(itinerary: Itinerary, names: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    return {name: change for name, change in (itinerary.options.get("fields") or {}).items() if name in names}


def _value(employee: Employee, name: str, value: Any) -> Any:
    """The value for the record. Raises CannotYet for a person who is gone."""
    if name not in PEOPLE or value is None:
        return value
    found = plans.person(value, employee.organisation_id)
    if found is None:
        raise CannotYet(
            _("The planned manager is no longer in the Employee List.")
            if name == "manager"
            else _("The planned second manager is no longer in the Employee List."),
            _("Choose another one on the Profile, and skip this step."),
        )
    return found


def _evidence(employee: Employee, changes: dict[str, dict[str, Any]]) -> str:
    """What somebody has changed since the move was planned, as sentences; empty for nothing."""
    said = []
    for name, change in changes.items():
        present = plans.kept(name, employee)
        if present not in (change["before"], change["planned"]):
            before, planned, held = (
                _words(employee, name, one) for one in (change["before"], change["planned"], present)
            )
            said.append(
                _(
                    "%(field)s was “%(before)s” when the move was planned. Somebody has changed it to “%(held)s” "
                    "since. The move would make it “%(planned)s”.",
                    field=plans.LABELS[name],
                    before=before,
                    held=held,
                    planned=planned,
                )
            )
    return " ".join([*said, DECIDE]) if said else ""


def _words(employee: Employee, name: str, value: Any) -> str:
    return plans.in_words(name, value, employee.organisation_id)


def _arrows(employee: Employee, changes: dict[str, tuple[Any, Any]]) -> str:
    """ "Job title: Analyst → Lead. Department: Sales → Finance." """
    return " ".join(
        _(
            "%(field)s: %(before)s → %(after)s.",
            field=plans.LABELS[name],
            before=_words(employee, name, before),
            after=_words(employee, name, after),
        )
        for name, (before, after) in changes.items()
    )


def _told(step: PlannedStep, names: tuple[str, ...]) -> str:
    mine = _mine(step.itinerary, names)
    return _arrows(step.employee, {name: (change["before"], change["planned"]) for name, change in mine.items()})


def _undo(step: PlannedStep, names: tuple[str, ...], by: User) -> str:
    """Put the values before back. Raises ChangedSince where somebody has given another one since."""
    with transaction():
        employee, itinerary = _fresh(step)
        mine = _mine(itinerary, names)
        for name, change in mine.items():
            if (held := plans.kept(name, employee)) != change["planned"]:
                raise ChangedSince(
                    _(
                        "%(field)s is now “%(held)s”, not “%(planned)s”, so nothing was undone.",
                        field=plans.LABELS[name],
                        held=_words(employee, name, held),
                        planned=_words(employee, name, change["planned"]),
                    )
                )
        values = {name: _value(employee, name, change["was"]) for name, change in mine.items()}
        people.edit_employee(employee, values, by=by)
    return _arrows(employee, {name: (change["planned"], change["was"]) for name, change in mine.items()})


catalogue.register(_kind("change_fields", TEXTS))
catalogue.register(_kind("set_manager", PEOPLE))
lists.FOLLOWS.append(lambda organisation, field, old, new: plans.follow_rename(organisation.id, field, old, new))
