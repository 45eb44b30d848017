"""The customers every sandbox begins with: Acme, Initech, and Globex, which owns no Business edition."""

from typing import Any

from portal.sandbox.google.licensing.catalogue import (
    BUSINESS_ARCHIVED,
    IDENTITY_FREE,
    PLUS,
    STANDARD,
    STARTER,
    product_of,
)
from portal.sandbox.google.state import people
from portal.sandbox.google.state.invented import invent
from portal.sandbox.google.state.models import Customer, Group, Licence, Member, OrgUnit, User, database
from portal.sandbox.google.state.people import fixed_id

PASSWORD = "Sandbox-Password-1"
LONG_AGO = 1709283600.0
ACME, SHOP, GLOBEX, INITECH = "acme.example", "acme-shop.example", "globex.example", "initech.example"
ORG_UNITS = ("/Sales", "/Sales/Field", "/Engineering", "/Contractors")


def customer_id(name: str) -> str:
    return "C0" + f"{int(fixed_id(name)[1:]):x}"[:7]


def plant(extra_users: int, moment: float) -> None:
    """Fill empty tables; so many invented users besides the fixed cast go to Acme."""
    for values in _customers(extra_users):
        Customer.insert(created=LONG_AGO, **values).execute()
        _org_units(values["id"], ORG_UNITS if values["name"] == "Acme" else ())
    for key, person in _acme(moment).items():
        _insert(customer_id("Acme"), key, **person)
    _insert(customer_id("Globex"), "globex admin", name="Hank Scorpio", address=f"hank.scorpio@{GLOBEX}",
            is_admin=True, sku=IDENTITY_FREE)  # fmt: skip
    _insert(customer_id("Globex"), "globex ordinary", name="Fay Wright", address=f"fay.wright@{GLOBEX}")
    _insert(customer_id("Initech"), "initech admin", name="Bill Lumbergh", address=f"bill.lumbergh@{INITECH}",
            is_admin=True, sku=STARTER)  # fmt: skip
    _insert("", "personal", name="Pat Personal", address="pat.personal@gmail.com")
    _insert("", "unmanaged", name="Una Unmanaged", address=f"una.unmanaged@{ACME}")
    _groups(customer_id("Acme"))
    if extra_users:
        with database.atomic():
            invent(customer_id("Acme"), ACME, extra_users, STANDARD)


def _customers(extra_users: int) -> list[dict[str, Any]]:
    seats = {STANDARD: 25 + extra_users, PLUS: 10, STARTER: 0, "Google-Vault": 5, BUSINESS_ARCHIVED: 1}
    return [
        {"id": customer_id("Acme"), "name": "Acme", "domain": ACME, "country": "GB",
         "domains": [_domain(ACME, primary=True, alias="acme.example.net"), _domain(SHOP),
                     _domain("new.acme.example", verified=False)],
         "policy": {"automatic_licence": STANDARD, "seats": seats}},
        {"id": customer_id("Globex"), "name": "Globex", "domain": GLOBEX, "country": "US",
         "domains": [_domain(GLOBEX, primary=True)], "policy": {"seats": {IDENTITY_FREE: 50}}},
        {"id": customer_id("Initech"), "name": "Initech", "domain": INITECH, "country": "US",
         "domains": [_domain(INITECH, primary=True)], "policy": {"flexible": True}},
    ]  # fmt: skip


def _domain(name: str, *, primary: bool = False, verified: bool = True, alias: str = "") -> dict[str, Any]:
    """https://developers.google.com/workspace/admin/directory/reference/rest/v1/domains"""
    made = str(int(LONG_AGO * 1000))
    found: dict[str, Any] = {"domainName": name, "isPrimary": primary, "verified": verified, "creationTime": made}
    if alias:
        found["domainAliases"] = [
            {"domainAliasName": alias, "parentDomainName": name, "verified": True, "creationTime": made}
        ]
    return found


def _org_units(customer: str, paths: tuple[str, ...]) -> None:
    for path in ("/", *paths):
        parent, _, name = path.rpartition("/")
        own = f"id:03ph8a2z{int(fixed_id(customer + path)[1:]):x}"[:18]
        OrgUnit.insert(
            id=own, customer=customer, path=path, name=name or "Organisation", parent=parent or "/"
        ).execute()


def _acme(moment: float) -> dict[str, dict[str, Any]]:
    a = f"@{ACME}"
    manager = [{"type": "manager", "value": f"mona.manager{a}"}]
    return {
        "acme admin": {"name": "Grace Hopper", "address": f"grace.hopper{a}", "is_admin": True, "sku": STANDARD,
                       "organizations": [_job("Head of IT", "IT")]},
        "acme second admin": {"name": "Sam Second", "address": f"sam.second{a}", "is_admin": True, "sku": STANDARD},
        "acme user admin": {"name": "Uri Admin", "address": f"uri.admin{a}", "is_delegated": True, "sku": STANDARD},
        "acme ordinary": {"name": "Omar Ordinary", "address": f"omar.ordinary{a}", "sku": STANDARD,
                          "relations": manager, "organizations": [_job("Clerk", "Sales")], "org_unit": "/Sales"},
        "acme manager": {"name": "Mona Manager", "address": f"mona.manager{a}", "sku": PLUS, "aliases": [f"office{a}"],
                         "organizations": [_job("Office Manager", "Operations")],
                         "externalIds": [{"type": "organization", "value": "A0046"}]},
        "acme guest": {"name": "Gus Guest", "address": f"gus.guest{a}", "isGuestUser": True,
                       "guestAccountInfo": {"primaryGuestEmail": "gus@partner.example"}},
        "acme blocked": {"name": "Bea Blocked", "address": f"bea.blocked{a}", "sku": PLUS, "suspended": True,
                         "suspensionReason": "ADMIN"},
        "acme abused": {"name": "Abe Abused", "address": f"abe.abused{a}", "suspended": True,
                        "suspensionReason": "ABUSE"},
        "acme archived": {"name": "Arlo Archived", "address": f"arlo.archived{a}", "archived": True,
                          "sku": BUSINESS_ARCHIVED},
        "acme deleted": {"name": "Dora Deleted", "address": f"dora.deleted{a}", "deleted_at": moment - 4 * 86400},
        "acme unlicensed": {"name": "Uma Unlicensed", "address": f"uma.unlicensed{a}"},
        "acme shop": {"name": "Shona Shop", "address": f"shona.shop@{SHOP}", "sku": STANDARD},
        "acme kenji": {"name": "Kenji Tanaka", "address": f"kenji.tanaka{a}", "sku": STANDARD,
                       "org_unit": "/Engineering", "organizations": [_job("Head of Engineering", "Engineering")],
                       "externalIds": [{"type": "organization", "value": "A0004"}]},
        "acme wei": {"name": "Wei Zhang", "address": f"wei.zhang{a}", "sku": STANDARD,
                     "organizations": [_job("Support Engineer", "Engineering")],
                     "externalIds": [{"type": "organization", "value": "A0008"}]},
        "acme priya": {"name": "Priya Raghunathan", "address": f"priya{a}", "sku": STANDARD,
                       "recoveryEmail": "person25@home.example"},
        "acme tom": {"name": "Tom Fischer", "address": f"tom.fischer{a}", "sku": STANDARD, "org_unit": "/Contractors",
                     "organizations": [_job("Buyer", "Purchasing")]},
    }  # fmt: skip


def _job(title: str, department: str) -> dict[str, Any]:
    return {"title": title, "department": department, "primary": True, "type": "work"}


def _insert(customer: str, key: str, *, name: str, address: str, sku: str = "", aliases: tuple[str, ...] = (),
            is_admin: bool = False, is_delegated: bool = False, suspended: bool = False, archived: bool = False,
            org_unit: str = "/", deleted_at: float | None = None, **body: Any) -> None:  # fmt: skip
    """One of the cast, with what belongs to them. body: properties as Google shows them."""
    first, _, last = name.partition(" ")
    own = fixed_id(key)
    whole = {"name": {"givenName": first, "familyName": last}, **body}
    User.insert(
        id=own, customer=customer, address=address, given=first.casefold(), family=last.casefold(), created=LONG_AGO,
        last_login=LONG_AGO + 3600, password=PASSWORD, body=whole, is_admin=is_admin, is_delegated=is_delegated,
        suspended=suspended, archived=archived, org_unit=org_unit, deleted_at=deleted_at,
    ).execute()  # fmt: skip
    if deleted_at is not None:
        return
    people.hold(customer, address, "user" if customer else "unmanaged", own)
    for alias in aliases:
        people.hold(customer, alias, "alias", own)
    if sku:
        product = product_of(sku)
        Licence.insert(user=own, customer=customer, product=product, sku=sku, automatic=sku == STANDARD).execute()


def _groups(customer: str) -> None:
    everyone = _group(customer, "all.staff", "All staff", aliases=("everyone",))
    sales = _group(customer, "sales", "Sales")
    _group(customer, "developers", "All developers", dynamic=True)
    for user in User.select().where((User.customer == customer) & User.deleted_at.is_null()):
        Member.insert(group=everyone, member=user.id).execute()
    Member.insert(group=sales, member=fixed_id("acme ordinary"), role="MANAGER", delivery="DIGEST").execute()
    Member.insert(group=everyone, member=sales, kind="GROUP").execute()


def _group(customer: str, local: str, name: str, *, aliases: tuple[str, ...] = (), dynamic: bool = False) -> str:
    own = f"03dy6vkm{int(fixed_id(local)[1:]):x}"[:15]
    email = f"{local}@{ACME}"
    Group.insert(id=own, customer=customer, email=email, name=name, dynamic=dynamic).execute()
    people.hold(customer, email, "group", own)
    for alias in aliases:
        people.hold(customer, f"{alias}@{ACME}", "group alias", own)
    return own
