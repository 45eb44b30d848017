"""Tokens in the name of one person, out of a cache that holds that person's and nobody else's.

https://learn.microsoft.com/entra/msal/python/advanced/msal-python-token-cache-serialization
"""

from collections.abc import Callable

import msal

from portal.connectors.errors import ReconnectNeeded
from portal.connectors.microsoft365 import login
from portal.connectors.microsoft365.person_cases import UNKNOWN_REASON, from_person
from portal.connectors.microsoft365.refusals import not_as_described

# Short names: with long ones msal does not find in its cache what Microsoft answers.
SCOPES = ["Mail.Send", "Mail.ReadWrite", "Calendars.ReadWrite", "User.Read"]


def opened(cache: str = "") -> msal.SerializableTokenCache:
    """A cache with what was kept of it. Raises ReconnectNeeded for what is none."""
    found = msal.SerializableTokenCache()
    if cache:
        try:
            found.deserialize(cache)
        except ValueError as error:
            raise ReconnectNeeded(UNKNOWN_REASON.message, code="cache") from error
    return found


class PersonTokens:
    """The tokens of one person in one tenant. keep: is given the cache after each change; it is a secret."""

    def __init__(self, tenant_id: str, person_id: str, cache: str, keep: Callable[[str], None]):
        self.tenant_id, self.person_id, self._keep = tenant_id, person_id, keep
        self._cache = opened(cache)

    def token(self, *, claims_challenge: str | None = None, fresh: bool = False) -> str:
        """A token for Graph. fresh: not the one from the cache. Raises ReconnectNeeded, BadCredentials, TryLater."""
        try:
            result = login.ask_as(
                self.tenant_id,
                self._cache,
                lambda application: application.acquire_token_silent_with_error(
                    SCOPES, self._account(application), force_refresh=fresh, claims_challenge=claims_challenge
                ),
            )
        except (ValueError, TypeError, AttributeError, LookupError) as error:
            # msal reads parts of an answer without looking whether they can be what they should be.
            raise not_as_described("GET", type(error).__name__) from error
        finally:
            # A refresh token is renewed with each use: the one that was kept before would end one day.
            if self._cache.has_state_changed:
                self._keep(self._cache.serialize())
        if result is None:
            raise ReconnectNeeded(UNKNOWN_REASON.message, code="no account")
        if "access_token" not in result:
            raise from_person(result)
        return result["access_token"]

    def _account(self, application: msal.ConfidentialClientApplication) -> dict | None:
        home = f"{self.person_id}.{self.tenant_id}".lower()
        accounts = application.get_accounts()
        return next((item for item in accounts if item["home_account_id"].lower() == home), None)
