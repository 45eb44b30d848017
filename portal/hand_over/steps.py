"""The steps that put the login information in line."""

from typing import Any

from portal import vault
from portal.accounts.models import Account
from portal.connectors.base import Connector
from portal.connectors.errors import NotPermitted, Refused
from portal.connectors.passes import Pass
from portal.database import now
from portal.hand_over.models import LoginMail, MailState, Secret
from portal.languages import N_
from portal.languages import gettext as _
from portal.operations.models import Operation
from portal.operations.requests import ForHandOver, Verb
from portal.operations.work import Outcome, Work

# Minutes for which a pass is asked: the first day at work.
A_DAY = 480
NAME = "Temporary Access Pass"
NONE_ALLOWED = _("Your company’s rules allow this person no %(name)s, so a temporary password goes by link.", name=NAME)
NOT_READABLE = _("The portal may not read who may have a %(name)s, so a temporary password goes by link.", name=NAME)


def hand_over(work: Work) -> Outcome:
    """Put the mail with the login information in line; what an earlier one would have said no longer holds."""
    operation = work.operation
    account = work.account

    def save() -> None:
        if operation.verb != Verb.CREATE:
            withdraw_mails(account)
        _put_in_line(operation, account, operation.encrypted_password)

    return Outcome(after=_to_whom(operation), save=save)


def _put_in_line(operation: Operation, account: Account, encrypted: str, **more: Any) -> None:
    asked = operation.request_as(ForHandOver)
    shown_only = asked.hand_over == "show"
    LoginMail.create(
        organisation=operation.organisation_id, account=account, operation=operation,
        recipient="" if shown_only else asked.recipient, encrypted_password=encrypted,
        state=MailState.TO_SHOW if shown_only else MailState.SCHEDULED, send_at=asked.send_at or now(),
        on_start=asked.on_start, **more,
    )  # fmt: skip
    operation.encrypted_password = ""


def _to_whom(operation: Operation) -> dict[str, str]:
    asked = operation.request_as(ForHandOver)
    return {N_("login information"): N_("to be shown once") if asked.hand_over == "show" else asked.recipient}


def hand_out_pass(work: Work) -> Outcome:
    """Make a pass and put it in line, behind a link; where the person may have none, a password instead.

    A pass whose making was not answered is lost: the next one takes its place.
    """
    operation, account = work.operation, work.account
    made, why_not = _pass(work.connector, work.remote_id)
    if made is None:
        work.connector.set_password(work.remote_id, vault.decrypt(operation.encrypted_password))
    secret = vault.encrypt(made.value) if made else operation.encrypted_password
    kind, ends = (Secret.PASS, made.ends) if made else (Secret.PASSWORD, None)

    def save() -> None:
        withdraw_mails(account)
        _put_in_line(operation, account, secret, secret=kind, ends_at=ends, only_link=True)

    after = {**_to_whom(operation), NAME: f"until {ends:%Y-%m-%d %H:%M} UTC"} if ends else _to_whom(operation)
    return Outcome(after=after, note=why_not, save=save)


def _pass(connector: Connector, remote_id: str) -> tuple[Pass | None, str]:
    """A pass for this account, or why there is none."""
    try:
        rules = connector.pass_rules(remote_id)
        if not rules.allowed:
            return None, NONE_ALLOWED
        return connector.hand_out_pass(remote_id, rules.fitted(A_DAY), once=rules.once), ""
    except NotPermitted:
        return None, NOT_READABLE
    except Refused as refusal:
        if refusal.target != "pass":
            raise
        return None, NONE_ALLOWED


def withdraw_mails(account: Account, *, problem: str = "") -> None:
    """Cancel every unread mail about the account, and wipe its password. problem: why, if no user asked."""
    waiting = LoginMail.state.in_(
        (
            MailState.SCHEDULED,
            MailState.TO_SHOW,
            MailState.TO_OPEN,
            MailState.UNKNOWN,
            MailState.PAUSED,
            MailState.FAILED,
        )
    )
    # One that is being sent can be taken back until the last dot of the conversation with the mail server.
    not_given = (LoginMail.state == MailState.SENDING) & LoginMail.given_at.is_null()
    LoginMail.update(state=MailState.CANCELLED, encrypted_password="", problem=problem).where(
        LoginMail.account == account, waiting | not_given
    ).execute()
