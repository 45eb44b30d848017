"""Users who may do less than an Admin: what each can do, and that nobody gets beyond it."""

import io

import pytest

from portal import access
from portal.access import Action
from portal.auth.models import AccessLevel, Invitation, User
from portal.operations.models import Operation
from portal.people import lists
from portal.people.models import Employee
from portal.places import TEMPLATES
from tests.auth.conftest import link_in
from tests.cast import PASSWORD, Person
from tests.provisioning.conftest import connection, impatient  # noqa: F401

ROOT = TEMPLATES.parent


@pytest.fixture
def sales(cast, acme):
    return cast.employee(acme, "Sam", "Seller", department="Sales", country="GB", employee_number="S1")


def test_an_admin_invites_an_hr_of_one_part_who_is_held_to_it_from_the_first_moment(app, alice, sales, secret, mailbox):
    alice.get("/settings/users/invite")
    fields = {"Email": "hana@acme.example", "Access level": str(AccessLevel.PART_HR)}
    page = alice.press("Send invitation", fields)
    assert page.status == 422
    assert "Choose a country or enter a department" in page.text
    alice.press("Send invitation", {"Department": "Sales"})
    assert Invitation.get().part_value == "Sales"
    hana = Person(app)
    hana.get(link_in(mailbox.messages[-1]))
    hana.press("Set the password", {"New password": PASSWORD, "New password again": PASSWORD})
    hana.get("/login")
    hana.press("Sign in", {"Email": "hana@acme.example", "Password": PASSWORD})
    page = hana.get("/people/employees")
    assert "Sam Seller" in page.text
    assert "Zed Zulu" not in page.text
    assert "Home" not in [link.get_text() for link in page.soup.select(".sidebar-link")]


def test_an_hr_of_one_part_finds_counts_exports_and_opens_nobody_else(hana, sales, secret):
    for address in (
        "/people/employees", "/people/employees?q=Zulu", "/people/employees/export.csv", "/people/employees?who=left",
        "/people/employees/managers?manager=Zulu", f"/people/employees/{sales.id}/edit", "/provisioning",
        "/provisioning/activity.csv", "/provisioning/day-one", "/people/proposed-leavers",
    ):  # fmt: skip
        answer = hana.get(address)
        assert answer.status == 200, address
        assert not any(word in answer.html for word in ("Zed", "Board", "B1")), address
    assert "1 employee" in hana.get("/people/employees").text
    for address in ("", "/edit", "/photo", "/history", "/timeline", "/move", "/account-provisioning"):
        assert hana.get(f"/people/employees/{secret.id}{address}").status == 404, address


def test_an_hr_of_one_part_cannot_take_people_in_or_put_them_out(hana, acme, sales):
    hana.get(f"/people/employees/{sales.id}/edit")
    hana.press("Save", {"Department": "Board"})
    assert hana.page.status == 422
    assert "You look after Sales" in hana.page.text
    hana.get("/people/employees/add")
    new = {"Employee number": "S2", "First name": "Ida", "Department": "Board"}
    assert hana.press("Add employee", new).status == 422
    hana.press("Add employee", {"Department": "Sales"})
    assert Employee.get(Employee.employee_number == "S2").department == "Sales"


def test_a_manager_elsewhere_stays_when_a_record_is_saved_and_nobody_else_there_can_be_chosen(hana, sales, secret):
    Employee.update(manager=secret).where(Employee.id == sales.id).execute()
    hana.get(f"/people/employees/{sales.id}/edit")
    hana.press("Save", {"Job title": "Lead"})
    changed = Employee.get_by_id(sales.id)
    assert (changed.job_title, changed.manager_id) == ("Lead", secret.id)
    Employee.update(manager=None).where(Employee.id == sales.id).execute()
    hana.get(f"/people/employees/{sales.id}/edit")
    assert hana.press("Save", {"Manager": "B1"}).status == 422


def test_an_hr_of_one_part_gets_no_receipt_of_anybody_else(hana, alice, acme, connection, sales, secret):  # noqa: F811
    rows = [
        Operation.create(organisation=acme, connection=connection, employee=one, verb="create", by_name="Alice")
        for one in (sales, secret)
    ]
    assert hana.get(f"/provisioning/operations/{rows[0].id}").status == 200
    for verb in ("", "/retry", "/cancel"):
        address = f"/provisioning/operations/{rows[1].id}{verb}"
        answer = hana.get(address) if not verb else hana.post(address)
        assert answer.status == 404, verb
    assert "Zed" not in hana.get("/provisioning").text
    assert "Zed" in alice.get("/provisioning").text


def test_nobody_but_an_admin_reaches_users_tokens_or_the_settings_that_hold_people_back(cast, acme):
    alone = {Action.MANAGE_USERS, Action.MANAGE_INTEGRATIONS, Action.MANAGE_SETTINGS}
    for level in set(AccessLevel) - {AccessLevel.ADMIN}:
        assert not access.ALLOWED[level] & alone, level
    for level in (AccessLevel.APPROVER, AccessLevel.AUDITOR):
        writes = {Action.EDIT_EMPLOYEES, Action.EDIT_MANY, Action.PROVISION, Action.OVERSEE, Action.LINK_ACCOUNTS}
        assert not access.ALLOWED[level] & writes, level


def test_the_guide_shows_the_table_as_it_is():
    lines = (ROOT / "docs" / "admin-guide.md").read_text().partition("## Who may do what")[2].splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| ")]
    levels = [AccessLevel(name) for name in rows[0][1:]]
    assert set(levels) == set(AccessLevel)
    told = {row[0].partition(" (")[0]: row[1:] for row in rows[2:]}
    assert told.keys() == set(Action)
    for action, cells in told.items():
        may = {level for level, cell in zip(levels, cells, strict=True) if cell}
        assert may == {level for level in AccessLevel if action in access.ALLOWED[level]}, action


def test_a_part_follows_a_department_that_gets_another_name(alice, acme, hana, sales):
    lists.change(acme, "department", "Sales", "Selling", by=alice.user)
    assert "Sam Seller" in hana.get("/people/employees").text


def test_a_part_that_is_empty_shows_nobody(cast, acme, hana, sales):
    cast.employee(acme, "No", "Department", department="")
    User.update(part_value="").where(User.id == hana.user.id).execute()
    assert "Department" not in hana.get("/people/employees?q=No").soup.select_one("#employee-table").get_text()
    User.update(part="").where(User.id == hana.user.id).execute()
    assert "Sam" not in hana.get("/people/employees").text


def test_an_auditor_reads_what_was_done_and_an_approver_and_it_do_not_read_the_audit_log(cast, acme, secret):
    auditor = cast.person(acme, "Aud", AccessLevel.AUDITOR)
    assert "Audit log" in auditor.get("/settings/audit-log").title
    assert auditor.get("/provisioning/runs").status == 200
    assert not auditor.page.has_button("New bulk action")
    it = cast.person(acme, "Ivan", AccessLevel.IT)
    assert it.get("/settings/audit-log").status == 403
    assert it.get("/settings/add-ons").status == 200
    assert cast.person(acme, "Appy", AccessLevel.APPROVER).get("/settings/audit-log").status == 403


def test_a_strong_user_needs_the_second_factor_that_the_organisation_asks_for(acme, hana):
    acme.admins_need_second_factor = True
    acme.save()
    assert hana.get("/people/employees").url.endswith("/account/second-factor")


def test_hr_imports_and_a_lowered_level_ends_at_the_next_request(cast, acme, alice):
    hr = cast.person(acme, "Hugo", AccessLevel.HR)
    hr.get("/people/employees/import")
    file = io.BytesIO(b"employee_number,first_name\nI1,Ina\n")
    assert "Ina" in hr.press("Upload", {"File": file}).text or hr.page.status == 200
    User.update(access_level=AccessLevel.EMPLOYEE).where(User.id == hr.user.id).execute()
    assert hr.get("/people/employees/import").status == 403
