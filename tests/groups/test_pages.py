"""The tab Groups of an add-on's settings, and the groups on a card."""

import pytest

from portal.addons import group_views
from portal.group_rules.models import GroupRule
from portal.people.models import Employee
from tests.groups.conftest import MONA
from tests.groups.test_group_rules import FINANCE, linked, rule
from tests.provisioning.conftest import at


@pytest.fixture
def wei(cast, acme):
    return cast.employee(acme, "Wei", "Zang", personal_email="wei@home.example", department="Finance")


def tab(site) -> str:
    return f"/settings/add-ons/{site.key}/groups"


def test_a_rule_is_added_and_removed(alice, site, wei):
    alice.get(tab(site))
    alice.press("Add rule", {"Who": "department:Finance", "Group": site.group(FINANCE[site.key]).id})
    assert f"Department Finance joins {FINANCE[site.key]}" in alice.page.text
    alice.press(f"Remove Department Finance joins {FINANCE[site.key]}")
    assert not GroupRule.select().exists()


def test_l08_groups_that_graph_cannot_write_are_named_with_the_admin_centre_that_can(alice, at_microsoft):
    text = alice.get(tab(at_microsoft)).text
    for name, centre in (
        ("Everybody in Sales", "Microsoft Entra admin centre"), ("Announcements", "Exchange admin centre"),
        ("Wages", "Exchange admin centre"), ("Factory floor", "your company’s own directory"),
        ("Keepers of the keys", "Microsoft Entra admin centre"),
    ):  # fmt: skip
        said = text[text.rindex(name) :]
        assert centre in said[:260], name


def test_groups_that_do_not_come_are_asked_for_again_by_the_person_and_not_by_the_portal(
    alice, at_microsoft, sandbox, monkeypatch
):
    monkeypatch.setattr(group_views, "PATIENCE", 0.3)
    sandbox.fault(method="GET", path="/v1.0/groups", kind="slow", seconds=1.0)
    text = alice.get(tab(at_microsoft)).text
    assert "Microsoft 365 did not answer in time. Wait a minute, then try again." in text


def test_a_group_that_cannot_be_changed_is_no_rule(alice, at_microsoft, wei):
    group = at_microsoft.group("Announcements")
    address = f"/settings/add-ons/{at_microsoft.key}/group-rules"
    page = alice.post(address, {"who": "department:Finance", "group": group.id})
    assert page.status == 422
    assert "Exchange admin centre" in page.text
    assert not GroupRule.select().exists()


def test_the_create_form_says_which_groups_follow(alice, at_microsoft, wei):
    rule(at_microsoft, alice, "Finance")
    rule(at_microsoft, alice, "Announcements")
    text = alice.get(f"{at(wei, at_microsoft.key)}/create").text
    assert "Joins by rule, minutes after it is created: Finance ." in text
    assert "Not joined: Announcements . Change it in the Exchange admin centre." in text


def test_l20_the_card_shows_what_a_move_changes_before_it_does(alice, site, wei):
    place, group = linked(site, wei, MONA), rule(site, alice, FINANCE[site.key])
    text = alice.get(f"{at(wei, site.key)}/groups").text
    assert f"Joins {group.name}" in text
    alice.press("Swap groups")
    assert group.name in site.names_of(place.account.remote_id)
    Employee.update(department="Elsewhere").where(Employee.id == wei.id).execute()
    assert f"Leaves {group.name}" in alice.get(f"{at(wei, site.key)}/groups").text
    alice.press("Swap groups")
    assert group.name not in site.names_of(place.account.remote_id)
    assert "By your rules, nothing would change." in alice.get(f"{at(wei, site.key)}/groups").text


def test_a_rule_of_another_organisation_is_not_there(alice, mallory, at_microsoft, wei):
    rule(at_microsoft, alice, "Finance")
    own = GroupRule.get()
    address = f"/settings/add-ons/{at_microsoft.key}/group-rules/{own.id}/remove"
    mallory.post(address, {})
    assert GroupRule.select().count() == 1
