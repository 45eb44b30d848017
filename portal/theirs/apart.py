"""Accounts about which an HR of one part decides: those that show whose they are, and could be nobody's outside it.

Who may edit a record could make it look like any account's. So it counts too whom else the account could belong to.
"""

from typing import Any

from peewee import fn

from portal.connections.models import Connection
from portal.connectors.values import RemoteAccount
from portal.languages import gettext as _
from portal.people.models import Employee
from portal.people.searching import Reach, Sight, search, within
from portal.theirs.rules import TELLING, WEAK, LinkOffer
from portal.theirs.signs import addresses_of, folded, names_of, words_of
from portal.theirs.staff import Staff

# How many people with a name like the account's are compared with it.
MOST_ALIKE = 200


def why_not(offer: LinkOffer | None, employee: Employee, connection: Connection, sight: Sight) -> str:
    """Why it is not for a user of this sight to link the account to the employee, as a sentence; empty when it is.

    offer: None for an account that is not there, which is not told apart.
    """
    if not sight.is_part:
        return ""
    if offer is not None and _shows_whose(offer, sight) and not _others(offer.remote, connection, sight):
        return ""
    return _(
        "Nothing shows that this account belongs to %(name)s and to nobody outside %(own)s. Ask an Admin to link it.",
        name=employee.name,
        own=sight.own,
    )


def _shows_whose(offer: LinkOffer, sight: Sight) -> bool:
    """Whether it shares more with the employee than a username, and says nothing of another person or part."""
    signs = set(offer.evidence.shared) & (TELLING | WEAK)
    department = folded(str(offer.remote.fields.get("department") or ""))
    elsewhere = sight.reach == Reach.DEPARTMENT and department not in ("", folded(str(sight.own)))
    return bool(signs) and offer.may_be and not offer.number_of and not elsewhere


def _others(remote: RemoteAccount, connection: Connection, sight: Sight) -> bool:
    """Whether it may be somebody's whom the user does not see."""
    outside = Employee.select().where(
        Employee.organisation == connection.organisation_id, ~within(sight.reach, sight.own)
    )
    addresses = sorted(addresses_of(remote))
    own: Any = fn.LOWER(Employee.company_email).in_(addresses) | fn.LOWER(Employee.personal_email).in_(addresses)
    found = list(outside.where(own).limit(MOST_ALIKE))
    for name in {" ".join(words_of(text)) for text in names_of(remote)} - {""}:
        found.extend(search(outside, name).limit(MOST_ALIKE))
    return bool(found and Staff(connection, found).of(remote))
