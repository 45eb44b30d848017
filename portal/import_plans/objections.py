"""Questions about a file as sentences, for an import that has no page on which a user could answer."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from portal.columns import layouts
from portal.columns.headings import Column
from portal.columns.known import Refusal
from portal.columns.names import listed
from portal.import_plans.lines import label

if TYPE_CHECKING:
    from portal.import_plans.plans import ImportPlan


def of(plan: "ImportPlan") -> Iterator[Refusal]:
    """Each question without an answer."""
    if plan.asks == "encoding":
        words = f"The letters of the file are in an encoding that cannot be told; likely {plan.how.encodings[0][1]}."
        yield Refusal(0, "", f"{words} Say which, or save the file as “CSV UTF-8”.")
        return
    if plan.asks == "columns":
        yield from _columns(plan)
        return
    if plan.dates:
        yield Refusal(
            0, "", f"The file does not show whether day or month comes first in dates such as “{plan.dates}”."
        )
    if plan.zeros:
        number, was = next(iter(plan.zeros.items()))
        count = "1 number looks" if len(plan.zeros) == 1 else f"{len(plan.zeros):,} numbers look"
        yield Refusal(0, "", f"{count} as if zeros were lost: {number} may be {was}.")
    for word in plan.words:
        yield Refusal(
            0, "", f"The status “{word[:60]}” does not say whether somebody works here, is on leave or has left."
        )
    for spelling in plan.spellings:
        yield Refusal(0, "", f"{spelling.sentence} Correct the file, or say what it means.")
    if plan.leavers:
        yield Refusal(0, "", f"The file has no end date for people who have left: {listed(plan.leavers)}.")
    for question in plan.who:
        yield Refusal(question.line, question.number, question.sentence)


def _columns(plan: "ImportPlan") -> Iterator[Refusal]:
    columns = plan.layout.columns if plan.layout else ()
    for column in columns:
        if not column.means:
            yield Refusal(plan.header_line, "", _words(column))
    if plan.layout and all(column.means for column in columns):
        yield Refusal(plan.header_line, "", plan.layout.problem)


def _words(column: Column) -> str:
    if column.could_be:
        return f"The column “{column.name[:60]}” could be {listed(map(label, column.could_be))}, or be skipped."
    near = layouts.nearest(column.heading)
    hint = f" Did you mean “{label(near)}”?" if near else ""
    return f"We do not recognise the column “{column.name[:60]}”.{hint}"
