"""Who signed in with Google, and what they allowed.

To connect a customer is one trip, which brings a lasting sign-in for the connection. Who signs in to the portal
tells it who they are, and nothing else.

https://developers.google.com/identity/protocols/oauth2/web-server
https://developers.google.com/identity/openid-connect/openid-connect#validatinganidtoken
"""

import base64
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

import jwt

from portal.connectors.errors import ConnectorError, NotFound, NotPermitted, SignInFailed
from portal.connectors.google_workspace import identity, scopes, shapes
from portal.connectors.google_workspace.client import DirectoryClient
from portal.connectors.google_workspace.held import Held
from portal.connectors.google_workspace.identity_cases import from_identity
from portal.connectors.google_workspace.settings import settings
from portal.connectors.shape import NotAsDescribed, check
from portal.connectors.values import Administrator
from portal.languages import gettext as _
from portal.languages import listed

CLOCK_SKEW = 300
# Ten years: longer than anything that Google grants.
MOST_SECONDS = 10 * 366 * 86_400.0
REQUIRED = ("iss", "aud", "exp", "iat", "sub")
NOT_TRUSTED = _("The sign-in that came back cannot be trusted.")
OWN_ACCOUNT = _("Start again, and sign in with the Google account of your company.")
# A lasting sign-in comes only with both access_type and prompt, however often somebody has agreed before.
LASTING = {"access_type": "offline", "prompt": "consent select_account", "include_granted_scopes": "true"}
# hd: the page offers the accounts of companies first. It proves nothing.
BRIEF = {"access_type": "online", "prompt": "select_account", "hd": "*"}


def begin_sign_in(redirect_uri: str, *, to_connect: bool) -> tuple[str, dict[str, Any]]:
    """Where to send the browser, and the flow (with the PKCE verifier) to keep on the server until then.

    https://developers.google.com/identity/protocols/oauth2/web-server#creatingclient
    """
    flow: dict[str, Any] = {
        "state": secrets.token_urlsafe(32), "nonce": secrets.token_urlsafe(32), "verifier": secrets.token_urlsafe(64),
        "redirect_uri": redirect_uri, "to_connect": to_connect,
    }  # fmt: skip
    challenge = base64.urlsafe_b64encode(sha256(flow["verifier"].encode()).digest()).rstrip(b"=").decode()
    asked_for, how = (scopes.ASKED_FOR, LASTING) if to_connect else (scopes.IDENTITY, BRIEF)
    query = {
        "client_id": settings().client_id, "redirect_uri": redirect_uri, "response_type": "code",
        "scope": " ".join(asked_for), "state": flow["state"], "nonce": flow["nonce"],
        "code_challenge": challenge, "code_challenge_method": "S256", **how,
    }  # fmt: skip
    return f"{settings().accounts_url}/o/oauth2/v2/auth?{urlencode(query)}", flow


def finish_sign_in(flow: Mapping[str, Any], answer: Mapping[str, str]) -> Administrator:
    """Who signed in. To connect: for which customer, with the credential that the connection is to keep.

    Raises Declined, SignInFailed, NotPermitted (a box was left unticked, a policy says no), BadCredentials, TryLater.
    """
    if answer.get("error"):
        raise from_identity(answer["error"])
    if not secrets.compare_digest(answer.get("state", ""), flow["state"]) or not answer.get("code"):
        raise SignInFailed(_("The sign-in that came back does not belong to this attempt."), code="state")
    found = identity.token({
        "grant_type": "authorization_code", "code": answer["code"], "redirect_uri": flow["redirect_uri"],
        "code_verifier": flow["verifier"],
    })  # fmt: skip
    claims = claims_of(found.get("id_token") or "", nonce=flow["nonce"])
    if not flow.get("to_connect", True):
        return _person(claims)
    granted = scopes.granted(found.get("scope"), scopes.ASKED_FOR)
    _refuse_unticked(granted)
    if not found.get("refresh_token"):
        raise SignInFailed(
            _("Google did not give the portal a lasting sign-in, so nothing was connected."),
            next_step=_("Open https://myaccount.google.com/connections, remove the portal there, and start again."),
            code="no refresh_token",
        )
    held = Held(
        found["refresh_token"], granted, claims["sub"], claims.get("email") or "",
        _day_after(found.get("refresh_token_expires_in")),
    )  # fmt: skip
    return _administrator(held, claims, found["access_token"])


def _day_after(seconds: Any) -> str:
    """The day on which a sign-in of so many seconds ends; empty for one without an end.

    https://developers.google.com/identity/protocols/oauth2/web-server#time-based-access
    """
    lasts = min(float(seconds or 0), MOST_SECONDS)
    return (datetime.now(UTC) + timedelta(seconds=lasts)).date().isoformat() if lasts else ""


def claims_of(id_token: str, *, nonce: str) -> dict[str, Any]:
    """What an id token states, once its signature and all else is checked. Raises SignInFailed, TryLater."""
    if not id_token:
        raise SignInFailed(_("Google did not say who signed in."), code="no id_token")
    ours = settings().client_id
    try:
        claims = jwt.decode(
            id_token, identity.key_of(id_token), algorithms=["RS256"], audience=ours,
            issuer=identity.issuers(), leeway=CLOCK_SKEW, options={"require": list(REQUIRED)},
        )  # fmt: skip
        check(claims, shapes.Claims)
    except (jwt.PyJWTError, NotAsDescribed) as error:
        raise SignInFailed(NOT_TRUSTED, code=f"id_token: {type(error).__name__}") from error
    # Google names one application alone: the one that asked.
    if claims["aud"] not in (ours, [ours]) or claims.get("azp", ours) != ours:
        raise SignInFailed(NOT_TRUSTED, code="id_token: another application's too")
    if not secrets.compare_digest(str(claims.get("nonce") or ""), nonce):
        raise SignInFailed(NOT_TRUSTED, code="id_token: nonce")
    if not claims.get("hd"):
        raise SignInFailed(
            _("That is a personal Google account, not one of an organisation."), next_step=OWN_ACCOUNT,
            code="no hosted domain",
        )  # fmt: skip
    if claims.get("email_verified") is not True:
        raise SignInFailed(
            _("Google has not verified the address of this account."), next_step=OWN_ACCOUNT, code="email_verified"
        )
    return claims


def _person(claims: Mapping[str, Any]) -> Administrator:
    """Who signs in to the portal. Google names a domain of the customer, and never the customer itself."""
    name, email = claims.get("name") or "", claims.get("email") or ""
    return Administrator("", claims["sub"], name, email, domain=claims["hd"].lower())


def _refuse_unticked(granted: frozenset[str]) -> None:
    """Raises NotPermitted, naming what cannot be done, where a box was left unticked that the portal needs."""
    lost = scopes.lost(granted, required=True)
    if lost:
        words = listed(lost)
        raise NotPermitted(
            _("A box on Google’s page was left unticked. Without it the portal cannot %(words)s. Nothing was "
            "connected.", words=words),
            next_step=_("Start again, and tick every box: “Select all” on Google’s page does it."),
            code="unticked",
        )  # fmt: skip


def _administrator(held: Held, claims: Mapping[str, Any], access_token: str) -> Administrator:
    """The person with the customer that Google itself says they belong to, never that of an address.

    https://developers.google.com/workspace/admin/directory/reference/rest/v1/users/get
    """
    email = held.email
    try:
        user = DirectoryClient("", held, token=access_token).signer(held.person_id)
    except (NotPermitted, NotFound) as error:
        if isinstance(error, NotPermitted) and error.target == "policy":
            raise
        raise _not_super(email, error) from error
    if user.get("isAdmin") is not True:
        raise _not_super(email)
    if not user.get("customerId"):
        raise SignInFailed(_("Google did not say which company this account belongs to."), code="customerId")
    name = claims.get("name") or ""
    return Administrator(user["customerId"], held.person_id, name, email, credential=held.written())


def _not_super(email: str, error: ConnectorError | None = None) -> SignInFailed:
    return SignInFailed(
        _(
            "%(email)s is not a super administrator of your company’s Google Workspace, and only one can connect it.",
            email=email,
        ),
        next_step=_("Start again with Continue with Google, and sign in as a super administrator."),
        code=error.code if error else "isAdmin",
    )
