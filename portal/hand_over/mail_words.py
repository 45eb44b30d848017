"""Where a mail with login information is, in words: on the employee's tab and in the answer to a press."""

from collections.abc import Callable
from datetime import datetime

from portal.hand_over.models import LoginMail, MailState
from portal.languages import gettext as _
from portal.languages import joined

When = Callable[[datetime], str]
WENT_OUT = (MailState.SENT, MailState.TO_OPEN, MailState.OPENED)
NOT_CONFIRMED = _(
    "the mail server did not confirm it. Ask the employee. If nothing has arrived, Resend sets a fresh password."
)


def sentence(mail: LoginMail, when: When) -> str:
    """What happens to a mail that was not sent yet; empty when it was. when: writes a moment."""
    if mail.state in (*WENT_OUT, MailState.TO_SHOW, MailState.SHOWN):
        return ""
    if mail.state == MailState.UNKNOWN:
        return _(
            "The email to %(recipient)s may have been sent: %(why)s",
            recipient=mail.recipient,
            why=NOT_CONFIRMED,
        )
    if mail.state == MailState.PAUSED:
        return words(mail, when)
    if mail.state == MailState.SENDING:
        return _(
            "The email to %(goes_to)s is on its way. The mail server has not confirmed it yet.", goes_to=mail.goes_to
        )
    if mail.problem:
        return _(
            "The email to %(goes_to)s was not sent: %(problem)s %(next)s",
            goes_to=mail.goes_to,
            problem=mail.problem,
            next=_next(mail, when),
        )
    return _("The email goes to %(goes_to)s on %(when)s.", goes_to=mail.goes_to, when=when(mail.send_at))


def words(mail: LoginMail, when: When) -> str:  # noqa: C901 - one case for each state
    """Where the login information is now. when: writes a moment in the organisation's zone."""
    link = (
        _("A link to it was sent to %(recipient)s on %(when)s", recipient=mail.recipient, when=when(mail.sent_at))
        if mail.sent_at
        else ""
    )
    match mail.state:
        case MailState.TO_SHOW:
            return ""
        case MailState.SHOWN:
            return _("Shown to an Admin on %(when)s", when=when(mail.sent_at))
        case MailState.SENT:
            return _("Sent to %(recipient)s on %(when)s", recipient=mail.recipient, when=when(mail.sent_at))
        case MailState.TO_OPEN:
            return _("%(link)s: not opened yet", link=link)
        case MailState.OPENED:
            return _("%(link)s: opened on %(when)s", link=link, when=when(mail.opened_at))
        case MailState.UNKNOWN:
            return _(
                "May have been sent to %(recipient)s on %(when)s: %(why)s",
                recipient=mail.recipient,
                when=when(mail.sent_at),
                why=NOT_CONFIRMED,
            )
        case MailState.PAUSED:
            return _(
                "Paused. It was to go to %(goes_to)s on %(when)s, while nothing was connected. "
                "Send it now, or cancel it.",
                goes_to=mail.goes_to,
                when=when(mail.send_at),
            )
        case MailState.SENDING:
            return _("On its way to %(goes_to)s. The mail server has not confirmed it yet.", goes_to=mail.goes_to)
    if mail.problem and mail.link_hash and link:
        return joined(_("%(sentence)s.", sentence=link), mail.problem, _next(mail, when))
    if mail.problem:
        if not mail.goes_to:
            return joined(_("Not sent: %(problem)s", problem=mail.problem), _next(mail, when))
        return joined(
            _("Not sent to %(address)s: %(problem)s", address=mail.goes_to, problem=mail.problem), _next(mail, when)
        )
    return _("To be sent to %(goes_to)s on %(when)s", goes_to=mail.goes_to, when=when(mail.send_at))


def _next(mail: LoginMail, when: When) -> str:
    if mail.state in (MailState.FAILED, MailState.CANCELLED):
        return _("Resend sets a fresh password.")
    if mail.not_before is None:
        return _("Your IT team must correct this. The email goes out as soon as the mail server accepts the portal.")
    return _("The portal tries again on %(when)s.", when=when(mail.not_before))
