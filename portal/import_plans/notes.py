"""Sentences about what was assumed of a file, for the user who checks it before the import."""

from collections.abc import Iterator, Mapping

from portal.columns.answers import Answers
from portal.columns.dates import Evidence, Order
from portal.columns.headings import IGNORED
from portal.columns.layouts import CHOICES, Layout
from portal.columns.names import listed
from portal.import_plans.lines import Lines, label

ORDERS = {Order.DAY_FIRST: "the day first, as in 25/04/2026", Order.MONTH_FIRST: "the month first, as in 04/25/2026"}


def of_columns(layout: Layout) -> list[str]:
    """Which columns are skipped, and which have another name here."""
    said = []
    if layout.remembered:
        said.append("What the columns mean was chosen for an earlier file with the same headings.")
    left_out = [f"“{column.name[:60]}”" for column in layout.columns if column.means == IGNORED]
    if left_out:
        said.append(f"Skipped, because the portal does not keep it: {listed(left_out, 12)}.")
    for column in layout.columns:
        if column.why and column.means == IGNORED:
            said.append(
                f"“{column.name[:60]}” was skipped, because another column is clearer about: {label(column.why)}."
            )
    renamed = [
        f"“{column.name[:60]}” as {label(column.means)}"
        for column in layout.columns
        if column.means in CHOICES and column.means != IGNORED and not _is_ours(column.name, column.means)
    ]
    if renamed:
        said.append(f"Read {listed(renamed, 20)}.")
    return said


def _is_ours(heading: str, means: str) -> bool:
    plain = heading.casefold().replace("_", " ").replace("-", " ")
    return plain in (means.replace("_", " "), label(means).casefold())


def of_dates(found: Evidence, answers: Answers) -> Iterator[str]:
    order = answers.order or found.order
    if answers.order:
        yield f"Dates are read with {ORDERS[answers.order]}, as you said."
    elif order and found.votes[order] == found.doubtful:
        yield f"Dates are read with {ORDERS[order]}, as is usual with dots between the numbers."
    elif order and found.doubtful:
        shown = found.votes[order][:40]
        yield f"Dates are read with {ORDERS[order]}, because of “{shown}”. “{found.doubtful}” is read like that too."
    if found.serial:
        yield f"Numbers in date columns, such as {found.serial[:20]}, are days as Excel counts them."
    if found.short_year:
        yield f"Years of two digits are between 1969 and 2068, as in “{found.short_year[:20]}”."


def of_lines(lines: Lines, restored: Mapping[str, str]) -> Iterator[str]:
    """What was done to single values."""
    if lines.clears:
        yield "Cells with <<clear>> empty the field, and empty cells leave it as it is."
    if restored:
        short, whole = next(iter(restored.items()))
        yield f"Zeros were put back ({len(restored):,} in all), as in {whole} for {short}."
    if count := lines.counts["country"]:
        yield f"{_lines(count)} the country by name or by another code."
    if count := lines.counts["manager"]:
        yield f"{_lines(count)} the manager by email address or name."
    if count := lines.counts["leave"]:
        people = "1 person is" if count == 1 else f"{count:,} people are"
        yield f"{people} on leave. That changes nothing: they are still employees."


def _lines(count: int) -> str:
    return "1 line gives" if count == 1 else f"{count:,} lines give"
