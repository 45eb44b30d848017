"""Disconnecting mailboxes. No application is asked anything, so it works while one is away."""

from collections.abc import Callable
from typing import Any

from portal import audit
from portal.auth.models import User
from portal.connections.models import Connection
from portal.database import now, transaction
from portal.languages import gettext as _
from portal.mailboxes.models import Mailbox, MailboxState
from portal.organisations.models import Organisation
from portal.organisations.plans import Feature

NO_USER, NO_ADD_ON = _("Its owner can no longer sign in to the portal."), _("The add-on was disconnected.")

# Called with each mailbox that is disconnected, in the same transaction.
WHEN_OFF: list[Callable[[Mailbox], None]] = []


def disconnect(mailbox: Mailbox, *, by: User | str, why: str = "") -> bool:
    """Forget what the portal signs in with. False when another process was first. why: where the owner did not ask."""
    gone: dict[str, Any] = {
        "state": MailboxState.OFF, "since": now(), "encrypted_cache": "", "problem": why, "next_step": "", "code": "",
    }  # fmt: skip
    with transaction():
        if not Mailbox.update(gone).where(Mailbox.id == mailbox.id, Mailbox.state != MailboxState.OFF).execute():
            return False
        detail = {"reason": why} if why else {}
        audit.record(by, "disconnect mailbox", mailbox.user, organisation=mailbox.organisation,
                     address=mailbox.address, **detail)  # fmt: skip
        for listener in WHEN_OFF:
            listener(mailbox)
    return True


def end_of(user: User, *, by: User | str) -> None:
    """That of a user who no longer signs in to the portal."""
    mailbox = Mailbox.of(user)
    if mailbox is not None:
        disconnect(mailbox, by=by, why=NO_USER)


def disconnect_all(connection: Connection, *, by: User | str) -> int:
    """Those at an application that is disconnected; returns how many."""
    mine = (Mailbox.connection == connection.id) & (Mailbox.state != MailboxState.OFF)
    return sum(disconnect(mailbox, by=by, why=NO_ADD_ON) for mailbox in Mailbox.select().where(mine))


def end_what_is_over() -> None:
    """Disconnect the mailboxes of users who no longer sign in, or whose organisation lost the plan or the add-on."""
    live = (
        Mailbox.select(Mailbox, User, Connection, Organisation)
        .join(User)
        .switch(Mailbox)
        .join(Connection)
        .switch(Mailbox)
        .join(Organisation)
        .where(Mailbox.state != MailboxState.OFF)
    )
    for mailbox in list(live):
        why = _why_over(mailbox)
        if why:
            disconnect(mailbox, by="portal", why=why)


def _why_over(mailbox: Mailbox) -> str:
    if not mailbox.user.enabled:
        return NO_USER
    if not mailbox.connection.is_live:
        return NO_ADD_ON
    return "" if mailbox.organisation.has(Feature.RECRUITMENT) else _("The plan no longer includes recruitment.")
