"""How many steps of timelines an import moves with the dates in it: for its preview."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from peewee import chunked, fn

from portal.import_plans import summary
from portal.import_plans.plans import Entry, ImportPlan
from portal.languages import gettext as _
from portal.languages import joined, ngettext
from portal.people.models import Employee
from portal.timelines.models import TO_COME, Course, Itinerary, PlannedStep, StepState
from portal.timelines.planning import DATES


@dataclass(frozen=True)
class Moves:
    """What a change of dates does to steps. cancelled: those of dates that are removed."""

    moving: int = 0
    by_hand: int = 0
    done: int = 0
    cancelled: int = 0

    @property
    def sentence(self) -> str:
        """ "7 steps move with the dates, 1 stays because it was moved by hand, 2 are done already."; or nothing."""
        first, *others = [kind for kind in BECOME if getattr(self, kind)] or [""]
        if not (self.moving or self.cancelled or self.by_hand):
            return ""
        said = [BECOME[first][0](getattr(self, first)), *(BECOME[kind][1](getattr(self, kind)) for kind in others)]
        return _("%(steps)s.", steps=joined(*said, by=", "))


# What becomes of steps -> the words for the first kind in a sentence, and for those that follow.
BECOME: dict[str, tuple[Callable[[int], str], Callable[[int], str]]] = {
    "moving": (
        lambda n: ngettext("%(num)s step moves with the dates", "%(num)s steps move with the dates", n),
        lambda n: ngettext("%(num)s moves with the dates", "%(num)s move with the dates", n),
    ),
    "cancelled": (
        lambda n: ngettext(
            "%(num)s step is cancelled with its date", "%(num)s steps are cancelled with their dates", n
        ),
        lambda n: ngettext("%(num)s is cancelled with its date", "%(num)s are cancelled with their dates", n),
    ),
    "by_hand": (
        lambda n: ngettext(
            "%(num)s step stays because it was moved by hand", "%(num)s steps stay because they were moved by hand", n
        ),
        lambda n: ngettext(
            "%(num)s stays because it was moved by hand", "%(num)s stay because they were moved by hand", n
        ),
    ),
    "done": (
        lambda n: ngettext("%(num)s step is done already", "%(num)s steps are done already", n),
        lambda n: ngettext("%(num)s is done already", "%(num)s are done already", n),
    ),
}


def of_import(plan: ImportPlan) -> Moves:
    """What importing the file would do to the steps of the people whose dates it changes."""
    found: Counter[str] = Counter()
    names = {name for fields in DATES.values() for name in fields.values()}
    dated = [entry for entry in plan.changed if names & set(entry.changes or {})]
    for some in chunked(dated, 500):
        entries = {entry.was or entry.employee_number: entry for entry in some}
        for number, kind, state, by_hand, count in _steps_of(plan, list(entries)):
            if word := _becomes(entries[number], kind, state, by_hand):
                found[word] += count
    return Moves(**found)


def _steps_of(plan: ImportPlan, numbers: list[str]) -> Any:
    """(employee number, kind, state, moved by hand, how many) of the steps in open timelines."""
    query: Any = PlannedStep.select(
        Employee.employee_number, Itinerary.kind, PlannedStep.state, PlannedStep.moved_by_hand, fn.COUNT(PlannedStep.id)
    )
    joined = query.join(Itinerary).join(Employee).where(
        Employee.organisation == plan.organisation, Employee.employee_number.in_(numbers),
        Itinerary.state == Course.OPEN,
    )  # fmt: skip
    return joined.group_by(
        Employee.employee_number, Itinerary.kind, PlannedStep.state, PlannedStep.moved_by_hand
    ).tuples()


def _becomes(entry: Entry, kind: str, state: str, by_hand: bool) -> str:
    """What becomes of such a step: the name of a field of Moves, or nothing where the file leaves its date alone."""
    changes = entry.changes or {}
    fields = [name for name in DATES.get(kind, {}).values() if name in changes]  # type: ignore[call-overload]
    if not fields:
        return ""
    if state in TO_COME:
        removed = any(not changes[name][1] for name in fields)
        return "cancelled" if removed else "by_hand" if by_hand else "moving"
    return "done" if state == StepState.DONE else ""


def _told(plan: ImportPlan) -> list[str]:
    sentence = of_import(plan).sentence
    return [_("Timelines: %(sentence)s", sentence=sentence)] if sentence else []


summary.FOLLOWS.append(_told)
