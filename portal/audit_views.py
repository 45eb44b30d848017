"""Settings > Audit log: who did what to whom, when and from where; whether it is whole; as a file."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, NamedTuple

from flask import Blueprint, flash, request, url_for
from peewee import Select

from portal import access, audit_detail, audit_words, params
from portal.access import Action
from portal.asking import as_text, each_value, kept
from portal.audit import AuditEntry, check
from portal.csv_lines import csv_line
from portal.filters import Filter
from portal.languages import gettext as _
from portal.languages import joined, shortened
from portal.organisations.models import Organisation
from portal.paging import Page, begun, every, kept_page, page_of_rows
from portal.security import costly
from portal.web import Answer, csv_download, leave_to, swap

blueprint = Blueprint("audit", __name__, url_prefix="/settings/audit-log")
# Characters of a detail.
MOST_SHOWN = 300
COLUMNS = ("line", "at", "by", "from", "what", "whom", "kind", "id", "detail", "hash")


@dataclass(frozen=True)
class Filters(Filter):
    """What of the audit log is looked for. by, whom: parts of a name. since, until: days in the organisation's zone."""

    action: str = ""
    by: str = ""
    whom: str = ""
    since: str = ""
    until: str = ""

    def applied(self, organisation: Any) -> Any:
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
@access.requires(Action.VIEW_AUDIT)
def show() -> Answer:
    """The lines that fit, newest first."""
    filters, organisation = Filters.read(request.args), access.organisation()
    return swap(
        "audit/_lines.html", in_page="audit/audit_log.html", back_to="", chosen=filters.values(),
        lines=_lines(filters, organisation, params.number("before")), known=_known_actions(organisation),
    )  # fmt: skip


class Line(NamedTuple):
    """What a row of the page shows of a line. told, rest: its detail in words, for everybody and for IT.

    detail: as JSON.
    """

    number: int
    at: datetime
    by_name: str
    by_id: int | None
    action: str
    subject_kind: str
    subject_name: str
    address: str
    erased: bool
    detail: str

    @property
    def by(self) -> str:
        return audit_words.actor(self.by_name, self.by_id)

    @property
    def done(self) -> str:
        return audit_words.action(self.action)

    @property
    def whom(self) -> str:
        return self.subject_name or audit_words.kind(self.subject_kind)

    @property
    def told(self) -> str:
        return shortened(audit_detail.plain(json.loads(self.detail), self.action), MOST_SHOWN)

    @property
    def rest(self) -> str:
        return shortened(audit_detail.technical(json.loads(self.detail)), MOST_SHOWN)


def _lines(filters: Filters, organisation: Organisation, before: int | None) -> Page[Line]:
    if not filters.values():
        return kept_page(_latest, Line, before, organisation=organisation.id)
    found = _columns(filters.applied(organisation))
    rows = begun(found, AuditEntry.number, bool(before), before, newest_first=True)
    return page_of_rows([Line(*row) for row in rows], before)


@kept
def _latest(begins: bool, *, organisation: Any, start: Any) -> Any:
    return begun(_columns(Filters().applied(organisation)), AuditEntry.number, begins, start, newest_first=True)


def _columns(query: Any) -> Any:
    return query.select(*(getattr(AuditEntry, name) for name in Line._fields[:-1]), as_text(AuditEntry.detail))


def _known_actions(organisation: Organisation) -> list[str]:
    return [action for (action,) in _actions.rows(organisation=organisation.id)]


@kept
def _actions(*, organisation: Any) -> Any:
    every_action = each_value(AuditEntry.select().where(AuditEntry.organisation == organisation), AuditEntry.action)
    named = every_action.c.name
    return Select([every_action], [named]).where(named.is_null(False)).order_by(named).with_cte(every_action).tuples()


@blueprint.post("/verify")
@costly
@access.requires(Action.VIEW_AUDIT)
def verify() -> Answer:
    """Compute the hash of every line again."""
    checked = check(access.organisation())
    if checked.is_sound:
        flash(checked.sentence, "success")
    else:
        flash(joined(checked.sentence, _("Please tell your IT team.")), "danger")
    return leave_to(url_for(".show"))


@blueprint.get("/audit-log.csv")
@costly
@access.requires(Action.VIEW_AUDIT)
def export() -> Answer:
    return csv_download(_exported(Filters.read(request.args), access.organisation()), "audit-log.csv")


def _exported(filters: Filters, organisation: Organisation) -> Iterator[str]:
    yield csv_line(COLUMNS)
    for row in every(filters.applied(organisation), AuditEntry.number):
        who = (row.number, row.at.isoformat(timespec="seconds"), row.by_name, row.address)
        whom = (row.subject_name, row.subject_kind, row.subject_id)
        yield csv_line((*who, row.action, *whom, audit_detail.told(row.detail), row.hash))


blueprint.add_app_template_filter(audit_words.action, "audit_action")
