"""Whether a request comes with a token that works here, and for what: asked before any view of the API runs."""

import hmac
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Any

from portal import audit
from portal.api_tokens import actions
from portal.api_tokens.actions import Parts
from portal.api_tokens.models import ApiToken
from portal.api_tokens.scopes import Scope
from portal.auth.models import hash_of
from portal.clock import over
from portal.database import now, transaction
from portal.logs import log
from portal.organisations.models import Organisation
from portal.problems import Problem

# The token of the request that is being answered.
current: ContextVar[ApiToken | None] = ContextVar("api_token", default=None)
# The use of a token is written down at most this often.
NOTED_EVERY = timedelta(minutes=5)
# Compared for a token that does not exist, so that the answer takes as long.
NOBODYS = hash_of("")
ASK_ADMIN = "An Admin makes a token under Settings > Integrations."


class TokenNeeded(Problem):
    """This address needs a token in the header Authorization, as “Bearer por_…”. A cookie is not enough."""

    status = 401
    title = "A token is needed"
    next_step = ASK_ADMIN


class TokenUnknown(Problem):
    """There is no such token."""

    status = 401
    title = "The token does not work"
    next_step = f"Check that it was copied as a whole. {ASK_ADMIN}"


class TokenOver(Problem):
    """This token has expired or was revoked."""

    status = 401
    title = "The token does not work"
    next_step = ASK_ADMIN


class OtherNetwork(Problem):
    """This token may not be used from this address."""

    status = 403
    title = "Not from this network"
    next_step = "An Admin sees under Settings > Integrations from which networks it may be used."


class ApiPaused(Problem):
    """An Admin of the organisation has paused the API."""

    status = 403
    title = "The API is paused"
    next_step = "An Admin resumes it under Settings > Integrations."


class ScopeMissing(Problem):
    """The token lacks the scope that this needs."""

    status = 403
    title = "The token may not do this"
    next_step = "An Admin makes a token with this scope under Settings > Integrations."

    def __init__(self, scope: str):
        super().__init__(f"This needs the scope {scope}, which the token lacks.")
        self.more = {"scope": scope}


def token_of(header: str, address: str, *, own_pause: bool = False) -> ApiToken:
    """The token of the header Authorization, with its organisation, when it works from this address.

    own_pause: what it asks for is paused apart from the API.

    Raises TokenNeeded, TokenUnknown, TokenOver, OtherNetwork, ApiPaused.
    """
    kind, _, text = header.partition(" ")
    if kind.casefold() != "bearer" or not text.strip():
        raise TokenNeeded()
    parts = actions.read(text.strip())
    if parts is None:
        raise TokenUnknown()
    token, is_old = _known(parts)
    if token.revoked_at is not None:
        raise TokenOver("This token was revoked.")
    if not is_old and token.is_over:
        raise TokenOver("This token has expired.")
    if not token.allows(address):
        log.warning("token refused", token_key=token.key, reason="network")
        raise OtherNetwork()
    if not own_pause and actions.paused(token.organisation_id) is not None:
        raise ApiPaused()
    _note_use(token, address, is_old=is_old)
    return token


def _known(parts: Parts) -> tuple[ApiToken, bool]:
    """The token, and whether the secret is the one from before its rotation. Raises TokenUnknown."""
    query = ApiToken.select(ApiToken, Organisation).join(Organisation).where(ApiToken.key == parts.key)
    token, given = query.first(), hash_of(parts.secret)
    is_new = hmac.compare_digest(given, token.secret_hash if token else NOBODYS)
    is_old = hmac.compare_digest(given, token.old_secret_hash if token and token.old_works_until else NOBODYS)
    if token is None or not (is_new or is_old):
        raise TokenUnknown()
    return token, is_old and not is_new


def need(token: ApiToken, scope: str) -> None:
    """Raises ScopeMissing."""
    if not has(token, scope):
        raise ScopeMissing(scope)


def has(token: ApiToken, scope: str) -> bool:
    """Whether the token has the scope. Empty for what every token may ask."""
    return not scope or scope in token.scopes


def sees_private() -> bool:
    """Whether the token of this request may see private contact details."""
    token = current.get()
    return token is not None and has(token, Scope.EMPLOYEES_PRIVATE)


def _note_use(token: ApiToken, address: str, *, is_old: bool) -> None:
    """Write down that it was used: at most every five minutes, and in the audit log once a day."""
    seen: datetime | None = token.old_last_used_at if is_old else token.last_used_at
    if seen is not None and not over(seen, NOTED_EVERY):
        return
    field: Any = ApiToken.old_last_used_at if is_old else ApiToken.last_used_at
    mine = (ApiToken.id == token.id) & (field.is_null() if seen is None else field == seen)
    changes = {field: now()} | ({} if is_old else {ApiToken.last_used_from: address[:64]})
    zone = token.organisation.zone
    first_today = seen is None or seen.astimezone(zone).date() != token.organisation.today
    with transaction():
        if ApiToken.update(changes).where(mine).execute() and first_today:
            audit.record(token.actor, "use API token", token)
