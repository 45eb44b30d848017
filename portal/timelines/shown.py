"""A timeline as its page shows it: one sentence above it, and a row for each step."""

from dataclasses import dataclass
from datetime import date, datetime

from portal.connections.models import Connection
from portal.database import now
from portal.operations.models import Operation
from portal.people.models import Employee
from portal.people.zones import zone_of
from portal.templating import local_date
from portal.timeline_templates.steps import STEPS, Anchor, Kind
from portal.timelines import carrying, catalogue
from portal.timelines.models import Course, Itinerary, PlannedStep, StepState
from portal.timelines.times import how_far, in_words, same_clock

TITLES = {
    Kind.JOINER: "First day", Kind.MOVER: "Move", Kind.LEAVER: "Last day", Kind.LEAVE: "Leave of absence",
}  # fmt: skip
WORDS = {
    Kind.JOINER: "{name} starts on {start}.", Kind.MOVER: "{name} moves on {move}.",
    Kind.LEAVER: "{name} leaves on {end}.", Kind.LEAVE: "{name} is on leave from {leave_from}, and back on {leave_to}.",
}  # fmt: skip
# State -> the word of its badge.
STATES = {
    StepState.PLANNED: "planned", StepState.ASKS: "waits for you", StepState.WAITING: "under way",
    StepState.DONE: "done", StepState.FAILED: "failed", StepState.SKIPPED: "skipped",
    StepState.CANCELLED: "cancelled",
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One step. also: the same moment where the reader is, when clocks differ there. parts: what is done with it."""

    step: PlannedStep
    label: str
    application: str
    parts: list[str]
    when: str
    also: str
    far: str
    word: str
    late: bool
    human: bool
    is_past: bool

    @property
    def open(self) -> bool:
        return self.step.state in (StepState.PLANNED, StepState.ASKS, StepState.FAILED)

    @property
    def can_do(self) -> bool:
        return self.open and not self.human

    @property
    def may_undo(self) -> bool:
        known = catalogue.of(self.step.key)
        return self.step.state == StepState.DONE and known is not None and known.takes


@dataclass(frozen=True)
class Shown:
    itinerary: Itinerary
    title: str
    sentence: str
    rows: list[Row]

    @property
    def is_open(self) -> bool:
        return self.itinerary.state == Course.OPEN

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
    rows = [
        _row(step, employee, labels) for step in steps.order_by(PlannedStep.due_at, PlannedStep.place, PlannedStep.id)
    ]
    kind = Kind(itinerary.kind)
    return Shown(itinerary, TITLES[kind], _sentence(itinerary, employee, rows), rows)


def _row(step: PlannedStep, employee: Employee, labels: dict[str, str]) -> Row:
    zone, own = zone_of(employee), employee.organisation.zone
    known = catalogue.of(step.key)
    human = known is None or known.human
    word = (
        "to do" if human and step.state == StepState.PLANNED and step.due_at <= now() else STATES[StepState(step.state)]
    )
    return Row(
        step, labels.get(step.key, step.key), step.connection.service_name if step.connection else "",
        [labels[key] for key in step.parts if key in labels], in_words(step.due_at, zone),
        "" if same_clock(step.due_at, zone, own) else in_words(step.due_at, own), how_far(step.due_at, now()),
        word, carrying.is_late(step), human, step.due_at <= now(),
    )  # fmt: skip


def _sentence(itinerary: Itinerary, employee: Employee, rows: list[Row]) -> str:
    """ "Ada leaves on 27 Nov 2026. 9 steps, the first on Fri 13 Nov 2026, 09:00 (London)." """
    days = {str(anchor): "" for anchor in Anchor}
    days |= {anchor: local_date(date.fromisoformat(day)) for anchor, day in itinerary.dates.items()}
    first = WORDS[Kind(itinerary.kind)].format(name=employee.name, **days)
    if itinerary.state == Course.CANCELLED:
        return f"{first} This timeline was cancelled."
    if itinerary.state == Course.ENDED:
        return f"{first} Every step is done or was skipped."
    left = [row for row in rows if row.open]
    count = f"{len(left)} of {len(rows)} steps to come" if len(left) != 1 else f"1 of {len(rows)} steps to come"
    takes = _first_that_takes(rows)
    words = f" Nothing is taken before {in_words(takes, zone_of(employee))}." if takes else ""
    return f"{first} {count}.{words}"


def _first_that_takes(rows: list[Row]) -> datetime | None:
    takes = [row.step for row in rows if (known := catalogue.of(row.step.key)) is not None and known.takes]
    begun = any(step.state in (StepState.DONE, StepState.WAITING) for step in takes)
    moments = [step.due_at for step in takes if step.is_to_come and step.due_at > now()]
    return min(moments) if moments and not begun else None
