"""How the pages speak of timelines: what a kind is called, and when a step is."""

from dataclasses import dataclass

from portal.organisations.countries import countries
from portal.timeline_templates.models import Template
from portal.timeline_templates.steps import Anchor, Kind, TemplateStep


@dataclass(frozen=True)
class KindWords:
    """A kind of timelines. slug: in addresses. begins: what a timeline comes from. does: what it is for."""

    kind: Kind
    slug: str
    title: str
    person: str
    people: str
    begins: str
    dated: str


KINDS = {
    one.slug: one
    for one in (
        KindWords(Kind.JOINER, "joiner", "Joiners", "joiner", "joiners", "a start date", "start"),
        KindWords(Kind.MOVER, "mover", "Movers", "mover", "movers", "a planned move", "move"),
        KindWords(Kind.LEAVER, "leaver", "Leavers", "leaver", "leavers", "a last day", "leave"),
        KindWords(
            Kind.LEAVE, "leave-of-absence", "Leave of absence", "employee", "people on leave",
            "a leave of absence", "are on leave",
        ),
    )
}  # fmt: skip
# The date that a step is counted from, in words.
ANCHORS = {
    Anchor.START: "the first day", Anchor.MOVE: "the day of the move", Anchor.END: "the last day",
    Anchor.LEAVE_FROM: "the first day of leave", Anchor.LEAVE_TO: "the day of the return", Anchor.ASKED: "",
}  # fmt: skip


@dataclass(frozen=True)
class Kept:
    """A kind on the overview. templates: everybody's first."""

    words: KindWords
    on: bool
    templates: list[Template]


def when(step: TemplateStep) -> str:
    """ "7 days before the first day, 09:00"."""
    if step.anchor == Anchor.ASKED:
        return "Only when asked for"
    if step.days == 0:
        return f"On {ANCHORS[step.anchor]}, {step.hour}"
    count = "1 day" if abs(step.days) == 1 else f"{abs(step.days)} days"
    return f"{count} {'before' if step.days < 0 else 'after'} {ANCHORS[step.anchor]}, {step.hour}"


def audience_name(field: str, value: str) -> str:
    """For whom a template is: "Everybody", "Germany", "Contractor"."""
    return (countries().get(value, value) if field == "country" else value) or "Everybody"
