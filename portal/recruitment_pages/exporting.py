"""The list of candidates as CSV: a line for each application."""

from collections.abc import Iterator

from portal.auth.models import User
from portal.csv_lines import csv_line, word_of, words_of
from portal.languages import gettext as _
from portal.languages import pgettext
from portal.paging import every
from portal.recruitment import candidates, queries
from portal.recruitment.models import Candidate

HEADINGS = {
    "first_name": _("First name"), "last_name": _("Last name"), "email": _("Email"), "phone": _("Phone"),
    "vacancy": _("Vacancy"), "stage": _("Stage"), "ended": pgettext("application", "Ended"), "reason": _("Reason"),
    "applied_on": _("Applied on"), "source": _("Source"),
}  # fmt: skip
IN_ONE_PART = 500


def export_lines(user: User, chosen: queries.CandidateFilter) -> Iterator[str]:
    """Those whom the filter lets through and the user sees, read part by part."""
    yield csv_line(words_of(HEADINGS))
    part: list[Candidate] = []
    for candidate in every(queries.matching(user, chosen), Candidate.id):
        part.append(candidate)
        if len(part) == IN_ONE_PART:
            yield from _lines(user, part)
            part = []
    yield from _lines(user, part)


def _lines(user: User, some: list[Candidate]) -> Iterator[str]:
    theirs, addresses = queries.applications_of(user, some), candidates.addresses_of(some)
    for candidate in some:
        person = (
            candidate.first_name,
            candidate.last_name,
            ", ".join(addresses.get(candidate.id, [])),
            candidate.phone,
        )
        for one in theirs.get(candidate.id, []):
            day = one.applied_at.astimezone(user.organisation.zone).date().isoformat()
            stage = one.stage.name if one.stage and not one.ended else ""
            ended = word_of(one.ended, _(one.ended.capitalize())) if one.ended else ""
            source = word_of(one.source, _(one.source)) if one.source else ""
            yield csv_line((*person, one.vacancy.title, stage, ended, one.reason, day, source))
