"""Entries of a list that are not as Google describes them: one odd entry never stops the reading of all the others."""

import logging
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from portal.connectors.errors import NotFound, NotPermitted, Unreadable
from portal.connectors.google_workspace import shapes
from portal.connectors.google_workspace.refusals import not_as_described
from portal.connectors.shape import NotAsDescribed, Shape, check

# A connector knows nothing of the web, so its lines become JSON where the portal's log is set up.
LOG = logging.getLogger(__name__)
# With more odd entries than these on one page it is the answer that is wrong.
MOST = 20
Alone = Callable[[str], dict[str, Any]]


def readable(entries: Iterable[Any], shape: type[Shape], alone: Alone | None = None) -> Iterator[dict[str, Any]]:
    """The entries of a page that are of this shape. One that is not is asked for alone, else passed over and logged.

    alone: asks for the entry with an id. Raises Unreadable where most of the page is odd, and what `alone` raises for
    other reasons than this one account.
    """
    odd = 0
    for entry in entries:
        try:
            yield check(entry, shape)
        except NotAsDescribed as error:
            odd += 1
            if odd > MOST:
                raise not_as_described("GET", str(error)) from error
            found = _alone(entry, alone)
            if found is None:
                LOG.warning("entry of a list of Google's passed over: %s (%s)", _id(entry) or "no id", error)
            else:
                yield found


def _alone(entry: Any, alone: Alone | None) -> dict[str, Any] | None:
    account_id = _id(entry)
    if alone is None or not account_id:
        return None
    try:
        found = alone(account_id)
    except (NotFound, NotPermitted, Unreadable):
        return None
    return found if found["id"] == account_id else None


def _id(entry: Any) -> str:
    found = entry.get("id") if isinstance(entry, dict) else None
    return found if isinstance(found, str) and re.fullmatch(shapes.ID, found) else ""
