"""Sentences about what was assumed of a file, for the user who checks it before the import."""

from collections.abc import Iterator, Mapping

from portal.columns.answers import Answers
from portal.columns.dates import Evidence, Order
from portal.columns.headings import IGNORED
from portal.columns.layouts import CHOICES, Layout
from portal.columns.names import listed
from portal.import_plans.lines import Lines, label
from portal.languages import gettext as _
from portal.languages import ngettext, number

ORDERS = {
    Order.DAY_FIRST: _("the day first, as in 25/04/2026"),
    Order.MONTH_FIRST: _("the month first, as in 04/25/2026"),
}


def of_columns(layout: Layout) -> list[str]:
    """Which columns are skipped, and which have another name here."""
    said: list[str] = []
    if layout.remembered:
        said.append(_("What the columns mean was chosen for an earlier file with the same headings."))
    left_out = [f"“{column.name[:60]}”" for column in layout.columns if column.means == IGNORED]
    if left_out:
        said.append(_("Skipped, because the portal does not keep it: %(listed)s.", listed=listed(left_out, 12)))
    for column in layout.columns:
        if column.why and column.means == IGNORED:
            said.append(
                _(
                    "“%(name)s” was skipped, because another column is clearer about: %(label)s.",
                    name=column.name[:60],
                    label=label(column.why),
                )
            )
    renamed = [
        _("“%(name)s” as %(label)s", name=column.name[:60], label=label(column.means))
        for column in layout.columns
        if column.means in CHOICES and column.means != IGNORED and not _is_ours(column.name, column.means)
    ]
    if renamed:
        said.append(_("Read %(listed)s.", listed=listed(renamed, 20)))
    return said


def _is_ours(heading: str, means: str) -> bool:
    plain = heading.casefold().replace("_", " ").replace("-", " ")
    return plain in (means.replace("_", " "), label(means).casefold())


def of_dates(found: Evidence, answers: Answers) -> Iterator[str]:
    order = answers.order or found.order
    if answers.order:
        yield _("Dates are read with %(order)s, as you said.", order=ORDERS[answers.order])
    elif order and found.votes[order] == found.doubtful:
        yield _("Dates are read with %(order)s, as is usual with dots between the numbers.", order=ORDERS[order])
    elif order and found.doubtful:
        shown = found.votes[order][:40]
        yield _(
            "Dates are read with %(order)s, because of “%(shown)s”. “%(doubtful)s” is read like that too.",
            order=ORDERS[order],
            shown=shown,
            doubtful=found.doubtful,
        )
    if found.serial:
        yield _("Numbers in date columns, such as %(serial)s, are days as Excel counts them.", serial=found.serial[:20])
    if found.short_year:
        yield _(
            "Years of two digits are between 1969 and 2068, as in “%(short_year)s”.", short_year=found.short_year[:20]
        )


def of_lines(lines: Lines, restored: Mapping[str, str]) -> Iterator[str]:
    """What was done to single values."""
    if lines.odd_name is not None:
        name, line = lines.odd_name
        yield ngettext(
            "“%(name)s” on line %(line)s has more in it than a name, and is taken as it is, also for the username.",
            "%(num)s names have more in them than a name, and are taken as they are, also for usernames. The first is "
            "“%(name)s” on line %(line)s.",
            lines.counts["odd name"],
            name=name,
            line=line,
        )
    if lines.with_point:
        yield _("Employee numbers such as “%(number)s” were read without “.0”.", number=lines.with_point[:20])
    if lines.nothing:
        yield _("Words for nothing, such as “%(word)s”, were read as empty cells.", word=lines.nothing)
    if lines.clears:
        yield _("Cells with <<clear>> empty the field, and empty cells leave it as it is.")
    if restored:
        short, whole = next(iter(restored.items()))
        yield _(
            "Zeros were put back (%(number)s in all), as in %(whole)s for %(short)s.",
            number=number(len(restored)),
            whole=whole,
            short=short,
        )
    if count := lines.counts["country"]:
        yield ngettext(
            "%(num)s line gives the country by name or by another code.",
            "%(num)s lines give the country by name or by another code.",
            count,
        )
    if count := lines.counts["manager"]:
        yield ngettext(
            "%(num)s line gives the manager by email address or name.",
            "%(num)s lines give the manager by email address or name.",
            count,
        )
    if count := lines.counts["leave"]:
        yield ngettext(
            "%(num)s person is on leave. That changes nothing: they are still employees.",
            "%(num)s people are on leave. That changes nothing: they are still employees.",
            count,
        )
