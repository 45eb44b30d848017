"""Pages of short lists: the token says how many are over."""

import base64
from collections.abc import Sequence
from typing import Any, TypeVar

from portal.sandbox.google.refusals import invalid_input

Item = TypeVar("Item")
USUAL = 200


def paged(items: Sequence[Item], options: dict[str, Any]) -> tuple[list[Item], str]:
    """This page, and the token of the next one or "". Raises Refusal."""
    start, most = read_token(options.get("pageToken") or ""), options.get("maxResults") or USUAL
    rest = len(items) > start + most
    return list(items[start : start + most]), token_of(start + most) if rest else ""


def token_of(over: int) -> str:
    """The token of the page after so many items."""
    return base64.urlsafe_b64encode(f"over:{over}".encode()).decode().rstrip("=")


def read_token(token: str) -> int:
    """How many items are over. Raises Refusal."""
    if not token:
        return 0
    try:
        word, _, number = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode().partition(":")
        if word == "over":
            return int(number)
    except ValueError:
        pass
    raise invalid_input("pageToken")
