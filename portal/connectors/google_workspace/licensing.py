"""Licences of accounts at Google: each is asked for, given and taken separately, once a second for the whole portal.

https://developers.google.com/workspace/admin/licensing/v1/how-tos/using
"""

import threading
import time
from collections.abc import Iterable
from itertools import islice

from portal.connectors.errors import ConnectorError, NotFound, OutOfSeats, Refused, TryLater
from portal.connectors.google_workspace.client import DirectoryClient
from portal.connectors.google_workspace.licences import EDITION_PRODUCTS, licences_of, name_of, product_of
from portal.connectors.values import BY_ITSELF, Licence
from portal.languages import gettext as _
from portal.languages import joined

# Pages of a hundred that are counted of one product.
MOST_PAGES = 5
# Seconds for which they are not asked for again, except when somebody tests the connection: calls are scarce.
KNOWN_FOR = 900.0
ASKED_AGAIN_AFTER = 60.0

_offered: dict[str, tuple[list[Licence], float]] = {}
_lock = threading.Lock()


def forget(tenant_id: str) -> None:
    with _lock:
        _offered.pop(tenant_id, None)


def licences(client: DirectoryClient) -> list[Licence]:
    """The editions that the customer's people have. One that nobody has is not seen. Raises ConnectorError.

    Once one is found that is enough, no further product is asked for.
    """
    known, until = _offered.get(client.tenant_id, ([], 0.0))
    if until > time.monotonic():
        return known
    found: list[Licence] = []
    for product in EDITION_PRODUCTS:
        try:
            pages = list(islice(client.assignments(product), MOST_PAGES))
        except (NotFound, Refused):
            # A product that the customer never had.
            continue
        whole = not pages[-1].get("nextPageToken")
        found += licences_of((item for page in pages for item in page.get("items") or ()), counted=whole)
        if any(licence.qualifies for licence in found):
            break
    with _lock:
        _offered[client.tenant_id] = found, time.monotonic() + KNOWN_FOR
    return found


def held_by(client: DirectoryClient, username: str, also: Iterable[str] = ()) -> frozenset[str]:
    """The editions that the account has. also: licences to ask about beside those that are known.

    No call answers this: each licence is asked for. Raises ConnectorError.
    """
    asked = {*also, *(licence.id for licence in licences(client))}
    return frozenset(sku for sku in sorted(asked) if _has(client, sku, username))


def _has(client: DirectoryClient, sku: str, username: str) -> bool:
    try:
        client.get_assignment(product_of(sku), sku, username)
    except NotFound:
        return False
    except TryLater as error:
        # A user whom the licensing does not know yet has no licence.
        if error.status != 404:
            raise
        return False
    return True


def assign(client: DirectoryClient, username: str, *, add: Iterable[str], remove: Iterable[str]) -> None:
    """Give before taking, so that nobody is without a licence in between. Raises ConnectorError, and then says what was
    done until then.

    Of one product nobody has two: there the new one takes the place of the old one in one call.
    """
    left, done = sorted(remove), []
    try:
        for sku in sorted(add):
            old = next((other for other in left if product_of(other) == product_of(sku)), None)
            if old is None:
                _give(client, sku, username)
            else:
                _move(client, old, sku, username)
                left.remove(old)
                done.append(_("%(licence)s taken away", licence=_said(old)))
            done.append(_("%(licence)s given", licence=_said(sku)))
        for sku in left:
            _take(client, sku, username)
            done.append(_("%(licence)s taken away", licence=_said(sku)))
    except ConnectorError as error:
        told = _told(error)
        if done and not isinstance(told, TryLater):
            told.message = joined(told.message, _("Done before that: %(done)s.", done=joined(*done, by=", ")))
        raise told from error


def _told(error: ConnectorError) -> ConnectorError:
    """A refusal in whatever words for which nothing but seats is a reason: Google's own words are not told."""
    if error.status == 412 and type(error) is Refused and not error.target:
        return error.worded(_("No seat is left on this licence."), kind=OutOfSeats, target="licence")
    return error


def _said(sku: str) -> str:
    return name_of(sku) or sku


def _give(client: DirectoryClient, sku: str, username: str) -> None:
    try:
        client.insert_assignment(product_of(sku), sku, username)
    except Refused as error:
        # Google does not document its answer for one that is there already, so it is looked up.
        if error.status not in (400, 409, 412):
            raise
        if _has(client, sku, username):
            return
        # Google itself may have given another one of the product, which then has to make room.
        old = _other_of_product(client, sku, username)
        if old is None:
            raise
        _move(client, old, sku, username)
    except NotFound as error:
        raise error.worded(_("Google’s licensing does not know the account yet."), kind=TryLater) from error
    except TryLater as error:
        if error.unknown and _has(client, sku, username):
            return
        if "backenderror" in error.code.casefold():
            # Where everybody gets a licence automatically, Google was seen to answer so for ever.
            raise error.worded(error.message, target=BY_ITSELF) from error
        raise


def _other_of_product(client: DirectoryClient, sku: str, username: str) -> str | None:
    """Another licence of the same product that the account has, among those that the customer uses.

    Google may have begun to give one that nobody had when the portal asked last.
    """
    product, asked = product_of(sku), {sku}
    for read in (licences, _licences_by_now):
        others = [one.id for one in read(client) if one.id not in asked and product_of(one.id) == product]
        asked.update(others)
        if (found := next((other for other in others if _has(client, other, username)), None)) is not None:
            return found
    return None


def _licences_by_now(client: DirectoryClient) -> list[Licence]:
    """As `licences`, asked for again unless that was done within the last minute: calls are few."""
    _known, until = _offered.get(client.tenant_id, ([], 0.0))
    if until - time.monotonic() < KNOWN_FOR - ASKED_AGAIN_AFTER:
        forget(client.tenant_id)
    return licences(client)


def _move(client: DirectoryClient, old: str, new: str, username: str) -> None:
    try:
        client.move_assignment(product_of(new), old, new, username)
    except NotFound:
        # The old one is gone, as after an answer that was lost.
        if not _has(client, new, username):
            _give(client, new, username)


def _take(client: DirectoryClient, sku: str, username: str) -> None:
    try:
        client.delete_assignment(product_of(sku), sku, username)
    except NotFound:
        return
