"""Settings > Audit log: who did what to whom, when and from where; whether it is whole; as a file."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from flask import Blueprint, flash, request, url_for

from portal import access, audit_words, params
from portal.access import Action
from portal.audit import AuditEntry, check
from portal.csv_lines import csv_line
from portal.filters import Filter
from portal.organisations.models import Organisation
from portal.paging import every, page_of
from portal.security import costly
from portal.web import Answer, csv_download, leave_to, swap

blueprint = Blueprint("audit", __name__, url_prefix="/settings/audit-log")
COLUMNS = ("line", "at", "by", "from", "what", "whom", "kind", "id", "detail", "hash")


@dataclass(frozen=True)
class Filters(Filter):
    """What of the audit log is looked for. by, whom: parts of a name. since, until: days in the organisation's zone."""

    action: str = ""
    by: str = ""
    whom: str = ""
    since: str = ""
    until: str = ""

    def applied(self, organisation: Organisation) -> Any:
        query = AuditEntry.select().where(AuditEntry.organisation == organisation)
        if self.action:
            query = query.where(AuditEntry.action == self.action)
        if self.by:
            query = query.where(_done_by(self.by))
        if self.whom:
            query = query.where(AuditEntry.subject_name.contains(self.whom))
        if (since := params.day(self.since)) is not None:
            query = query.where(AuditEntry.at >= datetime.combine(since, time(), organisation.zone))
        if (until := params.day(self.until)) is not None:
            query = query.where(AuditEntry.at < datetime.combine(until + timedelta(days=1), time(), organisation.zone))
        return query


def _done_by(part: str) -> Any:
    """That the line's actor, as the page shows it, has this part in their name."""
    names, automatic = audit_words.called(part)
    by_nobody = AuditEntry.by_name.in_(names)
    if automatic:
        unnamed = AuditEntry.by_name.not_in(list(audit_words.NOBODY))
        for system in audit_words.SYSTEMS:
            unnamed &= ~AuditEntry.by_name.startswith(system)
        by_nobody |= unnamed
    return AuditEntry.by_name.contains(part) | (AuditEntry.by_id.is_null() & by_nobody)


@blueprint.get("")
@access.requires(Action.MANAGE_SETTINGS)
def show() -> Answer:
    """The lines that fit, newest first."""
    filters = Filters.read(request.args)
    query = filters.applied(access.organisation())
    return swap(
        "audit/_lines.html", in_page="audit/audit_log.html", back_to="", chosen=filters.values(),
        lines=page_of(query, AuditEntry.number, params.number("before"), newest_first=True),
        known=_known_actions(access.organisation()),
    )  # fmt: skip


def _known_actions(organisation: Organisation) -> list[str]:
    query: Any = AuditEntry.select(AuditEntry.action).where(AuditEntry.organisation == organisation).distinct()
    return sorted(found for (found,) in query.tuples())


@blueprint.post("/verify")
@costly
@access.requires(Action.MANAGE_SETTINGS)
def verify() -> Answer:
    """Compute the hash of every line again."""
    checked = check(access.organisation())
    if checked.is_sound:
        flash(checked.sentence, "success")
    else:
        flash(f"{checked.sentence} Please tell your IT team.", "danger")
    return leave_to(url_for(".show"))


@blueprint.get("/audit-log.csv")
@costly
@access.requires(Action.MANAGE_SETTINGS)
def export() -> Answer:
    return csv_download(_exported(Filters.read(request.args), access.organisation()), "audit-log.csv")


def _exported(filters: Filters, organisation: Organisation) -> Iterator[str]:
    yield csv_line(COLUMNS)
    for row in every(filters.applied(organisation), AuditEntry.number):
        who = (row.number, row.at.isoformat(timespec="seconds"), row.by_name, row.address)
        whom = (row.subject_name, row.subject_kind, row.subject_id)
        yield csv_line((*who, row.action, *whom, audit_words.told(row.detail), row.hash))


for _filter in (audit_words.actor, audit_words.action, audit_words.kind, audit_words.plain, audit_words.technical):
    blueprint.add_app_template_filter(_filter, f"audit_{_filter.__name__}")
