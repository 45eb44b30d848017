"""What sign-ins leave behind, removed when its time is over. docs/operating.md names the times."""

from datetime import timedelta
from typing import Any

from portal import rate_limits
from portal.auth import links, second_factor, throttle
from portal.auth.actions import ABSOLUTE_LIMIT, IDLE_LIMIT
from portal.auth.models import HalfSignIn, Invitation, OutsideSignIn, PasswordReset, RecoveryCode, Session
from portal.database import now

# How long Settings > Users shows an expired invitation, with "Send again".
INVITATION_KEPT = timedelta(days=30)
USED_CODE_KEPT = timedelta(days=1)


def sweep() -> None:
    """Remove sessions, links, invitations, half-done sign-ins, used codes and failures that are over."""
    moment = now()
    for model, over in (
        (Session, (Session.last_seen_at < moment - IDLE_LIMIT) | (Session.created_at < moment - ABSOLUTE_LIMIT)),
        (PasswordReset, PasswordReset.created_at < moment - links.RESET_LASTS),
        (Invitation, Invitation.created_at < moment - INVITATION_KEPT),
        (HalfSignIn, HalfSignIn.created_at < moment - second_factor.HALF_LASTS),
        (OutsideSignIn, OutsideSignIn.created_at < moment - OutsideSignIn.LIFE),
        (RecoveryCode, RecoveryCode.used_at < moment - USED_CODE_KEPT),
    ):
        _remove(model, over)
    throttle.sweep()
    rate_limits.sweep()


def _remove(model: Any, over: Any) -> None:
    """A thousand at a time, so that other processes do not wait long for the database."""
    while model.delete().where(model.id.in_(model.select(model.id).where(over).limit(1000))).execute():
        pass
