"""Questions about a file as sentences, for an import that has no page on which a user could answer."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from portal.columns import layouts
from portal.columns.headings import Column
from portal.columns.known import Refusal
from portal.columns.names import listed
from portal.import_plans.lines import label
from portal.languages import gettext as _
from portal.languages import joined, ngettext

if TYPE_CHECKING:
    from portal.import_plans.plans import ImportPlan


def of(plan: "ImportPlan") -> Iterator[Refusal]:
    """Each question without an answer."""
    if plan.asks == "encoding":
        words = _(
            "The portal cannot tell the encoding of this file: probably %(encodings)s.",
            encodings=plan.how.encodings[0][1],
        )
        yield _about_the_file(joined(words, _("Say which, or save the file as “CSV UTF-8”.")))
        return
    if plan.asks == "columns":
        yield from _columns(plan)
        return
    if plan.dates:
        words = _(
            "The file does not show whether day or month comes first in dates such as “%(dates)s”.", dates=plan.dates
        )
        yield _about_the_file(words)
    if plan.zeros:
        number, was = next(iter(plan.zeros.items()))
        words = ngettext(
            "%(num)s number looks as if zeros were lost: %(number)s may be %(was)s.",
            "%(num)s numbers look as if zeros were lost: %(number)s may be %(was)s.",
            len(plan.zeros),
            number=number,
            was=was,
        )
        yield _about_the_file(words)
    for word in plan.words:
        words = _(
            "The status “%(word)s” does not say whether somebody works here, is on leave or has left.", word=word[:60]
        )
        yield _about_the_file(words)
    for spelling in plan.spellings:
        yield _about_the_file(joined(spelling.sentence, _("Correct the file, or say what it means.")))
    if plan.leavers:
        words = _("The file has no end date for people who have left: %(listed)s.", listed=listed(plan.leavers))
        yield _about_the_file(words)
    for question in plan.who:
        yield Refusal(question.line, question.number, question.sentence)


def _about_the_file(words: str) -> Refusal:
    """A refusal of the file as a whole, and of no line of it."""
    return Refusal(0, "", words)


def _columns(plan: "ImportPlan") -> Iterator[Refusal]:
    columns = plan.layout.columns if plan.layout else ()
    for column in columns:
        if not column.means:
            yield Refusal(plan.header_line, "", _words(column))
    if plan.layout and all(column.means for column in columns):
        yield Refusal(plan.header_line, "", plan.layout.problem)


def _words(column: Column) -> str:
    if column.could_be:
        return _(
            "The column “%(name)s” could be %(listed)s, or be skipped.",
            name=column.name[:60],
            listed=listed(dict.fromkeys(map(label, column.could_be))),
        )
    near = layouts.nearest(column.heading)
    hint = _("Did you mean “%(label)s”?", label=label(near)) if near else ""
    return joined(_("We do not recognise the column “%(name)s”.", name=column.name[:60]), hint)
