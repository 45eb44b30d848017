"""The step that puts the login information in line."""

from portal.accounts.models import Account
from portal.database import now
from portal.hand_over.models import LoginMail, MailState
from portal.operations.requests import ForHandOver, Verb
from portal.operations.work import Outcome, Work


def hand_over(work: Work) -> Outcome:
    """Put the mail with the login information in line; what an earlier one would have said no longer holds."""
    operation = work.operation
    asked, account = operation.request_as(ForHandOver), work.account
    shown_only = asked.hand_over == "show"

    def save() -> None:
        if operation.verb != Verb.CREATE:
            withdraw_mails(account)
        LoginMail.create(
            organisation=operation.organisation_id,
            account=account,
            operation=operation,
            recipient="" if shown_only else asked.recipient,
            encrypted_password=operation.encrypted_password,
            state=MailState.TO_SHOW if shown_only else MailState.SCHEDULED,
            send_at=asked.send_at or now(),
        )
        operation.encrypted_password = ""

    return Outcome(after={"login information": "to be shown once" if shown_only else asked.recipient}, save=save)


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
