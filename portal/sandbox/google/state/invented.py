"""Invented users in any number, the same ones each time."""

import random

from portal.sandbox.google.licensing.catalogue import product_of
from portal.sandbox.google.state.models import Held, Licence, User
from portal.sandbox.google.state.people import fixed_id
from portal.sandbox.names import DEPARTMENTS, FIRST, LAST, PLAIN, TITLES
from portal.sandbox.rows import packed

LONG_AGO = 1709283600.0
PASSWORD = "Sandbox-Password-1"
AT_ONCE = 500


def invent(customer: str, domain: str, count: int, sku: str) -> None:
    """So many users: each holds a licence, one in twenty is suspended, each has a manager among the first."""
    dice = random.Random(365)
    people = [_person(number, domain, dice) for number in range(1, count + 1)]
    for start in range(0, count, AT_ONCE):
        part = people[start : start + AT_ONCE]
        User.insert_many([{**person, "customer": customer, "password": PASSWORD} for person in part]).execute()
        Held.insert_many([
            {"address": person["address"], "kind": "user", "owner": person["id"], "customer": customer}
            for person in part
        ]).execute()  # fmt: skip
        Licence.insert_many([
            {"user": person["id"], "customer": customer, "product": product_of(sku), "sku": sku, "automatic": True}
            for person in part
        ]).execute()  # fmt: skip


def _person(number: int, domain: str, dice: random.Random) -> dict[str, object]:
    first, last = dice.choice(FIRST), dice.choice(LAST)
    local = f"{first}.{last}{number}".translate(PLAIN).replace("\0", "").lower()
    body = {
        "name": {"givenName": first, "familyName": last},
        "externalIds": [{"type": "organization", "value": f"S{number}"}],
        "organizations": [{"title": dice.choice(TITLES), "department": dice.choice(DEPARTMENTS), "primary": True}],
        "relations": [{"type": "manager", "value": f"mona.manager@{domain}"}],
    }
    suspended = number % 20 == 7
    return {
        "id": fixed_id(f"invented {number}"), "address": f"{local}@{domain}", "given": first.casefold(),
        "family": last.casefold(), "created": LONG_AGO, "last_login": LONG_AGO, "suspended": suspended,
        "body": packed({**body, "suspensionReason": "ADMIN"} if suspended else body),
    }  # fmt: skip
