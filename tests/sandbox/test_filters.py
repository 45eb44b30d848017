"""https://learn.microsoft.com/graph/aad-advanced-queries: what the directory finds people by, and how."""

import pytest

ADVANCED = {"ConsistencyLevel": "eventual"}


def found(caller, condition: str, *, advanced: bool = False, **more: str) -> list[str]:
    path = f"/users?$select=userPrincipalName&$filter={condition}" + ("&$count=true" if advanced else "")
    answer = caller("GET", path, **(ADVANCED if advanced else {}), **more)
    assert answer.ok, answer.text
    return [user["userPrincipalName"].partition("@")[0] for user in answer.json()["value"]]


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        ("userPrincipalName eq 'OMAR.ordinary@acme.example'", ["omar.ordinary"]),
        ("startswith(displayName,'omar')", ["omar.ordinary"]),
        ("startsWith(userPrincipalName, 'uri.')", ["uri.admin"]),
        ("jobTitle eq 'Clerk' and accountEnabled eq true", ["omar.ordinary"]),
        ("jobTitle eq 'Clerk' or jobTitle eq 'Office Manager'", ["omar.ordinary", "mona.manager"]),
        ("(jobTitle eq 'Clerk' or jobTitle eq 'Chief') and surname eq 'Ordinary'", ["omar.ordinary"]),
        ("displayName in ('Omar Ordinary', 'Sy Synced')", ["omar.ordinary", "sy.synced"]),
        ("accountEnabled eq false", ["bea.blocked"]),
        ("proxyAddresses/any(p:p eq 'smtp:OFFICE@acme.example')", ["mona.manager"]),
        ("proxyAddresses/any(p:startswith(p,'smtp:off'))", ["mona.manager"]),
        ("assignedLicenses/any(x:x/skuId eq cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46)", ["mona.manager", "bea.blocked"]),
        ("onPremisesSyncEnabled eq true", ["sy.synced"]),
        ("userType eq 'Guest'", ["gus_partner.example#EXT#"]),
        ("mail ge 'u' and mail le 'v'", ["uri.admin"]),
        ("department eq 'IT' and createdDateTime ge 2020-01-01T00:00:00Z", ["grace.hopper", "uri.admin"]),
        ("displayName eq 'O''Brien'", []),
    ],
)
def test_plain_filters(caller, condition, names):
    assert found(caller, condition) == names


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        ("endsWith(mail,'partner.example')", ["gus_partner.example#EXT#"]),
        ("accountEnabled ne true", ["bea.blocked"]),
        ("not(startswith(userPrincipalName,'o')) and department eq 'Operations'", ["mona.manager"]),
        ("usageLocation eq null", ["uma.unlicensed"]),
        ("department ne 'IT' and jobTitle eq 'Clerk'", ["omar.ordinary"]),
        ("assignedLicenses/$count eq 0 and userType eq 'Member'", ["sy.synced", "uma.unlicensed"]),
        ("proxyAddresses/any(p:endsWith(p,'office@acme.example'))", ["mona.manager"]),
    ],
)
def test_advanced_filters_need_the_header_and_the_count(caller, condition, names):
    assert found(caller, condition, advanced=True) == names
    for path, headers in (("", ADVANCED), ("&$count=true", {})):
        status, code, _ = caller.refused("GET", f"/users?$filter={condition}{path}", **headers)
        assert (status, code) == (400, "Request_UnsupportedQuery")


@pytest.mark.parametrize("name", ["companyName", "officeLocation", "employeeType"])
def test_some_properties_are_advanced_altogether(caller, name):
    message = caller.refused("GET", f"/users?$filter={name} eq 'x'")[2]
    assert message == f"Unsupported or invalid query filter clause specified for property '{name}' of resource 'User'."
    assert found(caller, f"{name} eq 'x'", advanced=True) == []


@pytest.mark.parametrize(
    "condition",
    [
        "colour eq 'blue'",
        "displayName eq",
        "displayName eq 'x",
        "displayName is 'x'",
        "eq 'x'",
        "accountEnabled eq 'x'",
    ],
)
def test_what_cannot_be_read_is_said_so(caller, condition):
    status, code, message = caller.refused("GET", f"/users?$filter={condition}")
    assert (status, code) == (400, "BadRequest")
    assert message.startswith("Invalid filter clause")


def test_contains_is_not_among_the_functions(caller):
    assert caller.refused("GET", "/users?$filter=contains(displayName,'mar')")[1] == "Request_UnsupportedQuery"


def test_at_most_fifteen_values_in_a_list(caller):
    values = ",".join(f"'{number}'" for number in range(16))
    assert "Max allowed: 15" in caller.refused("GET", f"/users?$filter=displayName in ({values})")[2]


def test_the_extension_attributes_can_be_searched(caller, sandbox):
    sandbox.patch_user("omar.ordinary@acme.example", onPremisesExtensionAttributes={"extensionAttribute15": "Mark"})
    assert found(caller, "onPremisesExtensionAttributes/extensionAttribute15 eq 'mark'") == ["omar.ordinary"]


def test_deleted_people_are_not_among_the_living(caller):
    assert found(caller, "startswith(displayName,'Dora')") == []
