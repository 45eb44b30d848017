"""A timeline as its page shows it, and what a change of the record would do to it."""

import copy
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from portal.connections.models import Connection
from portal.database import now
from portal.foresight import looking, words
from portal.foresight.models import Foresight
from portal.group_rules import rules as group_rules
from portal.languages import N_, joined, pgettext, read
from portal.languages import gettext as _
from portal.operations.models import Operation
from portal.organisations.plans import Feature
from portal.organisations.times import how_far, in_both, moment_of
from portal.people.models import Employee
from portal.people.zones import zone_of
from portal.templating import local_date
from portal.timeline_templates.choosing import in_use, steps_for
from portal.timeline_templates.steps import STEPS, Anchor, Kind
from portal.timelines import carrying, catalogue, planning, versions
from portal.timelines.actions import SKIPPABLE
from portal.timelines.catalogue import label_of
from portal.timelines.models import TO_COME, Course, Itinerary, PlannedStep, StepState
from portal.timelines.planning import DATES
from portal.timelines.versions import Difference

TITLES = {
    Kind.JOINER: _("First day"), Kind.MOVER: pgettext("noun", "Move"), Kind.LEAVER: _("Last day"),
    Kind.LEAVE: _("Leave of absence"),
}  # fmt: skip
WORDS = {
    Kind.JOINER: N_("%(name)s starts on %(start)s."),
    Kind.MOVER: N_("%(name)s moves on %(move)s."),
    Kind.LEAVER: N_("%(name)s leaves on %(end)s."),
    Kind.LEAVE: N_("%(name)s is on leave from %(leave_from)s, and back on %(leave_to)s."),
}  # fmt: skip
# The same once the last of its days has passed.
PAST = {
    Kind.JOINER: N_("%(name)s started on %(start)s."),
    Kind.MOVER: N_("%(name)s moved on %(move)s."),
    Kind.LEAVER: N_("%(name)s left on %(end)s."),
    Kind.LEAVE: N_("%(name)s was on leave from %(leave_from)s, back on %(leave_to)s."),
}  # fmt: skip
# Of one that was cancelled: the date may have been taken off the record.
CANCELLED = {
    Kind.JOINER: N_("First day %(start)s."), Kind.MOVER: N_("Day of the move %(move)s."),
    Kind.LEAVER: N_("Last day %(end)s."), Kind.LEAVE: N_("First day of leave %(leave_from)s."),
}  # fmt: skip
# State -> the word of its badge.
STATES = {
    StepState.PLANNED: "planned", StepState.ASKS: "waits for you", StepState.HELD: "waits for approval",
    StepState.WAITING: "under way",
    StepState.DONE: "done", StepState.FAILED: "failed", StepState.SKIPPED: "skipped",
    StepState.CANCELLED: "cancelled",
}  # fmt: skip


@dataclass(frozen=True)
class Hint:
    """What will stand in the way of a step, told before its day. service_key: of the add-on where it can be granted."""

    words: str
    service_key: str = ""


@dataclass(frozen=True)
class Row:
    """One step. when: where the employee is, and where the reader is. parts: what is done with it.

    left_out: label and reason of what was to be done with it, and could not. hints: what will stand in its way.
    tells: what it will do for this employee.
    """

    step: PlannedStep
    label: str
    application: str
    parts: list[str]
    left_out: list[tuple[str, str]]
    hints: list[Hint]
    when: str
    ended: str
    far: str
    word: str
    late: bool
    human: bool
    is_past: bool
    tells: str = ""

    @property
    def open(self) -> bool:
        return self.step.state in SKIPPABLE

    @property
    def can_do(self) -> bool:
        return self.open and not self.human

    @property
    def was_moved(self) -> bool:
        """Whether a person has given it another time than its date would."""
        return self.step.moved_by_hand and self.step.anchor != Anchor.ASKED

    @property
    def can_undo(self) -> bool:
        """Whether this step alone can be undone, by a press beside it."""
        known = catalogue.of(self.step.key)
        return self.step.state == StepState.DONE and known is not None and known.undo is not None

    @property
    def may_undo(self) -> bool:
        known = catalogue.of(self.step.key)
        return self.step.state == StepState.DONE and known is not None and known.takes


@dataclass(frozen=True)
class Shown:
    """A timeline. newer: what the steps as they are in Settings now would change in it; None for nothing."""

    itinerary: Itinerary
    title: str
    sentence: str
    rows: list[Row]
    newer: Difference | None = None

    @property
    def asking(self) -> list[Row]:
        """Steps whose time has passed, and about which a person decides."""
        return [row for row in self.rows if row.step.state == StepState.ASKS]

    @property
    def is_open(self) -> bool:
        return self.itinerary.state == Course.OPEN

    @property
    def is_open_move(self) -> bool:
        return self.is_open and Anchor.MOVE in self.itinerary.dates

    @property
    def may_undo(self) -> bool:
        return any(row.may_undo for row in self.rows)


def of(employee: Employee) -> list[Shown]:
    """The employee's timelines, the open ones first, then the latest of each kind that is over."""
    found: dict[str, Itinerary] = {}
    for itinerary in Itinerary.select().where(Itinerary.employee == employee).order_by(Itinerary.id):
        found[itinerary.kind] = itinerary
    ordered = sorted(found.values(), key=lambda one: (one.state != Course.OPEN, -one.id))
    return [_shown(itinerary, employee) for itinerary in ordered]


def _shown(itinerary: Itinerary, employee: Employee) -> Shown:
    query = PlannedStep.select(PlannedStep, Connection, Operation).left_outer_join(Connection)
    steps = query.switch(PlannedStep).left_outer_join(Operation).where(PlannedStep.itinerary == itinerary)
    labels = {step.key: step.label for step in STEPS[Kind(itinerary.kind)]}
    seen, rows = looking.of(employee), []
    for step in steps.order_by(PlannedStep.due_at, PlannedStep.place, PlannedStep.id):
        step.itinerary, step.employee = itinerary, employee
        rows.append(_row(step, employee, labels, seen))
    newer = versions.waiting_for(itinerary, employee)
    return Shown(itinerary, TITLES[Kind(itinerary.kind)], _sentence(itinerary, employee, rows), rows, newer)


def _row(step: PlannedStep, employee: Employee, labels: dict[str, str], seen: dict[int, Foresight]) -> Row:
    zone, own = zone_of(employee), employee.organisation.zone
    known, left_out = catalogue.of(step.key), step.left_out or {}
    human = known is None or known.human
    word = (
        "to do" if human and step.state == StepState.PLANNED and step.due_at <= now() else STATES[StepState(step.state)]
    )
    return Row(
        step, labels.get(step.key, step.key), step.connection.service_name if step.connection else "",
        [labels[key] for key in step.parts if key in labels and key not in left_out],
        [(labels.get(key, key), read(reason)) for key, reason in left_out.items()],
        _hints(step, labels, seen), in_both(step.due_at, zone, own),
        in_both(step.ended_at, zone, own) if step.ended_at else "", how_far(step.due_at, now(), zone),
        word, carrying.is_late(step), human, step.due_at <= now(), _tells(step, known),
    )  # fmt: skip


def _hints(step: PlannedStep, labels: dict[str, str], seen: dict[int, Foresight]) -> list[Hint]:
    """What will stand in the way of a step to come, as far as it is known now."""
    known, connection = catalogue.of(step.key), step.connection
    if not step.is_to_come or known is None:
        return []
    found = [Hint(known.foresee(step))] if known.foresee is not None and known.foresee(step) else []
    if connection is None or known.human:
        return found
    held = seen.get(connection.id)
    if held is not None and held.barred:
        return [*found, Hint(words.barred(held, connection))]
    for key in (step.key, *step.parts):
        if carrying.why_refused(step, key):
            service = connection.service_name
            skipped = _("This step is skipped: %(service)s does not allow it yet.", service=service)
            left_out = _(
                "“%(part)s” is left out: %(service)s does not allow it yet.",
                part=labels.get(key, key),
                service=service,
            )
            found.append(Hint(skipped if key == step.key else left_out, connection.service))
    if "leave_groups" in step.parts and not carrying.why_refused(step, "leave_groups"):
        found += [Hint(sentence) for sentence in words.groups(held, connection)]
    if step.key == "swap_groups" or "add_to_groups" in step.parts:
        others = group_rules.planned(step.employee, connection).not_ours
        found += [
            Hint(joined(_("The portal cannot change the group %(name)s.", name=name), why))
            for name, why in others.items()
        ]
    return found


def _tells(step: PlannedStep, known: catalogue.StepKind | None) -> str:
    shows = known is not None and step.state in (StepState.PLANNED, StepState.FAILED)
    return known.tells(step) if shows and known is not None and known.tells is not None else ""


def _sentence(itinerary: Itinerary, employee: Employee, rows: list[Row]) -> str:
    """ "Ada leaves on 27 Nov 2026. 9 steps, the first on Fri 13 Nov 2026, 09:00 (London)." """
    days = {str(anchor): "" for anchor in Anchor}
    days |= {anchor: local_date(date.fromisoformat(day)) for anchor, day in itinerary.dates.items()}
    today = now().astimezone(zone_of(employee)).date().isoformat()
    is_past = bool(itinerary.dates) and max(itinerary.dates.values()) < today
    known = CANCELLED if itinerary.state == Course.CANCELLED else PAST if is_past else WORDS
    words = known[Kind(itinerary.kind)] if itinerary.dates else N_("%(name)s gets another username.")
    if itinerary.kind == Kind.LEAVE and words in WORDS.values() and not days["leave_to"]:
        words = N_("%(name)s is on leave from %(leave_from)s.")
    first = _(words, name=employee.name, **days)
    if itinerary.state == Course.CANCELLED:
        return joined(first, _("This timeline was cancelled."))
    if itinerary.state == Course.ENDED:
        return joined(first, _("Every step is done or was skipped."))
    left = [row for row in rows if row.open]
    count = _("%(left)s of %(all)s steps to come.", left=len(left), all=len(rows))
    takes = _first_that_takes(rows)
    if takes is None:
        return joined(first, count)
    moment = in_both(takes, zone_of(employee), employee.organisation.zone)
    return joined(first, count, _("Nothing is taken before %(moment)s.", moment=moment))


def _first_that_takes(rows: list[Row]) -> datetime | None:
    takes = [row.step for row in rows if (known := catalogue.of(row.step.key)) is not None and known.takes]
    begun = any(step.state in (StepState.DONE, StepState.WAITING) for step in takes)
    moments = [step.due_at for step in takes if step.is_to_come and step.due_at > now()]
    return min(moments) if moments and not begun else None


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


def as_if(employee: Employee, values: dict[str, Any]) -> Employee:
    """The record with these values, in memory only."""
    after = copy.copy(employee)
    after.__data__, after.__rel__ = dict(employee.__data__), dict(employee.__rel__)
    for name, value in values.items():
        setattr(after, name, value)
    return after


def change_of(employee: Employee, values: dict[str, Any]) -> Change:
    """What these values of the record would do to the employee's timelines. Nothing is changed."""
    after, found = as_if(employee, values), Change()
    if not employee.organisation.has(Feature.ACCOUNT_PROVISIONING):
        return found
    for kind in DATES:
        dates, before = planning.dates_of(after, kind), planning.dates_of(employee, kind)
        current = planning.latest_of(employee, kind)
        if dates == before and zone_of(after).key == zone_of(employee).key:
            continue
        if current is not None and current.state == Course.OPEN:
            _compare(found, planning.steps_of(current), dates, employee, zone_of(after))
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
        shown = in_both(step.due_at, zone_of(employee), employee.organisation.zone)
        if not dates:
            found.gone.append(Line(**line, before=shown, after=""))
        elif step.moved_by_hand:
            found.stay += 1
        else:
            day = date.fromisoformat(dates[step.anchor]) + timedelta(days=step.days)
            after = in_both(moment_of(day, step.hour, zone), zone, employee.organisation.zone)
            _moved(found, step, Line(**line, before=shown, after=after), day, zone)


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
        line = Line(labels[one.key], application, "", in_both(one.due_at, zone, after.organisation.zone))
        found.begin.append(line)
        if one.due_at <= now() and not _is_human(one.key) and kind == Kind.LEAVER:
            found.passed.append(line)


def _is_human(key: str) -> bool:
    known = catalogue.of(key)
    return known is None or known.human
