"""What another version of its template would change in a timeline, and applying it."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_
from typing import Any

from peewee import Value, fn

from portal import audit
from portal.auth.models import User
from portal.database import now
from portal.languages import day, joined
from portal.languages import gettext as _
from portal.organisations.models import Organisation
from portal.people.models import Employee
from portal.timeline_templates.choosing import Templates, steps_of
from portal.timeline_templates.choosing import current as current_template
from portal.timeline_templates.models import Template
from portal.timeline_templates.steps import STEPS, Kind
from portal.timelines import catalogue, planning
from portal.timelines.models import TO_COME, Course, Itinerary, PlannedStep, StepState
from portal.timelines.planning import Wanted


@dataclass(frozen=True)
class Change:
    """What becomes of one step. before, after: "27 Nov 2026, 18:00, with Automatic reply", or nothing."""

    label: str
    before: str
    after: str


@dataclass
class Difference:
    """What the template as it is now would change in one timeline: rows to move, to cancel, and steps to add."""

    itinerary: Itinerary
    employee: Employee
    template: Template
    moved: list[tuple[PlannedStep, Wanted]]
    gone: list[PlannedStep]
    added: list[Wanted]

    @property
    def changes(self) -> list[Change]:
        """The same in words."""
        labels = {step.key: step.label for step in STEPS[Kind(self.itinerary.kind)]}
        return [
            *(Change(labels[row.key], _when(row, labels), _when(step, labels)) for row, step in self.moved),
            *(Change(labels.get(row.key, row.key), _when(row, labels), "") for row in self.gone),
            *(Change(labels[step.key], "", _when(step, labels)) for step in self.added),
        ]

    @property
    def mark(self) -> str:
        """The same for the same changes to the same timeline."""
        seen = (self.itinerary.id, self.template.id, self.template.version, self.changes)
        return hashlib.sha256(repr(seen).encode()).hexdigest()


def _when(step: PlannedStep | Wanted, labels: dict[str, str]) -> str:
    parts = joined(*(labels.get(key, key) for key in step.parts), by=", ")
    if not parts:
        return _("%(day)s, %(hour)s", day=day(step.day), hour=step.hour)
    return _("%(day)s, %(hour)s, with %(parts)s", day=day(step.day), hour=step.hour, parts=parts)


def waiting(organisation: Organisation, kind: Kind) -> int:
    """How many open timelines were made from another version than those that count now, or lack a step of theirs."""
    current = [(template.id, template.version) for template in Templates(organisation, kind).all]
    from_current = reduce(or_, [_made_from(*found) for found in current])
    mine = (Itinerary.organisation == organisation) & (Itinerary.kind == kind) & (Itinerary.state == Course.OPEN)
    return Itinerary.select().where(mine, ~from_current | _lacks(organisation, kind)).count()


def _made_from(template_id: int | None, version: int) -> Any:
    same = Itinerary.template_id.is_null() if template_id is None else Itinerary.template_id == template_id
    return same & (Itinerary.version == version)


def _lacks(organisation: Organisation, kind: Kind) -> Any:
    """The condition for timelines without a step that everybody's template has: one that came with a new portal."""
    found: Any = Value(1) == Value(0)
    for step in steps_of(current_template(organisation, kind)):
        known = catalogue.of(step.key)
        if step.on and known is not None and known.act is not None and not known.part_of:
            rows = PlannedStep.select().where(PlannedStep.itinerary == Itinerary.id, PlannedStep.key == step.key)
            found |= ~fn.EXISTS(rows)
    return found


def outdated(organisation: Organisation, kind: Kind, *, most: int) -> list[Difference]:
    """The open timelines that were made from another version than the one that counts now, at most so many."""
    return [difference for _, difference in zip(range(most), _outdated(organisation, kind), strict=False)]


def _outdated(organisation: Organisation, kind: Kind) -> Iterator[Difference]:
    templates = Templates(organisation, kind)
    mine = (Itinerary.organisation == organisation) & (Itinerary.kind == kind) & (Itinerary.state == Course.OPEN)
    lacks: Any = Itinerary.select(Itinerary.id).where(mine, _lacks(organisation, kind))
    lacking = {number for (number,) in lacks.tuples()}
    for itinerary in Itinerary.select(Itinerary, Employee).join(Employee).where(mine).order_by(Itinerary.id).iterator():
        itinerary.employee.organisation = organisation
        template = templates.of(itinerary.employee)
        if (itinerary.template_id, itinerary.version) != (template.id, template.version):
            yield difference_of(itinerary, itinerary.employee, template)
        elif itinerary.id in lacking and (found := difference_of(itinerary, itinerary.employee, template)).added:
            yield found


def waiting_for(itinerary: Itinerary, employee: Employee) -> Difference | None:
    """What the template as it is now would change in this open timeline; None for nothing."""
    if itinerary.state != Course.OPEN:
        return None
    template = Templates(employee.organisation, Kind(itinerary.kind)).of(employee)
    same = (itinerary.template_id, itinerary.version) == (template.id, template.version)
    found = difference_of(itinerary, employee, template)
    return found if (found.added if same else found.changes) else None


def difference_of(itinerary: Itinerary, employee: Employee, template: Template) -> Difference:
    """What the template changes: only of steps to come, and of none that a person has moved.

    Steps at an application that is disconnected stay: they go on there once it is connected again.
    """
    rows = [row for row in planning.steps_of(itinerary) if row.state != StepState.CANCELLED]
    held = {(row.key, row.connection_id) for row in rows}
    free = [row for row in rows if row.state in TO_COME and not row.moved_by_hand]
    ended = planning.disconnected_of(free)
    steps = planning.wanted(employee, Kind(itinerary.kind), itinerary.dates, itinerary.options, ended)
    wanted = {step.of: step for step in steps}
    pairs = [(row, wanted.get((row.key, row.connection_id))) for row in free]
    return Difference(
        itinerary, employee, template,
        moved=[(row, step) for row, step in pairs if step and _of(row) != _of(step)],
        gone=[row for row, step in pairs if step is None],
        added=[step for of, step in wanted.items() if of not in held and step.connection not in ended],
    )  # fmt: skip


def _of(step: PlannedStep | Wanted) -> tuple[date, str, set[str]]:
    return step.day, step.hour, set(step.parts)


def apply(difference: Difference, *, by: User) -> None:
    """Change the timeline so. A step whose new time has passed asks before it is done."""
    itinerary, template = difference.itinerary, difference.template
    with audit.turn(itinerary.organisation_id):
        for row, step in difference.moved:
            values = {} if row.state == StepState.HELD else planning.state_of(row.key, step.due_at, False)
            mine = (PlannedStep.id == row.id) & PlannedStep.state.in_(TO_COME)
            PlannedStep.update(
                days=step.days, day=step.day, hour=step.hour, due_at=step.due_at, place=step.place,
                parts=step.parts, **values,
            ).where(mine).execute()  # fmt: skip
        gone = [row.id for row in difference.gone]
        reason = _("Version %(version)s of the steps does not have it.", version=template.version)
        PlannedStep.update(
            state=StepState.CANCELLED, reason=reason, ended_at=now(), done_by=by.display_name
        ).where(PlannedStep.id.in_(gone), PlannedStep.state.in_(TO_COME)).execute()  # fmt: skip
        planning.add(itinerary, difference.employee, difference.added, at_once=False)
        before = itinerary.version
        itinerary.template_id, itinerary.version = template.id, template.version
        itinerary.save(only=[Itinerary.template_id, Itinerary.version])
        audit.record(
            by, f"apply new version to {itinerary.kind} timeline", difference.employee, before=before,
            after=template.version, steps=len(difference.changes),
        )  # fmt: skip
