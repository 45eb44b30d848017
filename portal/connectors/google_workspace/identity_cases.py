"""What each refusal of Google's sign-in means, by its error and, where that is not enough, its words.

https://developers.google.com/identity/protocols/oauth2#expiration
https://developers.google.com/identity/protocols/oauth2/web-server#handlingresponse
The first case that fits decides. At a refresh each of them is waited for: somebody signs in again, and work goes on.
"""

import re
from dataclasses import dataclass

from portal.connectors.errors import BadCredentials, ConnectorError, Declined, NotPermitted, SignInFailed, TryLater
from portal.languages import gettext as _
from portal.languages import joined

AGAIN = _(
    "A super administrator of your company must press Continue with Google under Settings > General Settings > Add-ons."
)
OPERATOR = _("Ask your IT team to check the portal’s registration with Google, then try again.")
TRUST = _(
    "Ask your Google administrator to trust the portal’s application: Admin console > Security > "
    "Access and data control > API controls > Manage third-party app access. Then start again."
)
START_AGAIN = _("Start again with the button.")


@dataclass(frozen=True)
class IdentityCase:
    """errors: OAuth errors, any of which shows it; words: a pattern in error_description or error_subtype.

    kind, message, next_step: at a sign-in. ended: the same for a connection whose sign-in is renewed; empty where that
    is no other sentence.
    """

    errors: tuple[str, ...]
    kind: type[ConnectorError]
    message: str
    next_step: str
    words: str = ""
    ended: str = ""
    ended_next_step: str = AGAIN

    def fits(self, error: str, description: str) -> bool:
        return error in self.errors and bool(re.search(self.words, description, re.IGNORECASE))


GRANT = ("invalid_grant",)
CASES = (
    IdentityCase(
        GRANT, SignInFailed, _("Google asks for a fresh sign-in before it lets the portal go on."), START_AGAIN,
        words="rapt|reauth",
        ended=_("Your company’s Google session rules ended the portal’s sign-in."),
        ended_next_step=joined(
            AGAIN,
            _("To keep it from ending again, exempt the portal’s application as trusted in Google Cloud "
            "session control."),
        ),
    ),
    IdentityCase(
        GRANT, SignInFailed, _("Google says that this account was deleted."), START_AGAIN, words="deleted",
        ended=_("The administrator who connected Google Workspace was deleted there."),
    ),
    IdentityCase(
        (*GRANT, "access_denied"), SignInFailed, _("Google says that this account is suspended."), START_AGAIN,
        words="restricted|suspended|disabled",
        ended=_("The administrator who connected Google Workspace is suspended there."),
        ended_next_step=joined(_("Reactivate that administrator in the Admin console. Or:"), AGAIN),
    ),
    IdentityCase(
        GRANT, NotPermitted, _("Your company’s Google Workspace does not allow the portal’s application."), TRUST,
        words="admin_policy|policy_enforced",
        ended=_("Your company’s Google administrator has blocked the portal’s application."), ended_next_step=TRUST,
    ),
    IdentityCase(
        GRANT, SignInFailed, _("Google no longer accepts this sign-in: it was used before, or it took too long."),
        START_AGAIN,
        ended=_("Google has ended the portal’s sign-in: the administrator or your company withdrew it, or it "
            "expired."),
    ),
    IdentityCase(
        ("admin_policy_enforced", "access_not_configured"), NotPermitted,
        _("Your company’s Google Workspace does not allow the portal’s application."), TRUST,
        ended=_("Your company’s Google administrator has blocked the portal’s application."), ended_next_step=TRUST,
    ),
    IdentityCase(
        ("access_denied",), Declined, _("The request was declined on Google’s page, so nothing was connected."),
        _("Start again when you are ready to allow it."),
        ended=_("Google no longer lets the portal sign in as the administrator who connected it."),
    ),
    IdentityCase(
        ("org_internal",), BadCredentials, _("The portal is registered with Google for one company only."), OPERATOR,
        ended_next_step=OPERATOR,
    ),
    IdentityCase(
        ("invalid_client", "deleted_client"), BadCredentials,
        _("Google does not accept the portal’s own registration: its client id or secret."), OPERATOR,
        ended_next_step=OPERATOR,
    ),
    IdentityCase(
        ("redirect_uri_mismatch", "invalid_request", "invalid_scope", "unauthorized_client",
         "unsupported_response_type", "disallowed_useragent", "unsupported_grant_type"),
        BadCredentials, _("The portal asked Google in a way that its registration there does not allow."), OPERATOR,
        ended_next_step=OPERATOR,
    ),
    IdentityCase(
        ("interaction_required", "login_required", "consent_required", "account_selection_required"), SignInFailed,
        _("Google asked for something that was not completed."), START_AGAIN,
    ),
    IdentityCase(
        ("internal_failure", "server_error", "temporarily_unavailable", "backend_error"), TryLater,
        _("Google’s sign-in service is not answering at the moment."), TryLater.next_step,
    ),
)  # fmt: skip
UNKNOWN = IdentityCase((), SignInFailed, _("Google did not accept the sign-in."), START_AGAIN)


def from_identity(
    error: str, description: str = "", *, subtype: str = "", status: int | None = None, renewing: bool = False
) -> ConnectorError:
    """A refusal of Google's sign-in as one of our errors. renewing: of the sign-in that a connection holds.

    A person who signs in again corrects what such a refusal is about, so what waits for it is not given up.
    """
    said = f"{description} {subtype}"
    case = next((case for case in CASES if case.fits(error, said)), UNKNOWN)
    code = " ".join(part for part in (error, subtype or description) if part)
    if not renewing or case.kind is TryLater:
        return case.kind(case.message, next_step=case.next_step, code=error, status=status)
    return BadCredentials(
        case.ended or case.message, permanent=False, next_step=case.ended_next_step, code=code, status=status
    )
