"""What each refusal of Microsoft's identity platform means, by its AADSTS number and by its OAuth error.

https://learn.microsoft.com/entra/identity-platform/reference-error-codes
"""

from typing import NamedTuple

from portal.connectors.errors import (
    BadCredentials,
    ConnectorError,
    Declined,
    NotPermitted,
    SignInFailed,
    TryLater,
)
from portal.languages import gettext as _


class Words(NamedTuple):
    """The kind of error, what happened, and what to do (the kind's own next step when None)."""

    kind: type[ConnectorError]
    message: str
    next_step: str | None = None


REGISTRATION = _("Ask your IT team to check the portal’s registration with Microsoft, then try again.")
OWN_ACCOUNT = _("Start again, and sign in with an account of your own company.")

DECLINED = Words(Declined, _("The request was declined on Microsoft’s page, so nothing was connected."))
NOT_AGREED = Words(
    NotPermitted, _("Your company’s Microsoft 365 has not agreed to the portal yet."), NotPermitted.next_step
)
NOT_KNOWN = Words(NotPermitted, _("The portal is not known in your company’s Microsoft 365."), NotPermitted.next_step)
WRONG_SECRET = Words(BadCredentials, _("Microsoft does not accept the portal’s client secret."), REGISTRATION)
WRONG_CERTIFICATE = Words(BadCredentials, _("Microsoft does not accept the portal’s certificate."), REGISTRATION)
UNKNOWN_TENANT = Words(
    SignInFailed,
    _("Microsoft does not know this company’s Microsoft 365 any more."),
    _("Check that it still exists, then disconnect and connect again."),
)
SECOND_FACTOR = Words(
    SignInFailed,
    _("Microsoft asked for a second step, and it was not completed."),
    _("Start again, and complete the second step when Microsoft asks for it."),
)
OTHER_DIRECTORY = Words(SignInFailed, _("This account belongs to another directory."), OWN_ACCOUNT)
NOT_ASSIGNED = Words(
    SignInFailed,
    _("Your company allows this application only to chosen people, and this person is not one of them."),
    _("Ask your IT team to assign the portal’s application to this person in Microsoft Entra."),
)
BLOCKED = Words(
    NotPermitted,
    _("A Conditional Access rule of your company blocks the portal."),
    _("Ask your IT team to allow the portal’s application in that rule."),
)
SINGLE_TENANT = Words(
    BadCredentials, _("The portal is registered with Microsoft for a single company only."), REGISTRATION
)
WRONG_REQUEST = Words(BadCredentials, _("The portal asked Microsoft in a way it does not allow."), REGISTRATION)
BUSY = Words(TryLater, _("Microsoft’s sign-in service is not answering at the moment."))

BY_NUMBER: dict[int, Words] = {
    65001: NOT_AGREED,
    65004: DECLINED,
    700016: NOT_KNOWN,
    7000215: WRONG_SECRET,
    7000222: Words(BadCredentials, _("The portal’s client secret has expired."), REGISTRATION),
    700027: WRONG_CERTIFICATE,
    50012: WRONG_CERTIFICATE,
    7000112: Words(
        NotPermitted,
        _("The portal was switched off in your company’s Microsoft 365."),
        _("Ask your IT team to enable the portal’s application in Microsoft Entra again."),
    ),
    7000229: Words(
        NotPermitted, _("The portal was removed from your company’s Microsoft 365."), NotPermitted.next_step
    ),
    90002: UNKNOWN_TENANT,
    90038: Words(
        SignInFailed,
        _("Your company’s Microsoft 365 is in a different Microsoft cloud from the one the portal uses."),
        _("Ask your IT team to change the portal’s cloud setting."),
    ),
    50105: NOT_ASSIGNED,
    53003: BLOCKED,
    50076: SECOND_FACTOR,
    50079: SECOND_FACTOR,
    50020: OTHER_DIRECTORY,
    90072: OTHER_DIRECTORY,
    50194: SINGLE_TENANT,
    9001023: WRONG_REQUEST,
    70011: Words(BadCredentials, _("Microsoft does not know the permission the portal asked for."), REGISTRATION),
    500011: Words(
        NotPermitted,
        _("Microsoft Graph is not available in your company’s Microsoft 365."),
        _("Ask your IT team whether Microsoft Graph was disabled in Microsoft Entra."),
    ),
    54005: Words(SignInFailed, _("This sign-in was used before.")),
    70008: Words(SignInFailed, _("This sign-in took too long.")),
    90033: BUSY,
    90024: BUSY,
    65005: NOT_AGREED,
    90094: NOT_AGREED,
    90095: NOT_AGREED,
    90099: NOT_KNOWN,
    500014: NOT_KNOWN,
    700024: Words(
        BadCredentials,
        _("Microsoft does not accept the portal’s sign-in: the clock of its machine is wrong."),
        REGISTRATION,
    ),
    700030: WRONG_CERTIFICATE,
    53000: BLOCKED,
    53001: BLOCKED,
    53002: BLOCKED,
    50074: SECOND_FACTOR,
    500121: SECOND_FACTOR,
    50196: Words(TryLater, _("Microsoft’s sign-in service asked us to wait.")),
}

BY_ERROR: dict[str, Words] = {
    "access_denied": DECLINED,
    "permission_denied": DECLINED,
    "consent_required": NOT_AGREED,
    "interaction_required": SECOND_FACTOR,
    "login_required": SECOND_FACTOR,
    "temporarily_unavailable": BUSY,
    "server_error": BUSY,
    "invalid_client": WRONG_SECRET,
    "unauthorized_client": NOT_KNOWN,
    "invalid_tenant": UNKNOWN_TENANT,
    "invalid_grant": Words(SignInFailed, _("Microsoft no longer accepts this sign-in.")),
    "invalid_request": WRONG_REQUEST,
    "invalid_scope": BY_NUMBER[70011],
    "invalid_resource": BY_NUMBER[500011],
    "unsupported_response_type": WRONG_REQUEST,
}
