"""Access tokens of a connection, renewed from its lasting sign-in and kept in memory only.

https://developers.google.com/identity/protocols/oauth2/web-server#offline
"""

import threading
import time
from dataclasses import dataclass, field, replace
from hashlib import sha256

from portal.connectors.errors import BadCredentials
from portal.connectors.google_workspace import identity
from portal.connectors.google_workspace.held import Held
from portal.connectors.once import Once
from portal.connectors.values import Kept

# Seconds before its end from which on a token is not used any more.
SPARE = 60.0
# Seconds that one lasts where Google does not say how long.
LASTS = 360.0
# Seconds in which another process, to which Google has given a new sign-in in the place of ours, has stored it.
STORED_IN = 0.3


@dataclass(frozen=True)
class Access:
    """token: a secret. scopes: what it is good for. until: a moment of time.monotonic()."""

    token: str = field(repr=False)
    scopes: frozenset[str]
    until: float


_known: dict[tuple[str, str], Access] = {}
_lock, _once = threading.Lock(), Once()


def _key(tenant_id: str, held: Held) -> tuple[str, str]:
    return tenant_id, sha256(held.refresh_token.encode()).hexdigest()


def access(tenant_id: str, held: Held, kept: Kept, *, instead_of: str = "") -> Access:
    """A token for the customer. instead_of: one that Google does not take any more. Raises BadCredentials, TryLater.

    kept: where a new lasting sign-in goes that Google may give in the place of this one, which it then ends.
    `scope` is never sent: asking for one that was not granted would refuse the whole renewal.
    """
    key = _key(tenant_id, held)
    found = _known.get(key)
    if found is None or found.until <= time.monotonic() or found.token == instead_of:
        try:
            found = _once.ask(key, lambda: _renewed(tenant_id, held, kept))
        except BadCredentials:
            current = _stored_by_another(held, kept)
            if current is None:
                raise
            found = access(tenant_id, current, kept, instead_of=instead_of)
        with _lock:
            _known[key] = found
    return found


def _renewed(tenant_id: str, held: Held, kept: Kept) -> Access:
    answer = identity.token({"grant_type": "refresh_token", "refresh_token": held.refresh_token}, renewing=True)
    granted = frozenset((answer.get("scope") or "").split()) or held.scopes
    lasts = float(answer.get("expires_in", LASTS) or 0.0)
    found = Access(answer["access_token"], granted, time.monotonic() + max(0.0, lasts - SPARE))
    new = answer.get("refresh_token") or held.refresh_token
    if new != held.refresh_token:
        current = replace(held, refresh_token=new)
        kept.replace(held.written(), current.written())
        with _lock:
            _known[_key(tenant_id, current)] = found
    return found


def _stored_by_another(held: Held, kept: Kept) -> Held | None:
    """The sign-in that is in the place of this one by now, if there is one."""
    for pause in (0.0, STORED_IN):
        time.sleep(pause)
        current = kept.now()
        if current and current != held.written():
            return Held.read(current)
    return None


def forget(tenant_id: str) -> None:
    """Renew the next time somebody asks: only that tells whether the sign-in still lives."""
    with _lock:
        for key in [key for key in _known if key[0] == tenant_id]:
            del _known[key]
