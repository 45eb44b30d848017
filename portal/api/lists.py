"""Pages of a list behind a cursor that only the portal can read."""

import hashlib
import json
from typing import Any

from flask import request

from portal import access, vault
from portal.api.schemas import Paged
from portal.paging import start_of
from portal.problems import Problem

# The parts of an address that a cursor does not depend on.
FREE = ("after", "limit", "count")


class BadCursor(Problem):
    """This is not a cursor of this list."""

    status = 400
    title = "Bad cursor"
    next_step = "Begin again without `after`."

    @property
    def kind(self) -> str:
        return "cursor"


class CursorMismatch(BadCursor):
    """The cursor belongs to another list, or to the same with another filter."""

    next_step = "Ask with the same filter as before, or begin again without `after`."

    @property
    def kind(self) -> str:
        return "cursor-mismatch"


def page_of(query: Any, key: Any, asked: Paged) -> tuple[list[Any], str | None, int | None]:
    """Rows in the order of `key`, which differs for each; the next cursor; how many in all, when that was asked.

    Rows that come and go meanwhile are found or not; none is found twice, and none that stays is passed over.
    """
    count = query.count() if asked.count else None
    if asked.after:
        query = query.where(key > _opened(asked.after))
    rows, more = start_of(query.order_by(key.asc()), asked.limit)
    return rows, _cursor(getattr(rows[-1], key.name)) if more else None, count


def _filter() -> str:
    """The list and its filter, as a short hash."""
    chosen = sorted((name, value) for name, value in request.args.items() if name not in FREE)
    text = json.dumps([access.organisation().id, request.path, chosen])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _cursor(last: int) -> str:
    return vault.encrypt(json.dumps([last, _filter()])).rstrip("=")


def _opened(text: str) -> int:
    """The key behind which the page begins. Raises BadCursor, CursorMismatch."""
    try:
        last, seen = json.loads(vault.decrypt(text + "=" * (-len(text) % 4)))
    except (vault.CannotOpen, ValueError):
        raise BadCursor() from None
    if seen != _filter():
        raise CursorMismatch()
    return int(last)
