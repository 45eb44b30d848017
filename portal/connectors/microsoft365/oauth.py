"""Who signed in, and has the tenant agreed.

https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow
https://learn.microsoft.com/entra/identity-platform/v2-admin-consent
"""

import re
import time
import warnings
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from portal.connectors.errors import SignInFailed
from portal.connectors.microsoft365 import login, shapes, tokens
from portal.connectors.microsoft365.refusals import from_identity
from portal.connectors.microsoft365.settings import settings
from portal.connectors.values import Administrator
from portal.languages import gettext as _

ANY_ORGANISATION = "organizations"
PERSONAL_ACCOUNTS = "9188040d-6c67-4c5b-b112-36a304b66dad"
CLOCK_SKEW = 300
GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def begin_sign_in(redirect_uri: str) -> tuple[str, dict]:
    """Where to send the browser, and the flow (plain JSON, with the PKCE verifier) to keep on the server until then.

    Raises TryLater, BadCredentials.
    """
    with warnings.catch_warnings():
        # msal prefers a form posted from Microsoft's site; our cookies are SameSite=Lax and would not come with it.
        warnings.simplefilter("ignore", UserWarning)
        flow = login.ask(
            ANY_ORGANISATION,
            lambda application: application.initiate_auth_code_flow(
                [], redirect_uri=redirect_uri, prompt="select_account"
            ),
        )
    return login.real_address(flow["auth_uri"]), flow


def finish_sign_in(flow: dict, answer: Mapping[str, str]) -> Administrator:
    """Who signed in, and in which tenant. answer: what came back with the browser.

    Raises Declined, SignInFailed, BadCredentials, TryLater.
    """
    try:
        result = login.ask(
            ANY_ORGANISATION,
            lambda application: application.acquire_token_by_auth_code_flow(flow, dict(answer)),
        )
    except (ValueError, RuntimeError, TypeError, AttributeError, LookupError) as error:
        # msal reads the id_token without looking whether it can be one.
        message = _("The sign-in that came back does not belong to this attempt.")
        raise SignInFailed(message, code=_("state or nonce: %(error)s", error=error)[:120]) from error
    if "error" in result:
        login.forget(ANY_ORGANISATION)
        raise from_identity(result)
    return administrator(result.get("id_token_claims") or {})


def administrator(claims: Mapping[str, Any]) -> Administrator:
    """The person of an id_token, once everything msal leaves to us is checked. Raises SignInFailed, TryLater.

    That is: the token is for us, signed in the name of that very tenant, and valid now. (msal compares the nonce; the
    token came straight from the token endpoint, so its signature adds nothing.)
    """
    try:
        tenant_id = shapes.check(claims, shapes.Claims)["tid"].lower()
    except shapes.NotAsDescribed as error:
        raise SignInFailed(_("Microsoft did not say who signed in."), code=f"id_token: {error}") from error
    if not GUID.fullmatch(tenant_id):
        raise SignInFailed(_("Microsoft did not say who signed in."), code="id_token: tid")
    if tenant_id == PERSONAL_ACCOUNTS:
        raise SignInFailed(
            _("That is a personal Microsoft account, not one of an organisation."),
            next_step=_("Start again, and sign in with the account of your organisation."),
            code="personal account",
        )
    wrong = _wrong_claim(claims, tenant_id)
    if wrong:
        raise SignInFailed(_("The sign-in that came back cannot be trusted."), code=f"id_token: {wrong}")
    return Administrator(
        tenant_id=tenant_id,
        person_id=claims["oid"],
        name=claims.get("name") or "",
        email=claims.get("preferred_username") or claims.get("email") or "",
        roles=frozenset(claims.get("wids") or ()),
    )


def _wrong_claim(claims: Mapping[str, Any], tenant_id: str) -> str:
    moment = time.time()
    if claims.get("aud") != settings().client_id:
        return "aud"
    if not claims.get("exp", 0) > moment - CLOCK_SKEW:
        return "exp"
    if not claims.get("nbf", moment) < moment + CLOCK_SKEW:
        return "nbf"
    return "" if login.https_name(str(claims.get("iss"))) == login.issuer(tenant_id) else "iss"


def consent_url(tenant_id: str, *, redirect_uri: str, state: str) -> str:
    """The page on which an administrator of exactly this tenant accepts the portal's permissions."""
    query = {
        "client_id": settings().client_id,
        "scope": tokens.scope(),
        "redirect_uri": redirect_uri,
        "state": state,
    }
    return f"{settings().login}/{tenant_id}/v2.0/adminconsent?{urlencode(query)}"


def check_consent(tenant_id: str, answer: Mapping[str, str]) -> None:
    """What came back from the consent page. The tenant it names can be forged, so it must be the proven one.

    Raises Declined or whatever Microsoft named, and SignInFailed for another tenant.
    """
    # admin_consent=True comes with errors too.
    if answer.get("error"):
        raise from_identity(dict(answer))
    if answer.get("admin_consent", "").lower() != "true":
        raise from_identity({"error": "access_denied"})
    if answer.get("tenant", "").lower() != tenant_id.lower():
        raise SignInFailed(
            _("Permission was given for a different Microsoft 365 organisation than the one you signed in to."),
            code="tenant mismatch",
        )
