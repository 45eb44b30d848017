"""Who signed in, has the tenant agreed, and the portal's own tokens: all by msal.

https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow
https://learn.microsoft.com/entra/identity-platform/v2-admin-consent
https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
"""

import json
import re
import threading
import time
import warnings
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

import jwt
import msal
import requests
from requests.adapters import HTTPAdapter

from portal.config import CLOUDS, settings
from portal.connectors import http
from portal.connectors.base import Administrator
from portal.connectors.errors import BadCredentials, ConnectorError, SignInFailed, TryLater
from portal.connectors.microsoft365.refusals import from_identity

# A reserved name that can never leave the machine: msal insists on https, a login service on loopback has none.
STAND_IN = "https://entra.invalid"
PERSONAL_ACCOUNTS = "9188040d-6c67-4c5b-b112-36a304b66dad"
CLOCK_SKEW = 300
GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)

_apps: dict[str, msal.ConfidentialClientApplication] = {}
_lock = threading.Lock()


class _PlainHttp(HTTPAdapter):
    """Takes what is meant for STAND_IN to the plain-http login service, and lets msal believe its token endpoint."""

    def send(self, request: requests.PreparedRequest, *arguments: Any, **options: Any) -> requests.Response:
        login_url = settings().login_url
        request.url = (request.url or "").replace(STAND_IN, login_url, 1)
        options["proxies"] = {}
        response = super().send(request, *arguments, **options)
        if request.url.endswith("/openid-configuration") and response.ok:
            document = response.json()
            document["token_endpoint"] = document["token_endpoint"].replace(login_url, STAND_IN, 1)
            response._content = json.dumps(document).encode()
        return response


class _Timed(requests.Session):
    """msal names no time-outs."""

    def request(self, *arguments: Any, **options: Any) -> requests.Response:  # type: ignore[override]
        options.setdefault("timeout", http.TIMEOUT)
        return super().request(*arguments, **options)


def _session() -> requests.Session:
    session = _Timed()
    session.mount(f"{STAND_IN}/", _PlainHttp())
    return session


def _authority(tenant: str) -> str:
    login_url = settings().login_url
    return f"{STAND_IN if login_url.startswith('http://') else login_url}/{tenant}"


def _credential() -> Any:
    chosen = settings()
    if chosen.m365_certificate_file:
        text = chosen.m365_certificate_file.read_text(encoding="ascii")
        return {"private_key": text, "public_certificate": text[text.index("-----BEGIN CERTIFICATE") :]}
    return chosen.m365_client_secret.get_secret_value() if chosen.m365_client_secret else None


def _app(tenant: str) -> msal.ConfidentialClientApplication:
    """One application object per tenant and process; its token cache lives in memory only."""
    with _lock:
        if tenant not in _apps:
            hosts = {urlsplit(login).hostname for login, _ in CLOUDS.values()}
            _apps[tenant] = msal.ConfidentialClientApplication(
                settings().m365_client_id,
                client_credential=_credential(),
                authority=_authority(tenant),
                instance_discovery=None if urlsplit(settings().login_url).hostname in hosts else False,
                http_client=_session(),
                exclude_scopes=["offline_access"],
            )
        return _apps[tenant]


def forget(tenant_id: str) -> None:
    """Drop the tokens of a tenant: a fresh one then shows what was granted meanwhile."""
    with _lock:
        _apps.pop(tenant_id, None)


def _asking(tenant: str, ask: Any) -> Any:
    """What ask(app) returns; everything msal and the network may raise becomes one of our errors."""
    try:
        return ask(_app(tenant))
    except (requests.RequestException, msal.exceptions.MsalServiceError) as error:
        forget(tenant)
        raise TryLater(
            "Microsoft's sign-in service is not answering at the moment.", code=type(error).__name__
        ) from error
    except json.JSONDecodeError as error:
        forget(tenant)
        raise TryLater("Microsoft's sign-in service is not answering properly.", code="not JSON") from error
    except OSError as error:
        forget(tenant)
        raise BadCredentials("The portal's certificate cannot be read.", code=type(error).__name__) from error
    except ValueError as error:
        forget(tenant)
        if "authority configuration" in str(error):
            raise SignInFailed("Microsoft does not know this tenant.", code="unknown tenant") from error
        raise SignInFailed("The sign-in that came back does not belong to this attempt.", code="state") from error


def begin_sign_in(redirect_uri: str) -> tuple[str, dict]:
    """Where to send the browser, and the flow to keep for finish_sign_in. Raises TryLater, BadCredentials."""
    with warnings.catch_warnings():
        # msal prefers a form posted from Microsoft's site; our cookies are SameSite=Lax and would not come with it.
        warnings.simplefilter("ignore", UserWarning)
        flow = _asking(
            "organizations",
            lambda app: app.initiate_auth_code_flow([], redirect_uri=redirect_uri, prompt="select_account"),
        )
    return flow["auth_uri"].replace(STAND_IN, settings().login_url, 1), flow


def finish_sign_in(flow: dict, answer: Mapping[str, str]) -> Administrator:
    """Who signed in, and in which tenant. Raises Declined, SignInFailed, BadCredentials, TryLater."""
    try:
        result = _asking("organizations", lambda app: app.acquire_token_by_auth_code_flow(flow, dict(answer)))
    except RuntimeError as error:
        raise SignInFailed("The sign-in that came back does not belong to this attempt.", code="nonce") from error
    if "error" in result:
        forget("organizations")
        raise from_identity(result)
    claims = result.get("id_token_claims") or {}
    _check(claims)
    return Administrator(
        tenant_id=claims["tid"].lower(),
        person_id=claims["oid"],
        name=claims.get("name", ""),
        email=claims.get("preferred_username") or claims.get("email") or "",
        roles=frozenset(claims.get("wids") or ()),
    )


def _check(claims: Mapping[str, Any]) -> None:
    """What msal no longer checks: that the token is for us, from that tenant's issuer, and valid now."""
    moment = time.time()
    tenant_id = str(claims.get("tid", ""))
    if not GUID.fullmatch(tenant_id) or not claims.get("oid"):
        raise SignInFailed("Microsoft did not say who signed in.", code="id_token")
    if tenant_id.lower() == PERSONAL_ACCOUNTS:
        raise SignInFailed(
            "That is a personal Microsoft account.", next_step="Sign in with the account of your organisation.",
            code="personal account",
        )  # fmt: skip
    good = (
        claims.get("aud") == settings().m365_client_id
        and claims.get("iss") == _issuer(tenant_id)
        and claims.get("exp", 0) > moment - CLOCK_SKEW
        and claims.get("nbf", 0) < moment + CLOCK_SKEW
    )
    if not good:
        raise SignInFailed("The sign-in that came back cannot be trusted.", code="id_token")


def _issuer(tenant_id: str) -> str:
    """The issuer that the tenant's own discovery document names."""
    url = f"{_authority(tenant_id)}/v2.0/.well-known/openid-configuration"
    try:
        response = _session().get(url)
        response.raise_for_status()
        return response.json()["issuer"].replace("{tenantid}", tenant_id)
    except (requests.RequestException, ValueError, KeyError) as error:
        raise TryLater(
            "Microsoft's sign-in service is not answering at the moment.", code=type(error).__name__
        ) from error


def scope() -> str:
    return f"{CLOUDS[settings().m365_cloud][1]}/.default"


def consent_url(tenant_id: str, *, redirect_uri: str, state: str) -> str:
    """The page on which an administrator of exactly this tenant accepts the portal's permissions."""
    query = {
        "client_id": settings().m365_client_id, "scope": scope(), "redirect_uri": redirect_uri, "state": state,
    }  # fmt: skip
    return f"{settings().login_url}/{tenant_id}/v2.0/adminconsent?{urlencode(query)}"


def check_consent(tenant_id: str, answer: Mapping[str, str]) -> None:
    """What came back from the consent page. The tenant named there is only a hint, so it must be the proven one.

    Raises Declined or whatever Microsoft named, and SignInFailed for another tenant.
    """
    if answer.get("error"):
        raise from_identity(dict(answer))
    if answer.get("admin_consent", "").lower() != "true":
        raise from_identity({"error": "access_denied"})
    if answer.get("tenant", "").lower() != tenant_id.lower():
        raise SignInFailed(
            "The consent was given for another tenant than the one you signed in to.", code="tenant mismatch"
        )


def app_token(tenant_id: str, *, claims_challenge: str | None = None) -> str:
    """The portal's own token for the tenant. Raises BadCredentials, NotPermitted, SignInFailed, TryLater."""
    result = _asking(tenant_id, lambda app: app.acquire_token_for_client([scope()], claims_challenge=claims_challenge))
    if "access_token" not in result:
        forget(tenant_id)
        raise from_identity(result)
    return result["access_token"]


def granted(tenant_id: str) -> frozenset[str]:
    """The permissions that the tenant has granted, as the portal's token states them. Raises as app_token does."""
    try:
        claims = jwt.decode(app_token(tenant_id), options={"verify_signature": False})
    except jwt.InvalidTokenError as error:
        raise ConnectorError("Microsoft's token cannot be read, so permissions are unknown.", code="token") from error
    return frozenset(claims.get("roles") or ())
