"""The portal's own credentials, tried at Microsoft before any tenant is connected.

https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
https://learn.microsoft.com/entra/identity-platform/reference-error-codes
"""

import warnings
from urllib.parse import urlsplit

import requests

from portal.connectors.base import Connector
from portal.connectors.errors import BadCredentials, ConnectorError, TryLater
from portal.connectors.http import SESSION
from portal.connectors.microsoft365 import login, tokens
from portal.connectors.microsoft365.settings import settings

ANY_TENANT = "organizations"
# Answers about the place that was asked and not about who asks: no such tenant, none named, no such grant without one.
ABOUT_THE_TENANT = frozenset({"AADSTS9001023", "AADSTS90002", "AADSTS900023", "AADSTS900021", "AADSTS90019"})
NOT_REGISTERED_THERE = "AADSTS700016"


def examine(tenant: str, connected: Connector | None) -> str:
    """Whether the login service answers and takes the portal's credentials, as sentences. tenant: where to try them.

    Without one they are tried where `connected` is; without that either, in no tenant in particular.
    Raises BadCredentials, TryLater and others.
    """
    if missing := settings().needed:
        raise BadCredentials(f"Not set: {' and '.join(missing)}.", next_step="")
    _reach(settings().login, f"/{ANY_TENANT}{login.DISCOVERY}", answers=(200,))
    # Graph has nothing to show without a token: that it says so is its answer.
    _reach(settings().graph, "/v1.0/organization", answers=(401,))
    names = {urlsplit(address).hostname: None for address in (settings().login, settings().graph)}
    answers = f"{' and '.join(filter(None, names))} {'answer' if len(names) > 1 else 'answers'}."
    if tenant or connected is None:
        return f"{answers} {try_credentials(tenant)}"
    connected.granted()
    return f"{answers} It accepts the portal's credentials in the company that was connected last."


def _reach(address: str, path: str, *, answers: tuple[int, ...]) -> None:
    """Raises TryLater when nothing answers at the address, or something that is not Microsoft's service."""
    try:
        status = SESSION.request("GET", f"{address}{path}").status_code
    except requests.RequestException as error:
        raise TryLater(f"{address} does not answer: {type(error).__name__}.", next_step="") from error
    if status not in answers:
        raise TryLater(f"{address} answers {status}, as Microsoft does not.", next_step="Check the address.")


def try_credentials(tenant: str = "") -> str:
    """What Microsoft says of the client id and the secret or certificate, as a sentence.

    tenant: a domain or id in which the portal is registered, such as the operator's own; without one Microsoft is asked
    for no tenant in particular, and may say nothing against the credentials without having tried them.
    Raises BadCredentials, TryLater, SignInFailed and others.
    """
    try:
        with warnings.catch_warnings():
            # msal advises against asking without a tenant, which is the point here.
            warnings.simplefilter("ignore")
            tokens.fresh_token(tenant or ANY_TENANT)
    except ConnectorError as error:
        if error.code == NOT_REGISTERED_THERE:
            place = f"in {tenant}" if tenant else "at all"
            raise BadCredentials(
                f"Microsoft does not know the client id of the portal {place} ({error.code}).",
                next_step="Check PORTAL_M365_CLIENT_ID, and that the registration is there.",
                code=error.code,
            ) from error
        if tenant or error.code not in ABOUT_THE_TENANT:
            raise
        return f"It says nothing against the portal's credentials ({error.code}). A connected tenant proves them."
    return f"It accepts the portal's credentials{f' in {tenant}' if tenant else ''}."
