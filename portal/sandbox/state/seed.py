"""The tenants every sandbox begins with: Acme, which owns Business plans, and Globex, which does not."""

import uuid
from typing import Any

from portal.sandbox.clock import written
from portal.sandbox.state import catalogue
from portal.sandbox.state.catalogue import BUSINESS_PREMIUM, BUSINESS_STANDARD, POWER_BI_FREE
from portal.sandbox.state.invented import invent
from portal.sandbox.state.models import Group, Member, Owner, Tenant, User, without_indexes
from portal.sandbox.state.people import assigned, insert_found_by, keys_of, words_of
from portal.sandbox.state.roles import GLOBAL_ADMINISTRATOR, USER_ADMINISTRATOR

SPACE = uuid.UUID("6f2f1d1e-0000-4000-8000-5a4d5b0c0001")
PASSWORD = "Sandbox-Password-1"
LONG_AGO = "2024-03-01T09:00:00Z"
ACME, GLOBEX = "acme.example", "globex.example"
ALL_STAFF, POWER_BI_USERS, PROJECT = "acme group all staff", "acme group power bi", "acme group apollo"


def fixed_id(key: str) -> str:
    """The same id in every sandbox."""
    return str(uuid.uuid5(SPACE, key))


def plant(extra_users: int, moment: float) -> None:
    """Fill empty tables; so many invented users besides the fixed cast go to the first tenant."""
    acme, globex = _tenants(extra_users)
    for values in (acme, globex):
        Tenant.insert(**values).execute()
    _groups(acme["id"])
    for key, person in _acme_people(moment).items():
        _insert(acme["id"], key, person)
    _insert(globex["id"], "globex admin", _person("Hank Scorpio", f"hank.scorpio@{GLOBEX}",
                                                   roles=[GLOBAL_ADMINISTRATOR], usageLocation="US"))  # fmt: skip
    _insert(globex["id"], "globex ordinary", _person("Fay Wright", f"fay.wright@{GLOBEX}", usageLocation="US"))
    if extra_users:
        with without_indexes():
            invent(acme["id"], ACME, extra_users, SPACE)


def plant_another(name: str) -> str:
    """One more tenant, with Acme's products and one administrator; its id."""
    domain = f"{name.casefold()}.example"
    acme, _ = _tenants(0)
    own = fixed_id(f"tenant {name.casefold()}")
    Tenant.insert(**{**acme, "id": own, "name": name, "domains": [_domain(domain, default=True)]}).execute()
    admin = _person("Grace Hopper", f"grace.hopper@{domain}", roles=[GLOBAL_ADMINISTRATOR])
    _insert(own, f"{name.casefold()} admin", admin)
    return own


def _tenants(extra_users: int) -> list[dict[str, Any]]:
    product = catalogue.subscribed
    return [
        {
            "id": fixed_id("tenant acme"), "name": "Acme", "country": "GB",
            "domains": [_domain(ACME, default=True), _domain("acme.onmicrosoft.com", initial=True),
                        _domain("new.acme.example", verified=False)],
            "products": [product(BUSINESS_STANDARD, 25 + extra_users), product(BUSINESS_PREMIUM, 10),
                         product(catalogue.BUSINESS_BASIC, 0), product(catalogue.EXCHANGE_PLAN_2, 5),
                         product(catalogue.EXCHANGE_ARCHIVING, 5), product(POWER_BI_FREE, 1000)],
        },
        {
            "id": fixed_id("tenant globex"), "name": "Globex", "country": "US",
            "domains": [_domain(GLOBEX, default=True), _domain("globex.onmicrosoft.com", initial=True)],
            "products": [product(catalogue.APPS_FOR_BUSINESS, 20), product(POWER_BI_FREE, 1000)],
        },
    ]  # fmt: skip


def _domain(name: str, *, default: bool = False, initial: bool = False, verified: bool = True) -> dict[str, Any]:
    """https://learn.microsoft.com/graph/api/resources/domain"""
    return {
        "authenticationType": "Managed", "availabilityStatus": None, "id": name, "isAdminManaged": True,
        "isDefault": default, "isInitial": initial, "isRoot": True, "isVerified": verified,
        "supportedServices": ["Email", "OfficeCommunicationsOnline"] if verified else [],
        "passwordValidityPeriodInDays": 2147483647, "passwordNotificationWindowInDays": 14, "state": None,
    }  # fmt: skip


def _person(name: str, upn: str, *, roles: list[str] | None = None, product: str = "", **values: Any) -> dict[str, Any]:
    first, _, last = name.partition(" ")
    member = "#" not in upn
    return {
        "roles": roles or [], "product": product, "accountEnabled": True, "displayName": name, "givenName": first,
        "surname": last, "userPrincipalName": upn, "mailNickname": upn.partition("@")[0].replace("#", "."),
        "userType": "Member", "usageLocation": "GB", "createdDateTime": LONG_AGO,
        "signInSessionsValidFromDateTime": LONG_AGO, "lastPasswordChangeDateTime": LONG_AGO,
        **({"mail": upn, "proxyAddresses": [f"SMTP:{upn}"]} if member else {}), **values,
    }  # fmt: skip


def _acme_people(moment: float) -> dict[str, dict[str, Any]]:
    a, standard, premium = f"@{ACME}", BUSINESS_STANDARD, BUSINESS_PREMIUM
    synced: dict[str, Any] = {"onPremisesSyncEnabled": True, "onPremisesImmutableId": "c3luY2Vk",
              "onPremisesSamAccountName": "sy.synced", "onPremisesDomainName": "corp.acme.example",
              "onPremisesLastSyncDateTime": LONG_AGO}  # fmt: skip
    return {
        "acme admin": _person("Grace Hopper", f"grace.hopper{a}", roles=[GLOBAL_ADMINISTRATOR], product=standard,
                              jobTitle="Head of IT", department="IT"),
        "acme user admin": _person("Uri Admin", f"uri.admin{a}", roles=[USER_ADMINISTRATOR], product=standard,
                                   department="IT"),
        "acme ordinary": _person("Omar Ordinary", f"omar.ordinary{a}", product=standard, jobTitle="Clerk",
                                 manager="acme manager", power_bi=True),
        "acme synced": _person("Sy Synced", f"sy.synced{a}", **synced),
        "acme guest": _person("Gus Guest", "gus_partner.example#EXT#@acme.onmicrosoft.com", userType="Guest",
                              mail="gus@partner.example", externalUserState="Accepted", creationType="Invitation"),
        "acme deleted": _person("Dora Deleted", f"dora.deleted{a}", deleted=moment - 4 * 86400),
        "acme manager": _person("Mona Manager", f"mona.manager{a}", product=premium, jobTitle="Office Manager",
                                department="Operations", proxyAddresses=[f"SMTP:mona.manager{a}", f"smtp:office{a}"]),
        "acme blocked": _person("Bea Blocked", f"bea.blocked{a}", product=premium, accountEnabled=False),
        "acme unlicensed": _person("Uma Unlicensed", f"uma.unlicensed{a}", usageLocation=None, mail=None,
                                   proxyAddresses=[]),
    }  # fmt: skip


def _insert(tenant: str, key: str, person: dict[str, Any]) -> None:
    """One user of the cast, found by everything a user is found by. Takes what is not a property out of `person`."""
    own, product, power_bi = fixed_id(key), person.pop("product"), person.pop("power_bi", False)
    roles, manager, deleted = person.pop("roles"), person.pop("manager", None), person.pop("deleted", None)
    states = [_licence(product)] if product else []
    states += [_licence(POWER_BI_FREE, fixed_id(POWER_BI_USERS))] if power_bi else []
    body = {"id": own, "businessPhones": [], **{name: value for name, value in person.items() if value is not None}}
    body.update(licenseAssignmentStates=states, assignedLicenses=assigned(states))
    if deleted is not None:
        body["deletedDateTime"] = written(deleted)
        body["userPrincipalName"] = own.replace("-", "") + body["userPrincipalName"]
    User.insert(
        id=own, tenant=tenant, roles=roles, manager=manager and fixed_id(manager), password=PASSWORD,
        deleted_at=deleted, body=body, **keys_of(body),
    ).execute()  # fmt: skip
    if deleted is None:
        insert_found_by(tenant, own, body)
        groups = [ALL_STAFF] * (tenant == fixed_id("tenant acme")) + [POWER_BI_USERS] * power_bi
        for group in groups:
            Member.insert(group=fixed_id(group), user=own).execute()


def _licence(sku_id: str, group: str | None = None) -> dict[str, Any]:
    return {
        "skuId": sku_id, "disabledPlans": [], "assignedByGroup": group, "state": "Active", "error": "None",
        "lastUpdatedDateTime": LONG_AGO,
    }  # fmt: skip


def _groups(tenant: str) -> None:
    """https://learn.microsoft.com/graph/api/resources/group: one of each kind that matters to provisioning."""
    mailed = {"mailEnabled": True, "groupTypes": ["Unified"], "securityEnabled": False, "visibility": "Private"}
    _group(
        tenant, ALL_STAFF, "All staff", mail=f"all.staff@{ACME}", proxyAddresses=[f"SMTP:all.staff@{ACME}"], **mailed
    )
    _group(tenant, POWER_BI_USERS, "Power BI users", assignedLicenses=[{"disabledPlans": [], "skuId": POWER_BI_FREE}])
    _group(tenant, "acme group finance", "Finance")
    _group(tenant, "acme group keepers", "Keepers of the keys", isAssignableToRole=True)
    _group(tenant, "acme group sales", "Everybody in Sales", groupTypes=["DynamicMembership"],
           membershipRule='(user.department -eq "Sales")', membershipRuleProcessingState="On")  # fmt: skip
    _group(tenant, "acme group list", "Announcements", mail=f"announcements@{ACME}", mailEnabled=True,
           securityEnabled=False)  # fmt: skip
    _group(tenant, "acme group factory", "Factory floor", onPremisesSyncEnabled=True)
    _group(tenant, "acme group wages", "Wages", mail=f"wages@{ACME}", mailEnabled=True)
    _group(tenant, "acme group board", "Board papers", isManagementRestricted=True)
    _group(tenant, PROJECT, "Project Apollo", mail=f"apollo@{ACME}", proxyAddresses=[f"SMTP:apollo@{ACME}"],
           resourceProvisioningOptions=["Team"], **mailed)  # fmt: skip
    Owner.insert(group=fixed_id(PROJECT), user=fixed_id("acme manager")).execute()
    Member.insert(group=fixed_id(PROJECT), user=fixed_id("acme manager")).execute()


def _group(tenant: str, key: str, name: str, **values: Any) -> None:
    nickname = name.replace(" ", "")
    body = {
        "id": fixed_id(key), "displayName": name, "mailNickname": nickname, "mailEnabled": False, "groupTypes": [],
        "securityEnabled": True, "createdDateTime": LONG_AGO, "renewedDateTime": LONG_AGO, "proxyAddresses": [],
        **values,
    }  # fmt: skip
    Group.insert(
        id=body["id"], tenant=tenant, display_name=name.casefold(), mail=body.get("mail"),
        mail_nickname=nickname.casefold(), created=LONG_AGO, words=words_of(name), body=body,
    ).execute()  # fmt: skip
