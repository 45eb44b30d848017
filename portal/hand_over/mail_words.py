"""Where a mail with login information is, in words: on the employee's tab and in the answer to a press."""

from collections.abc import Callable
from datetime import datetime

from portal.hand_over.models import LoginMail, MailState

When = Callable[[datetime], str]
WENT_OUT = (MailState.SENT, MailState.TO_OPEN, MailState.OPENED)
NOT_CONFIRMED = (
    "the mail server did not confirm it. Ask the employee. If nothing has arrived, Resend sets a fresh password."
)


def sentence(mail: LoginMail, when: When) -> str:
    """What happens to a mail that was not sent yet; empty when it was. when: writes a moment."""
    if mail.state in (*WENT_OUT, MailState.TO_SHOW, MailState.SHOWN):
        return ""
    if mail.state == MailState.UNKNOWN:
        return f"The email to {mail.recipient} may have been sent: {NOT_CONFIRMED}"
    if mail.state == MailState.PAUSED:
        return words(mail, when)
    if mail.state == MailState.SENDING:
        return f"The email to {mail.goes_to} is on its way. The mail server has not confirmed it yet."
    if mail.problem:
        return f"The email to {mail.goes_to} was not sent: {mail.problem} {_next(mail, when)}"
    return f"The email goes to {mail.goes_to} on {when(mail.send_at)}."


def words(mail: LoginMail, when: When) -> str:  # noqa: C901 - one case for each state
    """Where the login information is now. when: writes a moment in the organisation's zone."""
    link = f"A link to it was sent to {mail.recipient} on {when(mail.sent_at)}" if mail.sent_at else ""
    match mail.state:
        case MailState.TO_SHOW:
            return ""
        case MailState.SHOWN:
            return f"Shown to an Admin on {when(mail.sent_at)}"
        case MailState.SENT:
            return f"Sent to {mail.recipient} on {when(mail.sent_at)}"
        case MailState.TO_OPEN:
            return f"{link}: not opened yet"
        case MailState.OPENED:
            return f"{link}: opened on {when(mail.opened_at)}"
        case MailState.UNKNOWN:
            return f"May have been sent to {mail.recipient} on {when(mail.sent_at)}: {NOT_CONFIRMED}"
        case MailState.PAUSED:
            return (
                f"Paused. It was to go to {mail.goes_to} on {when(mail.send_at)}, while nothing was connected. "
                "Send it now, or cancel it."
            )
        case MailState.SENDING:
            return f"On its way to {mail.goes_to}. The mail server has not confirmed it yet."
    if mail.problem and mail.link_hash and link:
        return f"{link}. {mail.problem} {_next(mail, when)}"
    if mail.problem:
        return f"Not sent{' to ' + mail.goes_to if mail.goes_to else ''}: {mail.problem} {_next(mail, when)}"
    return f"To be sent to {mail.goes_to} on {when(mail.send_at)}"


def _next(mail: LoginMail, when: When) -> str:
    if mail.state in (MailState.FAILED, MailState.CANCELLED):
        return "Resend sets a fresh password."
    if mail.not_before is None:
        return "Your IT team must correct this. The email goes out as soon as the mail server accepts the portal."
    return f"The portal tries again on {when(mail.not_before)}."
