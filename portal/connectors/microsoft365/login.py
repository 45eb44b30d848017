"""The way to Microsoft's identity platform: msal's applications, one per tenant, and what their failures mean.

https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc
"""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar
from urllib.parse import urlsplit

import msal
import requests

from portal.connectors import http, silence
from portal.connectors.errors import BadCredentials, ConnectorError, TryLater
from portal.connectors.microsoft365 import shapes
from portal.connectors.microsoft365.refusals import from_identity
from portal.connectors.microsoft365.settings import CLOUDS, settings
from portal.connectors.pace import retry_after
from portal.languages import gettext as _

# msal insists on https, which a login service on this machine need not have. So msal is given this reserved name, which
# can never leave the machine, and the requests to it go to the configured address.
STAND_IN = "https://entra.invalid"
DISCOVERY = "/v2.0/.well-known/openid-configuration"
NAME = "Microsoft’s sign-in service"
UNAVAILABLE = _("%(name)s is not answering properly at the moment.", name=NAME)
# Bytes: keys and documents have some thousands.
LARGEST_ANSWER = 1_000_000
Found = TypeVar("Found")


@dataclass(frozen=True)
class Answer:
    """What msal needs of an answer."""

    status_code: int
    text: str
    headers: dict[str, str]

    def raise_for_status(self) -> None:
        """Nothing: an answer that is no answer never gets this far."""


class LoginClient:
    """msal's http client: our session, our time-outs, and the addresses of a plain-http login service under STAND_IN.

    Raises requests.RequestException when there was no answer, or one that is not the identity platform's.
    """

    def get(self, url: str, **options: Any) -> Answer:
        answer = self._request("GET", url, **options)
        return _named_https(answer) if url.endswith(DISCOVERY) and answer.status_code == 200 else answer

    def post(self, url: str, **options: Any) -> Answer:
        return self._request("POST", url, **options)

    def close(self) -> None:
        """Nothing: the session belongs to the process."""

    def _request(self, method: str, url: str, **options: Any) -> Answer:
        response = http.SESSION.request(method, real_address(url), largest=LARGEST_ANSWER, **options)
        document = http.body_of(response)
        if not _is_described(url, response.status_code, document):
            raise requests.HTTPError(f"{response.status_code} from {urlsplit(url).path}", response=response)
        return Answer(response.status_code, response.content.decode(), dict(response.headers))


class RememberingClient(LoginClient):
    """The same, which asks a tenant for its addresses once an hour: each mailbox has an application of its own."""

    KEPT = 3600.0
    _known: ClassVar[dict[str, tuple[float, Answer]]] = {}

    def get(self, url: str, **options: Any) -> Answer:
        address = real_address(url)
        asked_at, known = self._known.get(address, (0.0, None))
        if known is not None and time.monotonic() - asked_at < self.KEPT:
            return known
        answer = super().get(url, **options)
        if url.endswith(DISCOVERY) and answer.status_code == 200:
            self._known[address] = (time.monotonic(), answer)
        return answer


def _is_described(url: str, status: int, document: Any) -> bool:
    """Whether an answer says yes or no in the identity platform's own way; a busy one says neither."""
    if status == 429 or not (200 <= status < 300 or 400 <= status < 500):
        return False
    shape = shapes.SignInError if status >= 400 else shapes.Discovery if url.endswith(DISCOVERY) else shapes.Tokens
    try:
        shapes.check(document, shape)
    except shapes.NotAsDescribed:
        return False
    return True


def _named_https(answer: Answer) -> Answer:
    """The discovery document with its plain-http addresses under STAND_IN, save the one that a browser goes to."""
    document = {
        name: https_name(value) if isinstance(value, str) and name != "authorization_endpoint" else value
        for name, value in json.loads(answer.text).items()
    }
    return Answer(answer.status_code, json.dumps(document), answer.headers)


def https_name(url: str) -> str:
    """What a plain-http address of a login service is called towards msal; https addresses stay as they are."""
    return f"{STAND_IN}{urlsplit(url).path}" if url.startswith("http://") else url


def real_address(url: str) -> str:
    """Where an address under STAND_IN really leads."""
    return f"{settings().login}{url.removeprefix(STAND_IN)}" if url.startswith(f"{STAND_IN}/") else url


def authority(tenant: str) -> str:
    """The address of a tenant at the identity platform, as msal is told it."""
    login_url = settings().login
    return f"{STAND_IN if login_url.startswith('http://') else login_url}/{tenant}"


def issuer(tenant_id: str) -> str:
    """Who signs the tokens of this tenant, by the tenant's own discovery document. Raises TryLater and others."""
    with speaking():
        answer = LoginClient().get(f"{authority(tenant_id)}{DISCOVERY}")
        document = json.loads(answer.text)
        if answer.status_code >= 400:
            raise from_identity(document, status=answer.status_code)
        return document["issuer"].replace("{tenantid}", tenant_id)


@contextmanager
def speaking() -> Iterator[None]:
    """Within it, what requests and msal raise about the network becomes TryLater."""
    try:
        yield
    except requests.HTTPError as error:
        headers = error.response.headers if error.response is not None else {}
        raise TryLater(
            UNAVAILABLE,
            code=str(error),
            retry_after=retry_after(headers),
            request_id=headers.get("x-ms-request-id", ""),
        ) from error
    except requests.RequestException as error:
        why = silence.reason(error, NAME)
        raise TryLater(why.message, next_step=why.next_step, code=why.code) from error
    except msal.exceptions.MsalServiceError as error:
        raise TryLater(UNAVAILABLE, code=type(error).__name__) from error


_applications: dict[tuple[str, ...], msal.ConfidentialClientApplication] = {}
# Tokens as msal gave them, and until when they are taken as they are: msal looks through all of its memory each time.
_given: dict[tuple[str, ...], tuple[str, float]] = {}
TAKEN_AS_IT_IS = 10.0
_lock = threading.Lock()


def ask(tenant: str, question: Callable[[msal.ConfidentialClientApplication], Found]) -> Found:
    """What question(application) returns, for the application of a tenant ("organizations" for any).

    Raises TryLater, BadCredentials, or whatever Microsoft says about the tenant; msal's ValueError and RuntimeError,
    which mean something else in every question, pass through.
    """
    with speaking():
        return question(_application(tenant))


def _application(tenant: str) -> msal.ConfidentialClientApplication:
    """The application object, whose tokens live in memory only. Raises BadCredentials, or what `issuer` raises."""
    key = _key(tenant)
    with _lock:
        known = _applications.get(key)
    if known is None:
        known = _new_application(tenant)
        with _lock:
            known = _applications.setdefault(key, known)
    return known


def _key(tenant: str) -> tuple[str, ...]:
    return tenant, settings().login, settings().client_id


def ask_as(
    tenant: str, cache: msal.SerializableTokenCache, question: Callable[[msal.ConfidentialClientApplication], Found]
) -> Found:
    """As `ask`, with the tokens of one person, which are kept in their cache and nowhere else."""
    with speaking():
        # A person's refresh token is what the portal acts with while they are away, so it asks for one.
        own = {"token_cache": cache, "exclude_scopes": None, "http_client": RememberingClient()}
        return question(_new_application(tenant, **own))


def _new_application(tenant: str, **options: Any) -> msal.ConfidentialClientApplication:
    microsofts = {urlsplit(login).hostname for login, _ in CLOUDS.values()}
    try:
        return msal.ConfidentialClientApplication(
            settings().client_id,
            client_credential=_credential(),
            authority=authority(tenant),
            # Microsoft's own hosts are known to msal; of any other it would ask Microsoft.
            instance_discovery=None if urlsplit(settings().login).hostname in microsofts else False,
            client_capabilities=["CP1"],
            **{"http_client": LoginClient(), "exclude_scopes": ["offline_access"], **options},
        )
    except OSError as error:
        if isinstance(error, requests.RequestException):
            raise
        raise BadCredentials(_("The portal’s certificate cannot be read."), code=type(error).__name__) from error
    except ValueError as error:
        raise _not_built(tenant, error) from error


def _not_built(tenant: str, error: ValueError) -> ConnectorError:
    """Msal says ValueError for a tenant that is not there and for a certificate it cannot read: which one was it?"""
    if "authority configuration" in str(error):
        answer = LoginClient().get(f"{authority(tenant)}{DISCOVERY}")
        return from_identity(json.loads(answer.text), status=answer.status_code)
    return BadCredentials(_("The portal’s certificate cannot be used to sign in."), code=str(error)[:120])


def _credential() -> Any:
    chosen = settings()
    if chosen.certificate_file:
        text = chosen.certificate_file.read_text(encoding="ascii")
        return {"private_key": text, "public_certificate": text[text.index("-----BEGIN CERTIFICATE") :]}
    return chosen.client_secret.get_secret_value() if chosen.client_secret else None


def given(tenant: str) -> str:
    """The token that the tenant gave moments ago; empty when there is none."""
    token, until = _given.get(_key(tenant), ("", 0.0))
    return token if time.monotonic() < until else ""


def note_given(tenant: str, token: str) -> None:
    _given[_key(tenant)] = token, time.monotonic() + TAKEN_AS_IT_IS


def forget(tenant: str) -> None:
    """Drop what is remembered of a tenant, its tokens above all."""
    with _lock:
        for known in (_applications, _given):
            for key in [key for key in known if key[0] == tenant]:
                del known[key]
