"""How the pages speak of timelines: what a kind is called, and what its days are counted from."""

from collections.abc import Callable
from dataclasses import dataclass

from portal.languages import gettext as _
from portal.languages import ngettext
from portal.organisations.countries import countries
from portal.timeline_templates.models import Template
from portal.timeline_templates.steps import Anchor, Kind


@dataclass(frozen=True)
class KindWords:
    """A kind of timelines. slug: in addresses. timelines: for a screen reader, behind the name of a button.

    each: who gets one. would: the same from the number of its steps, before it is switched on.
    """

    kind: Kind
    slug: str
    title: str
    timelines: str
    switch_on: str
    switch_off: str
    each: str
    would: Callable[[int], str]


KINDS = {
    one.slug: one
    for one in (
        KindWords(
            Kind.JOINER, "joiner", _("Joiners"), _("timelines of joiners"),
            _("Switch on timelines for joiners?"), _("Switch off timelines for joiners?"),
            _("Each joiner with a start date gets a timeline."),
            lambda steps: ngettext(
                "Each joiner gets a timeline of %(num)s step as soon as the record has a start date.",
                "Each joiner gets a timeline of %(num)s steps as soon as the record has a start date.", steps,
            ),
        ),
        KindWords(
            Kind.MOVER, "mover", _("Movers"), _("timelines of movers"),
            _("Switch on timelines for movers?"), _("Switch off timelines for movers?"),
            _("Each mover with a planned move gets a timeline."),
            lambda steps: ngettext(
                "Each mover gets a timeline of %(num)s step as soon as the record has a planned move.",
                "Each mover gets a timeline of %(num)s steps as soon as the record has a planned move.", steps,
            ),
        ),
        KindWords(
            Kind.LEAVER, "leaver", _("Leavers"), _("timelines of leavers"),
            _("Switch on timelines for leavers?"), _("Switch off timelines for leavers?"),
            _("Each leaver with a last day gets a timeline."),
            lambda steps: ngettext(
                "Each leaver gets a timeline of %(num)s step as soon as the record has a last day.",
                "Each leaver gets a timeline of %(num)s steps as soon as the record has a last day.", steps,
            ),
        ),
        KindWords(
            Kind.LEAVE, "leave-of-absence", _("Leave of absence"), _("timelines of people on leave"),
            _("Switch on timelines for people on leave?"), _("Switch off timelines for people on leave?"),
            _("Each employee with a leave of absence gets a timeline."),
            lambda steps: ngettext(
                "Each employee gets a timeline of %(num)s step as soon as the record has a leave of absence.",
                "Each employee gets a timeline of %(num)s steps as soon as the record has a leave of absence.", steps,
            ),
        ),
    )
}  # fmt: skip
# The date that a step is counted from, behind its number of days.
ANCHORS = {
    Anchor.START: {"before": _("before the first day"), "after": _("on or after the first day")},
    Anchor.MOVE: {"before": _("before the day of the move"), "after": _("on or after the day of the move")},
    Anchor.END: {"before": _("before the last day"), "after": _("on or after the last day")},
    Anchor.LEAVE_FROM: {"before": _("before the first day of leave"), "after": _("on or after the first day of leave")},
    Anchor.LEAVE_TO: {"before": _("before the day of the return"), "after": _("on or after the day of the return")},
}


@dataclass(frozen=True)
class Kept:
    """A kind on the overview. templates: everybody's first."""

    words: KindWords
    on: bool
    templates: list[Template]


def audience_name(field: str, value: str) -> str:
    """For whom a template is: "Everybody", "Germany", "Contractor"."""
    return (countries().get(value, value) if field == "country" else value) or _("Everybody")
