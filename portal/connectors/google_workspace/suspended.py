"""Who is suspended, where an answer of Google's leaves it out: then Google is asked who is, and who is not.

https://developers.google.com/workspace/admin/directory/v1/guides/search-users
What is left out is not known: it may be what is false, or a server that has not got all of the account yet. An account
counts as either only when one of the two questions finds it and the other one does not.
"""

from collections.abc import Callable, Mapping
from typing import Any

from portal.connectors.errors import NotPermitted, NotUnderstood, Refused
from portal.connectors.google_workspace.queries import quoted

# The ids that a query finds.
Ask = Callable[[str], set[str]]
# Of so many users of a list each is asked about alone, which is less than to ask about all.
FEW = 3
QUESTIONS = {False: "isSuspended=false", True: "isSuspended=true"}


def of_one(user: Any, ask: Ask) -> Any:
    """The user, with `suspended` where Google says it to a question about this address. Raises ConnectorError."""
    if not _leaves_it_out(user) or not isinstance(user.get("primaryEmail"), str):
        return user
    address = quoted(user["primaryEmail"])
    return _with(user, {state: _found(ask, f"email={address} {query}") for state, query in QUESTIONS.items()})


class Everybody:
    """The same of each user of a list. With more than a few who need it, all are asked for at once."""

    def __init__(self, ask: Ask):
        self._ask = ask
        self._found: dict[bool, set[str]] | None = None
        self._met = 0

    def of(self, user: Any) -> Any:
        """Raises ConnectorError."""
        if not _leaves_it_out(user):
            return user
        self._met += 1
        if self._met <= FEW:
            return of_one(user, self._ask)
        if self._found is None:
            self._found = {state: _found(self._ask, query) for state, query in QUESTIONS.items()}
        return _with(user, self._found)


def _leaves_it_out(user: Any) -> bool:
    return isinstance(user, dict) and "suspended" not in user and isinstance(user.get("id"), str)


def _with(user: Mapping[str, Any], found: Mapping[bool, set[str]]) -> dict[str, Any]:
    states = [state for state, ids in found.items() if user["id"] in ids]
    return {**user, "suspended": states[0]} if len(states) == 1 else dict(user)


def _found(ask: Ask, query: str) -> set[str]:
    try:
        return ask(query)
    except (Refused, NotUnderstood, NotPermitted):
        return set()
