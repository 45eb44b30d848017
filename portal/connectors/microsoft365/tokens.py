"""The portal's own tokens for a tenant, and what they say has been granted.

https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
"""

import time
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import jwt

from portal.connectors.errors import BadCredentials, ConnectorError
from portal.connectors.microsoft365 import login
from portal.connectors.microsoft365.refusals import from_identity, not_as_described
from portal.connectors.microsoft365.settings import CLOUDS, settings
from portal.connectors.once import Once
from portal.languages import gettext as _

# A refused call is worth a fresh token only when the old one may be from before the last change of grants.
SETTLED_AFTER = 30.0


def graph() -> str:
    """Microsoft Graph's own name in this cloud: it is in scopes and references, whatever address leads to it."""
    return CLOUDS[settings().cloud][1]


def scope() -> str:
    return f"{graph()}/.default"


def app_token(tenant_id: str, *, claims_challenge: str | None = None) -> str:
    """The portal's own token for the tenant, from memory while it is good. claims_challenge: what Graph asked for.

    All people of a Run want one at the same time: Microsoft limits how many it gives, and only calls with the same one
    share requests. Raises BadCredentials, NotPermitted, SignInFailed, TryLater.
    """
    if not claims_challenge and (known := login.given(tenant_id)):
        return known
    return _once.ask((tenant_id, claims_challenge), lambda: _from_msal(tenant_id, claims_challenge))


_once = Once()


def _from_msal(tenant_id: str, claims_challenge: str | None) -> str:
    try:
        result = login.ask(
            tenant_id,
            lambda application: application.acquire_token_for_client([scope()], claims_challenge=claims_challenge),
        )
    except (ValueError, TypeError, AttributeError, LookupError) as error:
        if settings().certificate_file is None or not isinstance(error, ValueError):
            # msal reads parts of an answer without looking whether they can be what they should be.
            raise not_as_described("GET", type(error).__name__) from error
        raise BadCredentials(_("The portal’s certificate cannot be used to sign in."), code=str(error)[:120]) from error
    if "access_token" not in result:
        # msal would give the same refusal from its memory for a minute.
        login.forget(tenant_id)
        raise from_identity(result) if "error" in result else not_as_described("GET", "no token")
    login.note_given(tenant_id, result["access_token"])
    return result["access_token"]


def fresh_token(tenant_id: str, *, claims_challenge: str | None = None) -> str:
    """A token from Microsoft and not from memory. Raises as app_token does."""
    login.forget(tenant_id)
    return app_token(tenant_id, claims_challenge=claims_challenge)


def token_with_other_grants(tenant_id: str, refused: str) -> str | None:
    """After Graph refused a call: a fresh token, if permissions changed since the refused one was made.

    None when it is too young for that, or when the fresh one says the same. Raises as app_token does.
    """
    made = claims_of(refused).get("iat")
    if not isinstance(made, int | float) or time.time() - made < SETTLED_AFTER:
        return None
    fresh = fresh_token(tenant_id)
    return fresh if roles_in(fresh) != roles_in(refused) else None


def granted(tenant_id: str) -> frozenset[str]:
    """The permissions that the tenant has granted, as the portal's token states them. Raises as app_token does."""
    token = app_token(tenant_id)
    if not claims_of(token):
        raise ConnectorError(_("Microsoft’s token cannot be read, so permissions are unknown."), code="token")
    return roles_in(token)


def roles_in(token: str) -> frozenset[str]:
    """The permissions that a token states."""
    roles = claims_of(token).get("roles")
    return frozenset(role for role in roles if isinstance(role, str)) if isinstance(roles, list) else frozenset()


@lru_cache(maxsize=256)
def claims_of(token: str) -> Mapping[str, Any]:
    """What a token of our own says, for diagnostics only: it is Graph that judges it. Empty when it cannot be read."""
    try:
        found = jwt.decode(token, options={"verify_signature": False})
    except (jwt.InvalidTokenError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
