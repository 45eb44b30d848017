"""How many people a kind of timelines is about now: for the sentence before it is switched on."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from portal.organisations.models import Organisation
from portal.people.models import Employee
from portal.timeline_templates.choosing import Templates, steps_of
from portal.timeline_templates.steps import Anchor, Kind

# The date of the HR record that a timeline of this kind goes by: the first one decides who has a timeline.
DATES: dict[str, dict[Anchor, str]] = {
    Kind.JOINER: {Anchor.START: "start_date"},
    Kind.LEAVER: {Anchor.END: "end_date"},
    Kind.LEAVE: {Anchor.LEAVE_FROM: "leave_from", Anchor.LEAVE_TO: "leave_to"},
    Kind.MOVER: {},
}


@dataclass(frozen=True)
class Reach:
    """people: whose date is today or later. begun: of these, those of whom a step should have been done already."""

    people: int = 0
    begun: int = 0


def of(organisation: Organisation, kind: str, *, today: date) -> Reach:
    """Whom timelines of this kind would be made for. today: where the organisation is."""
    fields = {anchor: name for anchor, name in DATES[kind].items() if hasattr(Employee, name)}
    if not fields:
        return Reach()
    last = getattr(Employee, list(fields.values())[-1])
    people = list(Employee.select().where(Employee.organisation == organisation, last >= today))
    templates = Templates(organisation, kind)
    first_steps = {id(template): _earliest(template) for template in templates.all}
    begun = sum(
        any(_date(employee, fields, anchor) + timedelta(days=days) < today for anchor, days in found.items()
            if _date(employee, fields, anchor))
        for employee in people for found in [first_steps[id(templates.of(employee))]]
    )  # fmt: skip
    return Reach(len(people), begun)


def _earliest(template: Any) -> dict[Anchor, int]:
    """Anchor -> days of the earliest step that is on."""
    found: dict[Anchor, int] = {}
    for step in steps_of(template):
        if step.on:
            found[step.anchor] = min(step.days, found.get(step.anchor, step.days))
    return found


def _date(employee: Any, fields: dict[Anchor, str], anchor: Anchor) -> Any:
    return getattr(employee, fields[anchor], None) if anchor in fields else None
