"""What a change of the record would do to the timelines: what moves, what stays, what would happen at once."""

import copy
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from portal.database import now
from portal.organisations.plans import Feature
from portal.people.models import Employee
from portal.people.zones import zone_of
from portal.timeline_templates.choosing import in_use, steps_for
from portal.timeline_templates.steps import Kind
from portal.timelines import catalogue, planning
from portal.timelines.carrying import label_of
from portal.timelines.models import TO_COME, Course, PlannedStep, StepState
from portal.timelines.planning import DATES
from portal.timelines.times import in_words, moment_of


@dataclass(frozen=True)
class Line:
    """A step with its time before and after, in words; one of both may be empty."""

    label: str
    application: str
    before: str
    after: str


@dataclass
class Change:
    """moving: with the date. begin: steps of a timeline that begins. stay, done: how many. gone: are cancelled.

    passed: steps whose time has passed, which would happen at once.
    """

    moving: list[Line] = field(default_factory=list)
    begin: list[Line] = field(default_factory=list)
    gone: list[Line] = field(default_factory=list)
    passed: list[Line] = field(default_factory=list)
    stay: int = 0
    done: int = 0

    @property
    def matters(self) -> bool:
        return bool(self.moving or self.gone or self.passed)


def of(employee: Employee, values: dict[str, Any]) -> Change:
    """What these values of the record would do to the employee's timelines. Nothing is changed."""
    after, found = copy.copy(employee), Change()
    after.__data__, after.__rel__ = dict(employee.__data__), dict(employee.__rel__)
    for name, value in values.items():
        setattr(after, name, value)
    if not employee.organisation.has(Feature.ACCOUNT_PROVISIONING):
        return found
    for kind in DATES:
        dates, before = planning.dates_of(after, kind), planning.dates_of(employee, kind)
        current = planning.latest_of(employee, kind)
        if dates == before and zone_of(after).key == zone_of(employee).key:
            continue
        if current is not None and current.state == Course.OPEN:
            _compare(found, list(current.steps), dates, employee, zone_of(after))
        elif dates and dates != before and in_use(employee.organisation, kind):
            _begin(found, after, kind, dates)
    return found


def _compare(
    found: Change, steps: list[PlannedStep], dates: dict[str, str], employee: Employee, zone: ZoneInfo
) -> None:
    for step in steps:
        if step.state in (StepState.DONE, StepState.WAITING):
            found.done += 1
        if step.state not in TO_COME:
            continue
        line = {"label": label_of(step), "application": step.connection.service_name if step.connection else ""}
        shown = in_words(step.due_at, zone_of(employee))
        if not dates:
            found.gone.append(Line(**line, before=shown, after=""))
        elif step.moved_by_hand:
            found.stay += 1
        else:
            day = date.fromisoformat(dates[step.anchor]) + timedelta(days=step.days)
            _moved(
                found,
                step,
                Line(**line, before=shown, after=in_words(moment_of(day, step.hour, zone), zone)),
                day,
                zone,
            )


def _moved(found: Change, step: PlannedStep, line: Line, day: date, zone: ZoneInfo) -> None:
    moment = moment_of(day, step.hour, zone)
    if moment == step.due_at and line.before == line.after:
        return
    found.moving.append(line)
    if moment <= now() and not _is_human(step.key):
        found.passed.append(line)


def _begin(found: Change, after: Employee, kind: Kind, dates: dict[str, str]) -> None:
    zone = zone_of(after)
    labels = {step.key: step.label for step in steps_for(after.organisation, kind, after)}
    for one in planning.wanted(after, kind, dates):
        application = one.connection.service_name if one.connection else ""
        line = Line(labels[one.key], application, "", in_words(one.due_at, zone))
        found.begin.append(line)
        if one.due_at <= now() and not _is_human(one.key) and kind == Kind.LEAVER:
            found.passed.append(line)


def _is_human(key: str) -> bool:
    known = catalogue.of(key)
    return known is None or known.human
