"""What each refusal of a person's own sign-in means to that person, by its AADSTS number.

https://learn.microsoft.com/entra/identity-platform/reference-error-codes
"""

from typing import Any

from portal.connectors.errors import BadCredentials, ConnectorError, Declined, NotPermitted, ReconnectNeeded, TryLater
from portal.connectors.microsoft365.identity_cases import Words
from portal.connectors.microsoft365.refusals import from_identity
from portal.languages import gettext as _

AGAIN = ReconnectNeeded.next_step
UNUSED = Words(
    ReconnectNeeded, _("The portal did not use your Outlook for a long time, so Microsoft ended the connection."), AGAIN
)
ENDED = Words(
    ReconnectNeeded,
    _(
        "Microsoft ended the portal’s connection to your Outlook. That happens when IT resets your "
        "password or signs you out everywhere."
    ),
    AGAIN,
)
FROM_TIME_TO_TIME = Words(ReconnectNeeded, _("Your organisation asks you to sign in again from time to time."), AGAIN)
SECOND_STEP = Words(ReconnectNeeded, _("Your organisation asks for a second step when you sign in."), AGAIN)
NOT_FROM_HERE = Words(
    ReconnectNeeded,
    _("Your organisation’s rules do not let the portal use Outlook from here."),
    _("Ask your IT team about Conditional Access: it must allow the portal’s application."),
)
NOT_ALLOWED = Words(
    NotPermitted,
    _("Your organisation has not allowed the portal to use Outlook yet."),
    _(
        "Ask an Admin to open Settings > General Settings > Add-ons > Outlook for recruitment, and to "
        "press Allow for the organisation."
    ),
)
NOT_ACCEPTED = Words(
    Declined,
    _("You did not accept on Microsoft’s page, so nothing was connected."),
    _("Press Connect Outlook when you are ready to accept."),
)
NOT_CHOSEN = Words(
    ReconnectNeeded,
    _("Your organisation lets only chosen people use this application, and you are not one of them."),
    _("Ask your IT team to assign the portal’s application to you in Microsoft Entra."),
)
BLOCKED = Words(
    ReconnectNeeded, _("Your Microsoft 365 account is blocked."), _("Ask your IT team if this is not what you expect.")
)
NOT_YOURS = Words(
    ReconnectNeeded,
    _("That is not an account of your organisation, so nothing was connected."),
    _("Press Connect Outlook, and sign in with your own work account."),
)
UNKNOWN_REASON = Words(ReconnectNeeded, _("Microsoft did not accept the sign-in to your Outlook."), AGAIN)

PERSONS: dict[int, Words] = {
    700082: UNUSED, 70008: UNUSED, 50173: ENDED, 70043: FROM_TIME_TO_TIME,
    50074: SECOND_STEP, 50076: SECOND_STEP, 50078: SECOND_STEP, 50079: SECOND_STEP, 50158: SECOND_STEP,
    53000: NOT_FROM_HERE, 53001: NOT_FROM_HERE, 53002: NOT_FROM_HERE, 53003: NOT_FROM_HERE, 50131: NOT_FROM_HERE,
    65001: NOT_ALLOWED, 90094: NOT_ALLOWED, 90095: NOT_ALLOWED, 65005: NOT_ALLOWED,
    65004: NOT_ACCEPTED, 50105: NOT_CHOSEN, 50057: BLOCKED, 50020: NOT_YOURS, 16000: NOT_YOURS, 50034: NOT_YOURS,
}  # fmt: skip


def from_person(answer: dict[str, Any]) -> ConnectorError:
    """A refusal of a person's token or sign-in. What is not about the person keeps the words that it has elsewhere."""
    error = from_identity(answer)
    number = error.code.removeprefix("AADSTS")
    words = PERSONS.get(int(number)) if number.isdigit() and error.code != number else None
    if words is None and isinstance(error, TryLater | BadCredentials):
        return error
    if words is None:
        words = NOT_ACCEPTED if answer.get("error") == "access_denied" else UNKNOWN_REASON
        words = NOT_ALLOWED if answer.get("error") == "consent_required" else words
    return error.worded(words.message, next_step=words.next_step, kind=words.kind)
