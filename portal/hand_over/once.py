"""A temporary password that waits to be seen, once: by an Admin, or behind the link of the mail.

A link is looked up by the hash of its token. The token is kept, encrypted, until the mail has gone out, so
that a mail that is sent again after a crash has the same link.
"""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from portal import audit, vault
from portal.accounts.models import Account, Status
from portal.auth.models import User, hash_of, new_token
from portal.config import settings
from portal.database import now, transaction
from portal.hand_over.models import LoginMail, MailState
from portal.languages import gettext as _
from portal.operations import journal
from portal.operations.models import OPEN, Operation
from portal.operations.requests import Verb
from portal.problems import Problem

# A password that waits to be seen is not kept for longer.
LASTS = timedelta(days=7)
NOT_LOOKED_AT = _("Nobody looked at it in time.")
NOT_OPENED = _("Nobody opened the link within %(days)s days.", days=LASTS.days)
REVOKED = _("The link was revoked.")
# The state after a person has seen the password -> those in which it waits. Who opens the link of a mail that may have
# been sent shows that it was.
BEFORE = {MailState.SHOWN: (MailState.TO_SHOW,), MailState.OPENED: (MailState.TO_OPEN, MailState.UNKNOWN)}


class LinkOver(Problem):
    message = _("This link no longer shows anything, or never did.")
    status = 404
    next_step = _("Ask the HR team for a new one.")


class LinkPaused(LinkOver):
    message = _("Nothing can be shown at the moment: the organisation is not connected to the application.")
    status = 409
    next_step = _("Try again later, or ask the HR team.")


def link_of(login_mail: LoginMail) -> str:
    """The address for the mail; its token is written down before the mail can go out."""
    if not login_mail.encrypted_link:
        token = new_token()
        login_mail.encrypted_link, login_mail.link_hash = vault.encrypt(token), hash_of(token)
        login_mail.save(only=[LoginMail.encrypted_link, LoginMail.link_hash])
    token = vault.decrypt(login_mail.encrypted_link)
    # In the query, which no log of the portal shows.
    return f"{settings().public_url.rstrip('/')}/hand-over?{urlencode({'token': token})}"


def until(login_mail: LoginMail) -> datetime:
    """When the link stops showing anything; login_mail: one that was sent, or is sent now."""
    lasts = (login_mail.sent_at or now()) + LASTS
    return min(lasts, login_mail.ends_at) if login_mail.ends_at else lasts


def find(token: str) -> LoginMail:
    """The mail whose link this is, while it was not opened and the account is active. Raises LinkOver, LinkPaused."""
    mine = LoginMail.link_hash == hash_of(token)
    if token and LoginMail.select().where(mine, LoginMail.state == MailState.PAUSED, LoginMail.sent_at > now() - LASTS):
        raise LinkPaused()
    waits = LoginMail.state.in_(BEFORE[MailState.OPENED]) & (LoginMail.encrypted_password != "")
    login_mail = LoginMail.get_or_none(mine, waits)
    if not token or login_mail is None or until(login_mail) < now() or login_mail.account.status != Status.ACTIVE:
        raise LinkOver()
    return login_mail


def open_once(token: str) -> tuple[LoginMail, str]:
    """The mail, and the temporary password, one single time. Raises LinkOver."""
    login_mail = find(token)
    password = take_password(
        login_mail, MailState.OPENED, by="link in the mail", action="open login information", opened_at=now()
    )
    if password is None:
        raise LinkOver()
    return login_mail, password


def show_once(login_mail: LoginMail, *, by: Any) -> str | None:
    """The temporary password, for the admin's eyes, one single time; None when it was seen or withdrawn already."""
    return take_password(login_mail, MailState.SHOWN, by=by, action="show temporary password", sent_at=now())


def take_password(login_mail: LoginMail, after: MailState, *, by: Any, action: str, **changes: Any) -> str | None:
    """The password that waits to be seen, which is over with it: the mail's next state is `after`.

    None when it was seen or withdrawn already, and while a fresh one is being set.
    """
    if is_being_replaced(login_mail):
        return None
    with transaction():
        mine = (LoginMail.id == login_mail.id) & LoginMail.state.in_(BEFORE[after])
        if not LoginMail.update(state=after, problem="", **changes).where(mine).execute():
            return None
        encrypted = LoginMail.get_by_id(login_mail.id).encrypted_password
        LoginMail.update(encrypted_password="").where(LoginMail.id == login_mail.id).execute()
        audit.record(by, action, login_mail.account.employee, organisation=login_mail.organisation)
    return vault.decrypt(encrypted)


def revoke(account: Account, *, by: User) -> None:
    """The link that was not opened yet stops working, and its password is wiped."""
    with transaction():
        waiting = (LoginMail.account == account) & LoginMail.state.in_(BEFORE[MailState.OPENED])
        changes = LoginMail.update(state=MailState.CANCELLED, encrypted_password="", problem=REVOKED)
        if changes.where(waiting, LoginMail.encrypted_password != "").execute():
            audit.record(by, "revoke link to login information", account.employee, organisation=account.organisation)


def is_being_replaced(login_mail: LoginMail) -> bool:
    """Whether a fresh password is being set at this moment: the one in this mail may have stopped working."""
    resend = Operation.get_or_none(
        Operation.account == login_mail.account_id,
        Operation.verb.in_((Verb.RESEND, Verb.ALLOW, Verb.PASS)),
        Operation.state.in_(OPEN),
        Operation.id != login_mail.operation_id,
    )
    return resend is not None and any(journal.step_may_have_happened(resend, name) for name in ("password", "pass"))
