"""Addresses: their form, whose domain it is, and whether somebody has them.

https://support.google.com/a/answer/9193374
"""

import re

from portal.sandbox.google import unverified
from portal.sandbox.google.refusals import domain_not_found, duplicate, invalid_input
from portal.sandbox.google.state import Customer, people
from portal.sandbox.google.state.models import Held

LONGEST_LOCAL = 64
RESERVED = ("abuse", "postmaster")
# Plain letters, digits, dash, underscore, apostrophe and dot. Older text refuses accents: so does this.
LOCAL = re.compile(r"[a-z0-9_'-]+(\.[a-z0-9_'-]+)*")


def check_form(customer: Customer, address: object, name: str = "primary_user_email", *, alias: bool = False) -> str:
    """The address in lower case. Raises Refusal."""
    if not isinstance(address, str) or address.count("@") != 1:
        raise invalid_input(name)
    local, _, domain = address.lower().partition("@")
    own = list(customer.domain_names)
    own += [item for item in customer.alias_names if alias or unverified.DOMAIN_ALIAS_AS_PRIMARY]
    if domain not in own:
        raise domain_not_found()
    if len(local) > LONGEST_LOCAL or not LOCAL.fullmatch(local) or local in RESERVED:
        raise invalid_input(name)
    return f"{local}@{domain}"


def check_free(customer: Customer, address: str, own: str = "") -> Held | None:
    """The holder, when it is `own` or a personal account. Raises Refusal when somebody else has the address."""
    held = people.holder(customer, address)
    if held is None or held.kind == "unmanaged" or (held.owner == own and held.free_at is None):
        return held
    raise duplicate()
