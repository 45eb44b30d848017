"""What a move would do, before anybody confirms it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from portal.accounts.place import Place
from portal.database import now
from portal.group_rules.rules import Swap, swap_of
from portal.moves import plans
from portal.organisations.times import in_words
from portal.people.models import Employee
from portal.people.zones import zone_of
from portal.timeline_pages.shown import Line, as_if
from portal.timeline_templates.steps import STEPS, Anchor, Kind
from portal.timelines import catalogue, planning
from portal.timelines.models import TO_COME, PlannedStep
from portal.timelines.planning import Wanted


@dataclass(frozen=True)
class Groups:
    """What changes in the groups of one application."""

    application: str
    swap: Swap


@dataclass
class Preview:
    """fields: (label, before, after). passed: labels of steps whose time has passed, which would happen at once."""

    fields: list[tuple[str, str, str]]
    steps: list[Line]
    groups: list[Groups] = field(default_factory=list)
    passed: list[str] = field(default_factory=list)


def of(employee: Employee, day: date, values: Mapping[str, Any]) -> Preview:
    """What planning the move would do, and what becomes of one that is planned. Asks no application."""
    fields, zone = plans.differing(employee, values), zone_of(employee)
    steps = planning.wanted(employee, Kind.MOVER, {str(Anchor.MOVE): day.isoformat()}, {"fields": fields})
    rows, labels = _rows(employee), {step.key: step.label for step in STEPS[Kind.MOVER]}
    found = Preview([_in_words(employee, name, change) for name, change in fields.items()], [])
    for one in steps:
        row = rows.get(one.of)
        stays = row is not None and row.moved_by_hand
        due_at = row.due_at if row is not None and stays else one.due_at
        found.steps.append(
            Line(
                labels[one.key], one.connection.service_name if one.connection else "",
                in_words(row.due_at, zone) if row is not None and row.due_at != due_at else "", in_words(due_at, zone),
            )
        )  # fmt: skip
        if due_at <= now() and not _is_human(one):
            found.passed.append(labels[one.key])
    found.groups = _groups(as_if(employee, dict(values)), steps)
    return found


def _rows(employee: Employee) -> dict[tuple[str, int | None], PlannedStep]:
    """The steps of the planned move that are still to come."""
    itinerary = plans.open_of(employee)
    rows = itinerary.steps if itinerary is not None else []
    return {(row.key, row.connection_id): row for row in rows if row.state in TO_COME}


def _is_human(one: Wanted) -> bool:
    known = catalogue.of(one.key)
    return known is None or known.human


def _in_words(employee: Employee, name: str, change: dict[str, Any]) -> tuple[str, str, str]:
    before, after = (plans.in_words(name, change[key], employee.organisation_id) for key in ("before", "planned"))
    return plans.LABELS[name], before, after


def _groups(after: Employee, steps: list[Wanted]) -> list[Groups]:
    """At each application where groups are swapped: by the record as it will be then."""
    found = []
    for one in steps:
        if one.key != "swap_groups" or one.connection is None:
            continue
        place = Place.of(after, one.connection)
        if place.account is not None and place.service.capabilities.has_groups:
            found.append(Groups(place.service.name, swap_of(place)))
    return found
