"""Keeps mailboxes connected while nobody uses them, and tells who must know when one is not."""

from datetime import timedelta
from functools import partial
from typing import Any

from portal import mail
from portal.auth.models import AccessLevel, User
from portal.config import settings
from portal.connectors.errors import ConnectorError
from portal.database import now
from portal.languages import current, in_language, speaking, spoken_by
from portal.mail import lane
from portal.mailboxes import ending
from portal.mailboxes.models import Mailbox, MailboxState
from portal.mailboxes.opening import opened

# The application ends a connection that is not used for 90 days.
IDLE = timedelta(days=7)
BEFORE_ADMINS = timedelta(days=1)
AT_ONCE = 50


def sweep() -> None:
    """Once in a while: end what is over, use what is idle, and tell owners and Admins."""
    ending.end_what_is_over()
    use_idle()
    if _untold().exists() or _untold_to_admins().exists():
        lane.OTHER.start(tell)


def use_idle() -> None:
    """Ask each idle mailbox whose it is: that renews what the portal signs in with."""
    idle = (Mailbox.state == MailboxState.LIVE) & (Mailbox.used_at < now() - IDLE)
    for mailbox in list(Mailbox.select().where(idle).order_by(Mailbox.used_at).limit(AT_ONCE)):
        look(mailbox)


def look(mailbox: Mailbox) -> None:
    """Whether the application lets the portal in now. What it says is written down."""
    try:
        with opened(mailbox) as found:
            owner = found.whoami()
    except ConnectorError:
        return
    Mailbox.update(address=owner.address[:320], addresses=list(owner.addresses)).where(
        Mailbox.id == mailbox.id, Mailbox.state == MailboxState.LIVE
    ).execute()


def _untold() -> Any:
    waiting = (Mailbox.state == MailboxState.RECONNECT) & Mailbox.told_at.is_null()
    return Mailbox.select().where(waiting)


def _untold_to_admins() -> Any:
    waiting = (Mailbox.state == MailboxState.RECONNECT) & Mailbox.admins_told_at.is_null()
    return Mailbox.select().where(waiting, Mailbox.since < now() - BEFORE_ADMINS)


def tell() -> None:
    """One email to the owner, and one to each Admin when a day went by."""
    for mailbox in list(_untold().limit(AT_ONCE)):
        _tell(mailbox, Mailbox.told_at, [mailbox.user])
    for mailbox in list(_untold_to_admins().limit(AT_ONCE)):
        _tell(mailbox, Mailbox.admins_told_at, list(_admins(mailbox)))


def _tell(mailbox: Mailbox, column: Any, readers: list[User]) -> None:
    """Once. When the mail server takes none of them yet, the next round tries again."""
    if not _take(mailbox, column):
        return
    later = mail.send_each(readers, partial(_written, mailbox))
    if later and len(later) == len(readers):
        Mailbox.update({column: None}).where(Mailbox.id == mailbox.id).execute()


def _take(mailbox: Mailbox, column: Any) -> bool:
    """Note it first: a process that dies in between leaves an email out rather than sending it twice."""
    mine = (Mailbox.id == mailbox.id) & column.is_null() & (Mailbox.state == MailboxState.RECONNECT)
    return bool(Mailbox.update({column: now()}).where(mine).execute())


def _admins(mailbox: Mailbox) -> Any:
    return User.select().where(
        User.organisation == mailbox.organisation_id,
        User.access_level == AccessLevel.ADMIN,
        User.enabled == True,  # noqa: E712
        User.id != mailbox.user_id,
    )


def _written(mailbox: Mailbox, reader: User) -> mail.Mail:
    with speaking(spoken_by(reader)):
        return mail.mailbox_waits(
            recipient=reader.email, name=reader.display_name, own=reader == mailbox.user,
            owner=mailbox.user.display_name, address=mailbox.address,
            link=f"{settings().public_url.rstrip('/')}/account#outlook",
            problem=in_language(mailbox.problem, current()), next_step=in_language(mailbox.next_step, current()),
        )  # fmt: skip
