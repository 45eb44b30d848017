"""Whose word counts as that of a second Admin: another person, not an account that the first one has just made.

Read from the audit log, which no user can change: who became an Admin when, and who let whom in.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from portal.audit import AuditEntry
from portal.auth.models import AccessLevel, User
from portal.database import now
from portal.languages import gettext as _
from portal.organisations.models import Organisation

# For this long an Admin cannot approve for the one who let them in, directly or through another whom that one let in.
LET_IN_LATELY = timedelta(days=7)
INVITES = ("invite user", "send invitation")
ADMITS = ("create user", "accept invitation", "change user", "reactivate user")
ADMINS = frozenset({AccessLevel.ADMIN})
# Whose word counts about a bulk action.
APPROVERS = frozenset({AccessLevel.ADMIN, AccessLevel.APPROVER})
# Who takes a second factor away makes a guessed password enough.
LETS_IN = (*INVITES, *ADMITS, "turn off second factor")


def why_not(user: User, *, asked_by: int | None, asked_at: datetime, levels: frozenset[AccessLevel] = ADMINS) -> str:
    """Why this user cannot approve what `asked_by` asked for at that moment; empty when they can.

    levels: whose word counts about it.
    """
    if user.id == asked_by:
        return _("You asked for this yourself, so another Admin must decide.")
    if not user.enabled or user.access_level not in levels:
        return _("Only an Admin can decide.") if levels == ADMINS else _("Only an Admin or an Approver can decide.")
    return _why_not(user, asked_by, asked_at, _lines(user.organisation_id, asked_at), _ids(user.organisation_id))


def others(
    organisation: Organisation, *, asked_by: int | None, asked_at: datetime, levels: frozenset[AccessLevel] = ADMINS
) -> list[User]:
    """The users of these levels whose word counts for what `asked_by` asked for at that moment."""
    lines, ids = _lines(organisation.id, asked_at), _ids(organisation.id)
    admins = User.select().where(User.organisation == organisation, User.access_level.in_(levels), User.enabled)
    return [
        user for user in admins.order_by(User.id)
        if user.id != asked_by and not _why_not(user, asked_by, asked_at, lines, ids)
    ]  # fmt: skip


def removed_lately(organisation: Organisation) -> list[User]:
    """Who was an Admin until some days ago: they hear of what is asked for, as an Admin who removed them might ask."""
    lines = _lines(organisation.id, now())
    ids = {line.subject_id for line in lines if line.action == "deactivate user" or _lowers(line)}
    users = User.select().where(User.organisation == organisation, User.id.in_(ids))
    # An erased one has no address any more.
    return [user for user in users if not user.email.endswith("@invalid")]


def _why_not(user: User, asked_by: int | None, asked_at: datetime, lines: list[AuditEntry], ids: dict[str, int]) -> str:
    if any(line.at > asked_at and line.subject_id == user.id and _makes_admin(line) for line in lines):
        return _("This was asked for before you became an Admin, so another Admin must decide.")
    if user.id in _let_in_by(asked_by, lines, ids):
        days = LET_IN_LATELY.days
        return _(
            "The person who asked for this gave you access within the last %(days)s days, "
            "so another Admin must decide.",
            days=days,
        )
    return ""


def _lines(organisation_id: int, asked_at: datetime) -> list[AuditEntry]:
    """The lines of the audit log about who may sign in: since this was asked for, and of the last days."""
    since = min(asked_at, now() - LET_IN_LATELY)
    query = AuditEntry.select().where(
        AuditEntry.organisation == organisation_id, AuditEntry.at > since,
        AuditEntry.action.in_((*LETS_IN, "deactivate user")),
    )  # fmt: skip
    return list(query.order_by(AuditEntry.number))


def _ids(organisation_id: int) -> dict[str, int]:
    rows: Any = User.select(User.email, User.id).where(User.organisation == organisation_id)
    return dict(rows.tuples())


def _let_in_by(person: int | None, lines: Iterable[AuditEntry], ids: dict[str, int]) -> set[int]:
    """All whom this person let in within the last days, and whom these have let in in turn."""
    since = now() - LET_IN_LATELY
    pairs = [(who, _let_in(line, ids)) for line in lines if line.at > since for who in _doers(line)]
    reached: set[int | None] = {person} - {None}
    while more := {whom for who, whom in pairs if who in reached and whom is not None} - reached:
        reached |= more
    return {found for found in reached if found is not None and found != person}


def _doers(line: AuditEntry) -> list[int | None]:
    """Who did it. The user who chose a group, or has had the secret of a token, does whatever comes of it."""
    chosen = line.detail.get("let_in_by")
    # One number in lines from before a token had several.
    return [line.by_id] if line.by_id else chosen if isinstance(chosen, list) else [chosen]


def _let_in(line: AuditEntry, ids: dict[str, int]) -> int | None:
    """Whom the line lets in, if it does."""
    if line.action in INVITES:
        return ids.get(str(line.detail.get("email", "")))
    # With another address comes the mail with which a password is chosen.
    if line.action == "turn off second factor" or _makes_admin(line) or "email" in line.detail.get("after", {}):
        return line.subject_id
    return None


def _makes_admin(line: AuditEntry) -> bool:
    if line.action not in ADMITS:
        return False
    if line.erased:
        # What it said is gone. An Admin could have had it erased, so it counts.
        return True
    before, after = line.detail.get("before", {}), line.detail.get("after", line.detail)
    if line.action == "reactivate user":
        return True
    return after.get("access_level") in APPROVERS and before.get("access_level") not in APPROVERS


def _lowers(line: AuditEntry) -> bool:
    before, after = line.detail.get("before", {}), line.detail.get("after", {})
    admin = AccessLevel.ADMIN
    return line.action == "change user" and before.get("access_level") == admin != after.get("access_level")
