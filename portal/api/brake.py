"""The brake: tokens change no more accounts, end dates and leaves within a day than an Admin may start alone."""

from datetime import timedelta
from functools import reduce
from operator import or_
from typing import Any

from portal import audit
from portal.api import schemas
from portal.api.once import begins_operation
from portal.audit import AuditEntry
from portal.audit_words import TOKENS
from portal.database import now
from portal.operations.models import Operation
from portal.organisations.models import Organisation
from portal.problems import Problem

WITHIN = timedelta(hours=24)
# Fields of a record with days from which its accounts are blocked.
OFF_DATES = {"end_date", "leave_from"}


class BrakeIsOn(Problem):
    """Tokens have changed as many accounts within 24 hours as one Admin may start alone."""

    title = "The brake is on"
    next_step = "Plan a bulk action in the portal, which a second Admin approves, or go on tomorrow."

    @property
    def kind(self) -> str:
        return "brake"


def accounts(organisation: Organisation) -> schemas.Brake:
    """Of accounts that tokens created, linked, deactivated and reactivated."""
    since = now() - WITHIN
    mine = (Operation.organisation == organisation) & (Operation.created_at >= since) & Operation.by.is_null()
    done = Operation.select().where(mine, Operation.by_name.startswith(TOKENS)).count()
    return _opinion(organisation, done, "accounts")


def is_off_date(changes: Any) -> bool:
    """Whether these changes of a record enter a day from which its accounts are blocked. changes: by field."""
    return any(changes.get(name) is not None for name in OFF_DATES)


def off_dates(organisation: Organisation) -> schemas.Brake:
    """Of end dates and leaves of absence that tokens entered."""
    mine = (AuditEntry.organisation == organisation) & (AuditEntry.at >= now() - WITHIN) & AuditEntry.by_id.is_null()
    edits = AuditEntry.select().where(mine, AuditEntry.action == "edit employee")
    detail: Any = AuditEntry.detail.cast("TEXT")
    named = reduce(or_, (detail.contains(f'"{name}"') for name in OFF_DATES))
    done = edits.where(AuditEntry.by_name.startswith(TOKENS), named).count()
    return _opinion(organisation, done, "end dates and leaves of absence")


def _opinion(organisation: Organisation, done: int, what: str) -> schemas.Brake:
    limit = Organisation.get_by_id(organisation.id).approval_above
    sentence = f"Tokens changed {done:,} {what} within 24 hours. Without a second Admin they may change {limit:,}."
    return schemas.Brake(on=done >= limit, done=done, limit=limit, sentence=sentence)


def check(found: schemas.Brake) -> None:
    """Raises BrakeIsOn."""
    if found.on:
        raise BrakeIsOn(found.sentence)


def hold(organisation: Organisation) -> None:
    """Have the transaction that writes a change down count once more. Raises BrakeIsOn there.

    Requests at the same moment take turns at the audit log, so that none slips past.
    """

    def count_again(entry: AuditEntry) -> None:
        if begins_operation(entry):
            found = accounts(organisation)
        elif entry.action == "edit employee" and OFF_DATES & entry.detail.get("changes", {}).keys():
            found = off_dates(organisation)
        else:
            return
        if found.done > found.limit:
            raise BrakeIsOn(found.sentence)

    acting = audit.behalf.get()
    if acting is not None:
        acting.witnesses.append(count_again)
