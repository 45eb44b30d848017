"""What an Admin does with login information: stop it, send it now, look at it once."""

from typing import Any

from portal import audit
from portal.accounts.models import Account
from portal.asking import kept
from portal.auth.models import User
from portal.database import now, transaction
from portal.hand_over import delivery
from portal.hand_over import once as hand_over
from portal.hand_over.models import LoginMail, MailState
from portal.hand_over.steps import withdraw_mails
from portal.languages import gettext as _
from portal.mail import trouble
from portal.problems import Problem


class StillNoMail(Problem):
    """The mail server accepts no email from the portal at the moment. The email goes out as soon as it does."""

    status = 409
    title = _("The email was not sent yet")
    next_step = _("Nothing is lost: the portal tries again every few minutes. Tell your IT team.")


def cancel_login_mail(account: Account, *, by: User) -> None:
    """Stop the mail that is still to be sent; its password is wiped."""
    with transaction():
        withdraw_mails(account)
        audit.record(by, "cancel login mail", account.employee, organisation=account.organisation)


def send_login_mail_now(account: Account, *, by: User) -> None:
    """Send the mail that waits for its time at once. One that is on its way, or withdrawn, stays as it is.

    Raises StillNoMail when the mail server takes nothing from the portal; the mail goes out once it does.
    """
    waiting = (LoginMail.account == account) & LoginMail.state.in_((MailState.SCHEDULED, MailState.PAUSED))
    again = {
        "state": MailState.SCHEDULED,
        "send_at": now(),
        "on_start": False,
        "not_before": None,
        "paused_at": None,
        "paused_from": "",
    }
    with transaction():
        if not LoginMail.update(again).where(waiting).execute():
            return
        audit.record(by, "send login mail now", account.employee, organisation=account.organisation)
    delivery.ask_server_now()
    for login_mail in list(LoginMail.select().where(waiting)):
        delivery.send_now(login_mail, account.connection)
    if still := trouble.current():
        raise StillNoMail(still.problem)


def pending_mail(account: Account) -> LoginMail | None:
    """The latest mail about the account, unless somebody cancelled it."""
    found: LoginMail | None = _latest.first(account=account.id)
    return found


@kept
def _latest(*, account: Any) -> Any:
    told = (LoginMail.state != MailState.CANCELLED) | (LoginMail.problem != "")
    return LoginMail.select().where(LoginMail.account == account, told).order_by(LoginMail.id.desc()).limit(1)


def take_password_once(account: Account, *, by: User) -> str | None:
    """The temporary password that is waiting to be shown, one single time."""
    login_mail = pending_mail(account)
    return hand_over.show_once(login_mail, by=by) if login_mail is not None else None
