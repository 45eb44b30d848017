import pytest

from portal.connections import settings_actions
from portal.connectors import SERVICES
from portal.operations.models import Operation, State
from portal.organisations.models import Organisation
from portal.sandbox.state.catalogue import BUSINESS_BASIC, BUSINESS_PREMIUM, BUSINESS_STANDARD, POWER_BI_FREE
from tests.provisioning.conftest import at, linked, tab

USERNAME, OMAR = "wei.zhang@acme.example", "omar.ordinary@acme.example"
STANDARD, PREMIUM, BASIC, POWER_BI = (
    SERVICES["microsoft-365"].licence_name(plan)
    for plan in (BUSINESS_STANDARD, BUSINESS_PREMIUM, BUSINESS_BASIC, POWER_BI_FREE)
)


@pytest.fixture
def choose(alice, connection):
    """choose(default_licence=…), as the add-on's settings page does it."""
    return lambda **values: settings_actions.choose(connection, by=alice.user, **values)


@pytest.fixture
def omar(alice, cast, acme, connection, sandbox):
    """An employee whose account has a licence of its own, and one from a group."""
    return linked(alice, cast.employee(acme, "Omar", "Ordinary"), OMAR)


def create(person, employee, **fields):
    person.get(tab(employee))
    person.press("Action")
    return person.press("Create", fields)


def change(person, employee, **ticks):
    person.get(tab(employee))
    person.press("Change licences")
    return person.press(
        "Change licences", ticks, within="#account-card-microsoft-365 form[aria-label='Change licences']"
    )


def facts(person, employee):
    """What the tab says of the account, label by label."""
    rows = person.get(tab(employee)).soup.select("dl.rows > div")
    return {row.dt.get_text(): " ".join(row.dd.get_text(" ", strip=True).replace(" ,", ",").split()) for row in rows}


def test_the_first_rule_that_fits_decides_which_licence_a_new_account_gets(
    alice, cast, acme, connection, choose, sandbox
):
    choose(default_licence=BUSINESS_STANDARD)
    for field, value, licence in (("department", "sales", BUSINESS_PREMIUM), ("country", "GB", POWER_BI_FREE)):
        settings_actions.add_rule(connection, by=alice.user, field=field, value=value, licence=licence)
    people = {
        "ann.sales": {"department": "Sales"},
        "ben.ops": {"department": "Ops"},
        "cleo.ops": {"department": "Ops", "country": "IE"},
    }
    for name, values in people.items():
        create(alice, cast.employee(acme, *name.split("."), **values))
    plans = [sandbox.user(f"{name}@acme.example").plans for name in people]
    assert plans == [[BUSINESS_PREMIUM], [POWER_BI_FREE], [BUSINESS_STANDARD]]
    assert sandbox.user("cleo.ops@acme.example").properties["usageLocation"] == "IE"


def test_until_a_default_is_chosen_the_licence_that_most_people_have_is_proposed_and_said(alice, wei, choose, sandbox):
    choose(default_licence=None)
    sandbox.set_seats(BUSINESS_PREMIUM, 500)
    alice.get(tab(wei))
    page = alice.press("Action")
    assert page.value("Licence") == BUSINESS_STANDARD
    assert "No default licence is set, so we suggest the one that most people have." in page.text


def test_without_a_seat_anywhere_nothing_is_chosen_for_the_admin(alice, wei, choose, sandbox):
    choose(default_licence=None)
    for sku in (BUSINESS_STANDARD, BUSINESS_PREMIUM):
        sandbox.set_seats(sku, 0)
    page = create(alice, wei)
    assert page.status == 422
    assert "Choose a licence, or “No licence”." in page.text
    page = alice.press("Create", {"Licence": "none"})
    assert "The account has been created" in page.text
    assert sandbox.user(USERNAME).plans == []


def test_a_default_without_a_seat_is_said_before_create_and_refused(alice, wei, choose, sandbox):
    choose(default_licence=BUSINESS_BASIC)
    alice.get(tab(wei))
    page = alice.press("Action")
    assert "No seat is left on it" in page.text
    page = alice.press("Create")
    assert page.status == 422
    assert f"No seat is left on {BASIC}" in page.text
    assert sandbox.user(USERNAME) is None


def test_without_a_country_on_the_profile_the_organisations_is_used(alice, cast, acme, choose, sandbox):
    choose(default_licence=BUSINESS_STANDARD)
    nomad = cast.employee(acme, "Nia", "Nomad", country="")
    create(alice, nomad)
    remote = sandbox.user("nia.nomad@acme.example")
    assert (remote.properties["usageLocation"], remote.plans) == ("GB", [BUSINESS_STANDARD])


def test_without_any_country_the_form_says_so_before_anything_is_made(alice, cast, acme, choose, sandbox):
    choose(default_licence=BUSINESS_STANDARD)
    Organisation.update(country=None).where(Organisation.id == acme.id).execute()
    page = create(alice, cast.employee(acme, "Nia", "Nomad", country=""))
    assert page.status == 422
    assert "needs the country before it gives a licence" in page.text
    assert sandbox.user("nia.nomad@acme.example") is None


def test_without_any_country_or_default_the_account_is_made_without_a_licence_and_the_form_says_why(
    alice, cast, acme, choose, sandbox
):
    choose(default_licence=None)
    Organisation.update(country=None).where(Organisation.id == acme.id).execute()
    alice.get(tab(cast.employee(acme, "Nia", "Nomad", country="")))
    assert "A licence needs the country" in alice.press("Action").text
    assert "has been created" in alice.press("Create").text
    assert sandbox.user("nia.nomad@acme.example").plans == []


def test_the_tab_tells_own_licences_from_those_of_a_group(alice, omar):
    assert facts(alice, omar)["Licences"] == f"{STANDARD}, {POWER_BI} (from a group)"


def test_licences_are_added_and_removed_in_one_call_with_a_receipt(alice, omar, sandbox):
    sandbox.clear_requests()
    page = change(alice, omar, **{PREMIUM: True, STANDARD: False})
    assert "The licences have been changed." in page.text
    assert set(sandbox.user(OMAR).plans) == {BUSINESS_PREMIUM, POWER_BI_FREE}
    assert len(sandbox.requests("POST", "assignLicense")) == 1
    operation = Operation.select().order_by(Operation.id.desc()).get()
    receipt = alice.get(f"/provisioning/operations/{operation.id}")
    assert "Change licences: Omar Ordinary" in receipt.title
    assert f"Before: licences {STANDARD}, {POWER_BI}" in receipt.text.replace(
        f"{POWER_BI}, {STANDARD}", f"{STANDARD}, {POWER_BI}"
    )


def test_a_licence_from_a_group_can_be_neither_unticked_nor_taken(alice, omar, sandbox):
    alice.get(tab(omar))
    page = alice.press("Change licences")
    assert f"Change who is in the group instead: {POWER_BI}" in page.text
    assert page.soup.find("input", value=POWER_BI_FREE) is None
    alice.post(f"{at(omar)}/licences", {"held": [POWER_BI_FREE]}, fragment=True)
    assert POWER_BI_FREE in sandbox.user(OMAR).plans


def test_a_licence_without_a_seat_cannot_be_ticked_and_is_refused_when_sent(alice, omar, sandbox):
    alice.get(tab(omar))
    page = alice.press("Change licences")
    assert "disabled" in page.field(BASIC).attrib
    page = alice.post(f"{at(omar)}/licences", {"licences": [BUSINESS_BASIC]}, fragment=True)
    assert page.status == 422
    assert f"No seat is left on {BASIC}" in page.text


def test_the_last_seat_taken_meanwhile_is_told_in_words_and_changes_nothing(alice, omar, sandbox):
    alice.get(tab(omar))
    alice.press("Change licences")
    sandbox.set_seats(BUSINESS_PREMIUM, 0)
    before = set(sandbox.user(OMAR).plans)
    page = alice.press(
        "Change licences", {PREMIUM: True}, within="#account-card-microsoft-365 form[aria-label='Change licences']"
    )
    assert "The licences were not changed" in page.text
    assert f"No seat is left on {PREMIUM}" in page.text
    assert set(sandbox.user(OMAR).plans) == before


def test_what_a_colleague_gave_meanwhile_is_not_taken_away(alice, omar, sandbox):
    alice.get(tab(omar))
    form = alice.press("Change licences")
    change(alice, omar, **{STANDARD: False})
    alice.post(f"{at(omar)}/licences", {"held": [], "licences": [BUSINESS_STANDARD]}, fragment=True)
    alice.page = form
    alice.press("Change licences", {}, within="#account-card-microsoft-365 form[aria-label='Change licences']")
    assert BUSINESS_STANDARD in sandbox.user(OMAR).plans


def test_nothing_ticked_is_nothing_done(alice, omar):
    before = Operation.select().count()
    page = change(alice, omar)
    assert "No licence was ticked or unticked" in page.text
    assert Operation.select().count() == before


def test_without_javascript_licences_change_by_whole_pages(alice, omar, sandbox):
    alice.htmx = False
    page = change(alice, omar, **{STANDARD: False})
    assert page.title.endswith("Omar Ordinary")
    assert "The licences have been changed." in page.text


def test_an_account_without_a_country_gets_it_before_the_licence(alice, cast, acme, connection, sandbox):
    uma = cast.employee(acme, "Uma", "Unlicensed", country="FR")
    alice.get(tab(uma))
    alice.press("Link existing account")
    alice.press("Link uma.unlicensed@acme.example")
    alice.press("Confirm")
    change(alice, uma, **{STANDARD: True})
    remote = sandbox.user("uma.unlicensed@acme.example")
    assert (remote.properties["usageLocation"], remote.plans) == ("FR", [BUSINESS_STANDARD])


def test_an_administrators_licences_are_left_alone(alice, omar, sandbox):
    sandbox.give_role(OMAR, "Global Administrator")
    page = alice.get(f"{at(omar)}/licences")
    assert "holds an administrator role" in page.text
    assert not page.soup.select("form[aria-label='Change licences']")


def test_deactivating_takes_the_own_licences_and_reactivating_gives_them_back(alice, omar, choose, sandbox):
    choose(licences_go_on_deactivate=True)
    alice.get(tab(omar))
    page = alice.press("Action")
    assert f"These licences are removed, and their seats are free again: {STANDARD}." in page.text
    alice.press("Confirm")
    assert sandbox.user(OMAR).plans == [POWER_BI_FREE]
    page = alice.press("Action")
    assert f"These licences are given back if seats are free: {STANDARD} (23 seats left)." in page.text
    alice.press("Confirm")
    assert set(sandbox.user(OMAR).plans) == {BUSINESS_STANDARD, POWER_BI_FREE}


def test_without_the_switch_deactivating_takes_no_licence(alice, omar, sandbox):
    alice.get(tab(omar))
    page = alice.press("Action")
    assert "licences stay" in page.text
    alice.press("Confirm")
    assert BUSINESS_STANDARD in sandbox.user(OMAR).plans


def test_licences_taken_are_known_after_an_answer_that_never_came(alice, omar, choose, sandbox):
    choose(licences_go_on_deactivate=True)
    alice.get(tab(omar))
    alice.press("Action")
    sandbox.fault(method="POST", path="assignLicense", kind="lost answer", times=1)
    alice.press("Confirm")
    operation = Operation.select().order_by(Operation.id.desc()).get()
    assert (operation.state, operation.results["licences_taken"]) == (State.DONE, [BUSINESS_STANDARD])
    assert sandbox.user(OMAR).plans == [POWER_BI_FREE]


def test_what_cannot_be_given_back_is_named_and_the_account_is_active_all_the_same(
    alice, omar, choose, connection, sandbox
):
    change(alice, omar, **{STANDARD: False, PREMIUM: True})
    choose(licences_go_on_deactivate=True)
    alice.get(tab(omar))
    alice.press("Action")
    alice.press("Confirm")
    sandbox.set_seats(BUSINESS_PREMIUM, 0)
    alice.get(tab(omar))
    assert f"{PREMIUM} (no seats left)" in alice.press("Action").text
    page = alice.press("Confirm")
    assert "The account has been reactivated" in page.text
    assert f"No seat is left on {PREMIUM}" in page.text
    assert not sandbox.user(OMAR).sign_in_blocked


@pytest.mark.parametrize("name", ["stan", "bob", "mallory"])
def test_nobody_else_changes_licences(request, omar, sandbox, name):
    person = request.getfixturevalue(name)
    before = sandbox.user(OMAR).plans
    assert person.post(f"{at(omar)}/licences", {"held": [BUSINESS_STANDARD]}).status in (403, 404)
    assert sandbox.user(OMAR).plans == before
