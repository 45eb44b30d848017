"""The way into a connected mailbox. What the portal signs in with is decrypted here and nowhere else."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from portal import audit, vault
from portal.connectors import SERVICES
from portal.connectors.errors import ConnectorError, NoMailbox, NotPermitted, ReconnectNeeded
from portal.connectors.personal import PersonalMailbox
from portal.database import now, transaction
from portal.languages import gettext as _
from portal.logs import log
from portal.mailboxes.models import Mailbox, MailboxState

# What only the owner, or their IT team, can put right.
NEEDS_A_PERSON = (ReconnectNeeded, NotPermitted, NoMailbox)


@contextmanager
def opened(mailbox: Mailbox, *, patience: float | None = None) -> Iterator[PersonalMailbox]:
    """The mailbox at the application. What ends the connection is written down on the way out.

    Raises ReconnectNeeded for one that waits for its owner, and whatever the application says.
    """
    current = Mailbox.get_by_id(mailbox.id)
    try:
        yield _at_the_application(current, patience)
    except ConnectorError as error:
        note(current, error)
        raise
    Mailbox.update(used_at=now()).where(Mailbox.id == mailbox.id).execute()


def _at_the_application(current: Mailbox, patience: float | None) -> PersonalMailbox:
    mail = SERVICES[current.connection.service].personal_mail
    if not current.is_live or mail is None or not current.user.enabled or not current.connection.is_live:
        raise ReconnectNeeded(current.problem or _("This mailbox is not connected."))
    try:
        cache = vault.decrypt(current.encrypted_cache)
    except vault.CannotOpen as error:
        raise ReconnectNeeded(_("The portal can no longer read the credentials for your mailbox.")) from error

    def keep(changed: str) -> None:
        # One that was disconnected, or connected again, in the meantime stays as it is.
        same = (Mailbox.id == current.id) & (Mailbox.state == MailboxState.LIVE) & (Mailbox.since == current.since)
        Mailbox.update(encrypted_cache=vault.encrypt(changed)).where(same).execute()

    return mail.mailbox(current.tenant_id, current.person_id, cache, keep=keep, patience=patience)


def note(mailbox: Mailbox, error: ConnectorError) -> None:
    """From now on the mailbox waits for its owner, if that is what the error means."""
    log.warning("mailbox", mailbox=mailbox.id, kind=type(error).__name__, code=error.code[:60])
    if not isinstance(error, NEEDS_A_PERSON):
        return
    changes: dict[Any, Any] = {
        Mailbox.state: MailboxState.RECONNECT, Mailbox.since: now(), Mailbox.problem: error.message,
        Mailbox.next_step: error.next_step, Mailbox.code: error.code, Mailbox.told_at: None,
        Mailbox.admins_told_at: None,
    }  # fmt: skip
    with transaction():
        # One that was connected again in the meantime has nothing to do with this refusal.
        live = (Mailbox.id == mailbox.id) & (Mailbox.state == MailboxState.LIVE) & (Mailbox.since == mailbox.since)
        if Mailbox.update(changes).where(live).execute():
            audit.record("portal", "mailbox needs its owner", mailbox.user, organisation=mailbox.organisation,
                         address=mailbox.address)  # fmt: skip
