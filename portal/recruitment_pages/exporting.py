"""The list of candidates as CSV: a line for each application."""

from collections.abc import Iterator

from portal.auth.models import User
from portal.csv_lines import csv_line
from portal.languages import gettext as _
from portal.languages import pgettext
from portal.paging import every
from portal.recruitment import candidates, queries
from portal.recruitment.models import Candidate

HEADINGS = (
    _("First name"), _("Last name"), _("Email"), _("Phone"), _("Vacancy"), _("Stage"), pgettext("application", "Ended"),
    _("Reason"), _("Applied on"), _("Source"),
)  # fmt: skip
IN_ONE_PART = 500


def export_lines(user: User, chosen: queries.CandidateFilter) -> Iterator[str]:
    """Those whom the filter lets through and the user sees, read part by part."""
    yield csv_line(HEADINGS)
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
            ended, source = (_(word) if word else "" for word in ((one.ended or "").capitalize(), one.source))
            yield csv_line((*person, one.vacancy.title, stage, ended, one.reason, day, source))
