"""What sign-ins leave behind and no setting keeps for longer. Sessions and links that are over: see retention.py."""

from datetime import timedelta

from portal import rate_limits
from portal.auth import throttle
from portal.auth.models import Invitation, RecoveryCode
from portal.database import now

# Settings > Users shows an expired invitation, with "Send again", for so long.
INVITATION_KEPT = timedelta(days=30)
USED_CODE_KEPT = timedelta(days=1)


def sweep() -> None:
    """Remove invitations and used recovery codes, failures and counts that no limit looks at any more."""
    Invitation.delete().where(Invitation.created_at < now() - INVITATION_KEPT).execute()
    RecoveryCode.delete().where(RecoveryCode.used_at < now() - USED_CODE_KEPT).execute()
    throttle.sweep()
    rate_limits.sweep()
