"""Exchanges with Google's sign-in service: its documents, its keys, and its token endpoint.

https://developers.google.com/identity/openid-connect/openid-connect
"""

import re
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jwt
import requests

from portal.connectors import http, silence
from portal.connectors.errors import ConnectorError, SignInFailed, TryLater
from portal.connectors.google_workspace import shapes
from portal.connectors.google_workspace.identity_cases import from_identity
from portal.connectors.google_workspace.settings import settings
from portal.connectors.pace import retry_after
from portal.connectors.shape import NotAsDescribed, Shape, check
from portal.languages import gettext as _

NAME = "Google’s sign-in service"
UNAVAILABLE = _("%(name)s is not answering properly at the moment.", name=NAME)
ISSUER = "https://accounts.google.com"
DISCOVERY = "/.well-known/openid-configuration"
# Bytes: keys and documents have some thousands.
LARGEST_ANSWER = 1_000_000
# Seconds for which a document is kept that does not say for how long; and the longest of all.
KEPT_FOR, KEPT_AT_MOST = 300.0, 86_400.0
TRIES, PAUSE = 3, 0.3


@dataclass(frozen=True)
class _Kept:
    document: dict[str, Any]
    at: float
    until: float


_kept: dict[str, _Kept] = {}
_lock = threading.Lock()


def forget() -> None:
    """Ask for documents and keys again."""
    with _lock:
        _kept.clear()


def document(url: str, shape: type[Shape], *, newer_than: float = 0.0) -> dict[str, Any]:
    """A document of Google's, kept for as long as its Cache-Control says. newer_than: a moment of time.monotonic().

    Raises TryLater.
    """
    moment = time.monotonic()
    found = _kept.get(url)
    if found is None or found.until <= moment or found.at < newer_than:
        response = send("GET", url)
        if response.status_code != 200:
            raise TryLater(UNAVAILABLE, code=f"{response.status_code} from {url.rpartition('/')[2]}")
        try:
            body = check(http.body_of(response), shape)
        except NotAsDescribed as error:
            raise TryLater(UNAVAILABLE, code=f"not as described: {error}") from error
        found = _Kept(body, moment, moment + _fresh_for(response.headers))
        with _lock:
            _kept[url] = found
    return found.document


def _fresh_for(headers: Mapping[str, str]) -> float:
    """https://www.rfc-editor.org/rfc/rfc9111#name-calculating-freshness-lifet"""
    control = headers.get("Cache-Control", "")
    if re.search(r"no-store|no-cache", control):
        return 0.0
    found = re.search(r"max-age=(\d{1,9})", control)
    age = headers.get("Age", "")
    spent = float(age) if re.fullmatch(r"\d{1,9}", age) else 0.0
    return min(max(0.0, float(found.group(1)) - spent), KEPT_AT_MOST) if found else KEPT_FOR


def discovery() -> dict[str, Any]:
    """https://developers.google.com/identity/openid-connect/openid-connect#discovery. Raises TryLater."""
    return document(f"{settings().accounts_url}{DISCOVERY}", shapes.Discovery)


def issuers() -> list[str]:
    """Who signs id tokens: Google, or by the discovery document, with and without https://. Raises TryLater."""
    names = dict.fromkeys((discovery()["issuer"], ISSUER))
    return [*names, *(re.sub(r"^https?://", "", name) for name in names)]


def key_of(id_token: str) -> jwt.PyJWK:
    """The public key that an id token says it is signed with. Keys change: an unknown one is asked for once more.

    Raises SignInFailed, TryLater.
    """
    try:
        key_id = jwt.get_unverified_header(id_token).get("kid")
    except jwt.InvalidTokenError as error:
        raise SignInFailed(_("Google did not say who signed in."), code="id_token: header") from error
    url = discovery()["jwks_uri"]
    for newer_than in (0.0, time.monotonic()):
        for key in document(url, shapes.Keys, newer_than=newer_than)["keys"]:
            if key.get("kid") == key_id and key.get("kty") == "RSA":
                return jwt.PyJWK.from_dict(key, algorithm="RS256")
    raise SignInFailed(_("The sign-in that came back cannot be trusted."), code="id_token: unknown key")


def token(form: Mapping[str, str], *, renewing: bool = False) -> dict[str, Any]:
    """What the token endpoint answers to this form, with the portal's own id and secret added.

    https://developers.google.com/identity/protocols/oauth2/web-server#exchange-authorization-code
    renewing: a connection's sign-in is renewed, which may be asked again when no answer came. Raises ConnectorError.
    """
    whole = {
        **form, "client_id": settings().client_id, "client_secret": settings().client_secret.get_secret_value(),
    }  # fmt: skip
    response = send("POST", f"{settings().token_url}/token", data=whole, tries=TRIES if renewing else 1)
    body = http.body_of(response)
    if response.status_code == 200:
        try:
            found: dict[str, Any] = check(body, shapes.Tokens)
        except NotAsDescribed as error:
            raise TryLater(UNAVAILABLE, code=f"not as described: {error}") from error
        return found
    raise refusal_of(response, body, renewing=renewing)


def refusal_of(response: requests.Response, body: Any, *, renewing: bool = False) -> ConnectorError:
    """What a refusal of the token endpoint means. One that is not in its own words says nothing for good."""
    error = body.get("error") if isinstance(body, dict) else None
    if response.status_code == 429 or response.status_code >= 500 or not isinstance(error, str):
        code = _("%(status_code)s from token", status_code=response.status_code)
        return TryLater(UNAVAILABLE, code=code, retry_after=retry_after(response.headers))
    texts = [body.get(name) for name in ("error_description", "error_subtype")]
    description, subtype = (text if isinstance(text, str) else "" for text in texts)
    return from_identity(
        error, description, subtype=subtype, status=None if renewing else response.status_code, renewing=renewing
    )


def revoke(refresh_token: str) -> None:
    """https://developers.google.com/identity/protocols/oauth2/web-server#tokenrevoke. Raises TryLater.

    It ends all that the person ever granted to this portal. One that has ended already is refused, which is as good.
    """
    send("POST", f"{settings().token_url}/revoke", data={"token": refresh_token})


def send(method: str, url: str, *, data: Mapping[str, str] | None = None, tries: int = TRIES) -> requests.Response:
    """The answer; where none came, or a server is in trouble, it is asked again a few times. Raises TryLater."""
    for attempt in range(1, tries + 1):
        try:
            response = http.SESSION.request(method, url, data=data, largest=LARGEST_ANSWER)
        except requests.RequestException as error:
            if attempt == tries:
                why = silence.reason(error, NAME)
                raise TryLater(why.message, next_step=why.next_step, code=why.code) from error
        else:
            if response.status_code < 500 or attempt == tries:
                return response
        time.sleep(http.jittered(PAUSE))
    raise AssertionError("unreachable")
