"""How each step of deleting an account is done."""

from portal.connectors import SERVICES
from portal.connectors.errors import NotFound, NotPermitted, Protected, TryLater
from portal.connectors.mailboxes import Purpose
from portal.languages import N_
from portal.languages import gettext as _
from portal.operations.models import Operation
from portal.operations.work import Outcome, Work

SHARED = _("This account holds a shared mailbox, which would go with it, so it was not deleted.")
NOT_SEEN = _("The portal may not see whether this account holds a shared mailbox, so it was not deleted.")
STILL_THERE = _("The account is still there. It can take a minute to go.")


def has_mailboxes(operation: Operation) -> bool:
    """Whether the application has mailboxes that the portal can look at."""
    return SERVICES[operation.connection.service].capabilities.has_mailbox


def look_at_mailbox(work: Work) -> Outcome:
    """An account with a shared mailbox is never deleted; nor one whose mailbox the portal may not see."""
    try:
        mailbox = work.connector.mailbox(work.remote_id)
    except NotPermitted as error:
        raise error.worded(NOT_SEEN, kind=Protected) from error
    if mailbox.exists and mailbox.purpose is not Purpose.PERSON:
        raise Protected(
            SHARED, next_step=_("Delete it in the application’s admin console if nobody needs the mailbox.")
        )
    return Outcome(before={N_("mailbox"): N_("there is one") if mailbox.exists else N_("there is none")})


def delete(work: Work) -> Outcome:
    """One that is deleted already is done, so that what may have worked is simply repeated.

    The mailbox is looked at once more: it may have become a shared one while the deletion waited or had failed.
    """
    if work.interrupted and is_deleted(work):
        return Outcome(after={N_("account"): N_("deleted")})
    try:
        if has_mailboxes(work.operation):
            look_at_mailbox(work)
        work.connector.delete(work.remote_id)
    except (NotFound, TryLater):
        # A refused try may have worked, and a new account that is gone is denied as if it were still to come.
        if not is_deleted(work):
            raise
    return Outcome(after={N_("account"): N_("deleted")})


def read_back(work: Work) -> Outcome:
    """Raises TryLater while the application still shows the account."""
    if not is_deleted(work):
        raise TryLater(STILL_THERE)
    return Outcome(after={N_("account"): N_("deleted, and can be restored")})


def is_deleted(work: Work) -> bool:
    """Whether the account is among the deleted ones that are kept for a while. Raises ConnectorError."""
    return any(remote.id == work.remote_id for remote in work.connector.deleted_accounts())
