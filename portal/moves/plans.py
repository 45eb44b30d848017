"""What a move changes in the HR record, and when. It is kept in the options of a mover's timeline until its day.

options["fields"]: name -> {"before", "planned"}, texts as they are and people by their ids; once the step has changed
it also "was", the value that it took the place of.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from portal import audit
from portal.auth.models import User
from portal.languages import gettext as _
from portal.organisations.countries import countries
from portal.people import managers
from portal.people.models import Employee
from portal.problems import Problem
from portal.templating import local_date
from portal.timeline_templates.choosing import in_use
from portal.timeline_templates.steps import Anchor, Kind
from portal.timelines import planning
from portal.timelines.models import TO_COME, Course, Itinerary, PlannedStep, StepState

TEXTS = ("job_title", "department", "location", "country")
PEOPLE = ("manager", "second_manager")
LABELS = {
    "job_title": _("Job title"), "department": _("Department"), "location": _("Location"), "country": _("Country"),
    "manager": _("Manager"), "second_manager": _("Second manager"),
}  # fmt: skip
NOBODY = "none"


class CannotPlan(Problem):
    """The move cannot be planned so. field: of the form."""

    status = 422

    def __init__(self, field: str, message: str, next_step: str = ""):
        super().__init__(message, next_step)
        self.field = field


def open_of(employee: Employee) -> Itinerary | None:
    """The employee's open timeline as a mover: of a move, of another username on a day, or of both."""
    found = planning.latest_of(employee, Kind.MOVER)
    return found if found is not None and found.state == Course.OPEN else None


def changes_of(itinerary: Itinerary | None) -> dict[str, dict[str, Any]]:
    """Name of a field -> what the move makes of it, as the options keep it."""
    return dict(itinerary.options.get("fields") or {}) if itinerary is not None else {}


def planned_of(itinerary: Itinerary | None, organisation_id: int) -> dict[str, Any]:
    """Name of a field -> the value that it gets, people as employees."""
    return {
        name: person(change["planned"], organisation_id) if name in PEOPLE else change["planned"]
        for name, change in changes_of(itinerary).items()
    }


def person(employee_id: int | None, organisation_id: int) -> Employee | None:
    """The employee of this id in the organisation."""
    mine = Employee.organisation == organisation_id
    return Employee.get_or_none(Employee.id == employee_id, mine) if employee_id else None


def kept(name: str, employee: Employee) -> Any:
    """The value of a field as the options keep it."""
    return getattr(employee, f"{name}_id" if name in PEOPLE else name)


def in_words(name: str, value: Any, organisation_id: int) -> str:
    """A value of the options for a page."""
    if name in PEOPLE:
        found = person(value, organisation_id)
        return found.name if found else _("somebody who is no longer in the Employee List") if value else NOBODY
    return (countries().get(value, value) if name == "country" else value) or NOBODY


def differing(employee: Employee, values: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Those of the values that are not the record's, as the options keep them."""
    found = {}
    for name, value in values.items():
        planned = (value.id if value else None) if name in PEOPLE else value
        if planned != (before := kept(name, employee)):
            found[name] = {"before": before, "planned": planned}
    return found


def check(employee: Employee, day: date, values: Mapping[str, Any]) -> None:
    """Raises CannotPlan for what the record could not become on this day."""
    if not differing(employee, values):
        raise CannotPlan("job_title", _("Nothing would change: enter what is different from the day of the move on."))
    if employee.start_date and day < employee.start_date:
        first = local_date(employee.start_date)
        raise CannotPlan("day", _("The move is before the first day, %(first)s: choose a later day.", first=first))
    if employee.end_date and day > employee.end_date:
        last = local_date(employee.end_date)
        raise CannotPlan("day", _("The move is after the last day, %(last)s: choose an earlier day.", last=last))
    for name in PEOPLE:
        if values.get(name) == employee:
            raise CannotPlan(name, _("An employee cannot be their own manager: choose somebody else."))
    manager = values.get("manager")
    if manager is not None and managers.would_loop(employee, manager):
        words = _(
            "%(manager)s reports to %(name)s, directly or through others: choose somebody else.",
            manager=manager.name,
            name=employee.name,
        )
        raise CannotPlan("manager", words)
    if begun := _begun(open_of(employee)):
        raise CannotPlan(
            "day",
            _("The move of %(begun)s has begun and is not over.", begun=begun),
            _("Finish or cancel it on the Timeline first."),
        )


def _begun(itinerary: Itinerary | None) -> str:
    """The day of an open move that has begun; empty for any other."""
    if itinerary is None or Anchor.MOVE not in itinerary.dates:
        return ""
    mine = (PlannedStep.itinerary == itinerary) & (PlannedStep.anchor == Anchor.MOVE)
    begun = PlannedStep.state.in_((StepState.WAITING, StepState.DONE))
    if not PlannedStep.select().where(mine, begun).exists():
        return ""
    return local_date(date.fromisoformat(itinerary.dates[Anchor.MOVE]))


def is_offered(employee: Employee) -> bool:
    """Whether the organisation makes timelines for movers."""
    return in_use(employee.organisation, Kind.MOVER)


def plan(employee: Employee, day: date, values: Mapping[str, Any], *, by: User, at_once: bool = False) -> Itinerary:
    """Plan the move, or give the planned one another day and other values. Raises CannotPlan.

    values: a value for each field of TEXTS and PEOPLE. at_once: what has passed already is carried out at once.
    """
    dates = {str(Anchor.MOVE): day.isoformat()}
    fields = differing(employee, values)
    with audit.turn(employee.organisation_id):
        check(employee, day, values)
        current = open_of(employee)
        if current is not None:
            planning.change(
                current, employee, dates, {**current.options, "fields": fields}, by=by, at_once=at_once
            )  # fmt: skip
            return current
        made = planning.make(employee, Kind.MOVER, dates, by=by, at_once=at_once, options={"fields": fields})
    if made is None:
        raise CannotPlan(
            "day", _("There is no step to plan: all are switched off."), _("Switch them on under Settings > Timelines.")
        )
    return made


def follow_rename(organisation_id: int, field: str, old: str, new: str) -> None:
    """A department or location has another name: the moves that are still to come lead to that one."""
    mine = (Itinerary.organisation == organisation_id) & (Itinerary.kind == Kind.MOVER)
    open_moves = Itinerary.select().join(PlannedStep).where(
        mine, Itinerary.state == Course.OPEN, PlannedStep.key == "change_fields", PlannedStep.state.in_(TO_COME)
    )  # fmt: skip
    for itinerary in list(open_moves):
        change = changes_of(itinerary).get(field, {})
        renamed = {key: new for key, value in change.items() if value == old}
        if renamed:
            itinerary.options["fields"][field] = {**change, **renamed}
            itinerary.save(only=[Itinerary.options])
