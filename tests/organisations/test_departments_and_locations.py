"""Settings > Departments and locations: what there is, and giving it another name for everybody at once."""

import pytest

from portal.connections.settings import LicenceRule
from portal.group_rules.models import GroupRule
from portal.people.lists import ValueChange
from portal.people.models import Employee
from tests.people.conftest import LIST, names

PAGE = "/settings/departments-and-locations"


@pytest.fixture
def staff(cast, acme, globex):
    cast.employee(globex, "Stan", "", department="SALES", location="Lair")
    for name, department in (("Ann", "SALES"), ("Bo", "Sales"), ("Cy", "SALES"), ("Di", "Purchasing")):
        cast.employee(acme, name, "", department=department, location="Leeds")


def departments(acme) -> dict[str, str]:
    rows = Employee.select().where(Employee.organisation == acme).order_by(Employee.first_name)
    return {row.first_name: row.department for row in rows}


def rename(alice, name, to, field="department"):
    alice.get(f"{PAGE}/{field}?name={name}")
    return alice.press("Continue", {"New name": to})


def test_what_there_is_with_counts(alice, staff):
    page = alice.get(PAGE)
    rows = [" ".join(row.get_text(" ", strip=True).split()) for row in page.soup.select("#departments tbody tr")]
    assert [row.split(" with")[0] for row in rows] == ["Purchasing 1", "SALES 2", "Sales 1"]
    assert "Lair" not in page.text
    assert names(alice.get(f"{LIST}?department=SALES")) == ["Ann", "Cy"]


def test_a_merge_shows_who_changes_and_is_undone_for_those_alone(alice, acme, staff):
    page = rename(alice, "SALES", " Sales ")
    assert "Merge “SALES” with “Sales”?" in page.text
    assert "2 employees get the department “Sales”: Ann, Cy." in page.text
    assert departments(acme)["Ann"] == "SALES"
    page = alice.press("Confirm")
    assert "“SALES” is now “Sales”, for 2 employees." in page.text
    assert departments(acme) == {"Ann": "Sales", "Bo": "Sales", "Cy": "Sales", "Di": "Purchasing"}
    Employee.update(department="Board").where(Employee.first_name == "Cy").execute()
    page = alice.press("Undo")
    assert "1 employee changed back to “SALES”." in page.text
    assert departments(acme) == {"Ann": "SALES", "Bo": "Sales", "Cy": "Board", "Di": "Purchasing"}
    assert not page.has_button("Undo")


def test_a_renamed_location_is_found_by_its_new_name(alice, staff):
    rename(alice, "Leeds", "Bradford", "location")
    alice.press("Confirm")
    assert names(alice.get(f"{LIST}?q=bradford")) == ["Ann", "Bo", "Cy", "Di"]
    assert names(alice.get(f"{LIST}?q=leeds")) == []


@pytest.mark.parametrize(("to", "problem"), [("", "Enter the new name."), ("SALES", "That is its name already")])
def test_a_name_that_cannot_be_is_refused_before_anything_changes(alice, acme, staff, to, problem):
    page = rename(alice, "SALES", to)
    assert page.status == 422
    assert problem in page.text
    assert departments(acme)["Ann"] == "SALES"


def test_another_organisation_sees_and_undoes_nothing(alice, mallory, acme, staff):
    rename(alice, "SALES", "Selling")
    alice.press("Confirm")
    note = ValueChange.get()
    assert "Selling" not in mallory.get(PAGE).text
    assert mallory.post(f"{PAGE}/changes/{note.id}/undo").status == 404
    assert mallory.get(f"{PAGE}/department?name=Selling").status == 404
    assert departments(acme)["Ann"] == "Selling"


def test_rules_that_name_a_department_follow_it_and_go_back(alice, acme, initech, staff):
    rule = {"service": "microsoft-365", "field": "department"}
    mine = GroupRule.create(organisation=acme, value="SALES", group="a", group_name="A", **rule)
    own = LicenceRule.create(organisation=acme, value="Sales", licence="b", **rule)
    theirs = LicenceRule.create(organisation=initech, value="SALES", licence="c", **rule)
    assert "1 rule for licences, units or groups names “Sales” from then on." in rename(alice, "SALES", "Sales").text
    assert GroupRule.get_by_id(mine.id).value == "SALES"
    alice.press("Confirm")
    assert GroupRule.get_by_id(mine.id).value == "Sales"
    alice.press("Undo")
    assert GroupRule.get_by_id(mine.id).value == "SALES"
    assert (LicenceRule.get_by_id(own.id).value, LicenceRule.get_by_id(theirs.id).value) == ("Sales", "SALES")
