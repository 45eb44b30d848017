"""Link by matching, deactivate, reactivate, field sync and licences for many; and how people are chosen."""

import io
from zipfile import ZipFile

import pytest
from openpyxl import Workbook

from portal.accounts.models import Account
from portal.accounts.place import Place
from portal.connections import offer
from portal.connections.offer import name_of
from portal.connections.settings import settings_of
from portal.database import now
from portal.leaving import actions as leaving
from portal.people.models import Employee
from portal.runs import queries
from portal.runs.models import LineState, Run, RunLine, RunState
from portal.runs.planning import PATIENCE
from portal.tables import budget
from tests.provisioning.worker import deliver, password_in
from tests.runs.conftest import carried_out, latest, plan_for, planned, start, start_label


@pytest.fixture
def with_accounts(app, alice, connection, staff):
    plan_for(app, alice, staff)
    start(alice)
    assert carried_out(app).state == RunState.DONE
    return staff


def test_deactivated_and_brought_back(app, alice, with_accounts, sandbox):
    run, page = plan_for(app, alice, with_accounts, "deactivate")
    assert "Active · helen.head@acme.example" in page.text
    in_german = alice.get(f"/provisioning/runs/{run.id}", headers={"Accept-Language": "de"})
    assert "Aktiv · helen.head@acme.example" in in_german.text
    start(alice)
    assert carried_out(app).state == RunState.DONE
    assert {account.status for account in Account.select()} == {"Deactivated"}
    assert sandbox.user("helen.head@acme.example").sign_in_blocked
    plan_for(app, alice, with_accounts, "reactivate")
    start(alice)
    carried_out(app)
    assert {account.status for account in Account.select()} == {"Active"}


def test_a_leaver_who_is_reactivated_with_others_gets_a_fresh_password(app, alice, with_accounts, sandbox, mailbox):
    (left, without, *_), mail = with_accounts, "left@home.example"
    for employee, address in ((left, mail), (without, "")):
        Employee.update(personal_email=address).where(Employee.id == employee.id).execute()
        place = Place.of_account(Account.get(Account.employee == employee))
        with app.app_context():
            leaving.leave(place, leaving.request_for(place), by=alice.user)
    mailbox.clear()
    _, page = plan_for(app, alice, [left, without], "reactivate")
    assert f"Active, with a new temporary password by email to {mail}" in page.text
    skipped = RunLine.get(RunLine.state == LineState.LEFT_OUT, RunLine.employee == without)
    assert "Leaving has changed the password, and there is no personal email for a new one." in skipped.reason
    start(alice)
    carried_out(app)
    deliver(app)
    assert [message["To"] for message in mailbox.messages] == [mail]
    username = Account.get(Account.employee == left).username
    assert sandbox.sign_in(username, password_in(mailbox)) == "must change password"


def test_an_administrator_is_left_out_until_the_role_is_taken_away(app, alice, with_accounts, sandbox):
    sandbox.give_role("helen.head@acme.example", "Global Administrator")
    head = with_accounts[:1]
    plan_for(app, alice, head, "deactivate")
    start(alice)
    carried_out(app)
    assert RunLine.select().order_by(RunLine.id.desc()).get().state == LineState.FAILED
    _, page = plan_for(app, alice, head, "deactivate")
    assert "This account holds an administrator role" in page.text
    sandbox.take_roles("helen.head@acme.example")
    _, page = plan_for(app, alice, head, "deactivate")
    assert "signed out everywhere" in page.text
    assert not Account.get(Account.employee == head[0]).protections


def test_a_changed_record_is_sent(app, alice, with_accounts, sandbox):
    Employee.update(department="Orchard").where(Employee.id == with_accounts[0].id).execute()
    run, page = plan_for(app, alice, with_accounts[:2], "update")
    assert "Department: Sales" in page.text
    assert "Department: Orchard" in page.text
    start(alice)
    carried_out(app)
    assert sandbox.user("helen.head@acme.example").properties["department"] == "Orchard"
    assert RunLine.select().where(RunLine.run == run, RunLine.state == LineState.LEFT_OUT).count() == 1


def test_licences_are_given_and_taken(app, alice, with_accounts, connection, sandbox):
    offer.read(connection)
    sku = next(plan["id"] for plan in connection.licences if "Business Premium" in plan["name"])
    plan_for(app, alice, with_accounts[:2], "licence", **{"Licences to give": sku})
    start(alice)
    carried_out(app)
    assert sandbox.user("helen.head@acme.example").plans == [sku]
    plan_for(app, alice, with_accounts[:1], "licence", **{"Licences to take away": sku})
    start(alice)
    carried_out(app)
    assert sandbox.user("helen.head@acme.example").plans == []


def test_licences_that_come_back_need_their_seats(app, alice, with_accounts, connection, sandbox):
    offer.read(connection)
    business = [plan for plan in connection.licences if plan["name"].startswith("Microsoft 365 Business")]
    skus = [plan["id"] for plan in business if plan["free"] >= 2][:1]
    settings = settings_of(connection)
    settings.licences_go_on_deactivate = True
    settings.save()
    name = name_of(connection, skus[0])
    for verb, fields, words in (
        ("licence", {"Licences to give": skus[0]}, f"Seats of {name} 2 needed"),
        ("deactivate", {}, f"signed out everywhere, {name} removed"),
        ("reactivate", {}, f"Active, with {name} again"),
    ):
        _, page = plan_for(app, alice, with_accounts[:2], verb, **fields)
        assert words in page.text
        start(alice)
        assert carried_out(app).state == RunState.DONE
    assert sandbox.user("helen.head@acme.example").plans == skus


def test_each_licence_that_is_given_needs_a_seat(app, alice, with_accounts, connection):
    offer.read(connection)
    both = [plan["id"] for plan in connection.licences][:2]
    run, page = plan_for(app, alice, with_accounts[:3], "licence", **{"Licences to give": both})
    assert [need.needed for need in queries.seats(run)] == [3, 3]
    alice.get("/provisioning/runs/new?verb=licence&employee=1")
    page = alice.press("Show the plan", {"Licences to give": both, "Licences to take away": both})
    assert "at the same time" in page.text


def test_a_match_that_is_not_certain_is_left_to_a_person(app, alice, cast, acme, connection, sandbox):
    sandbox.patch_user("omar.ordinary@acme.example", employeeId="4711")
    sandbox.patch_user("grace.hopper@acme.example", employeeId="4711")
    shared = cast.employee(acme, "Sha", "Red", employee_number="4711")
    sandbox.patch_user("uri.admin@acme.example", employeeId="4712")
    torn = cast.employee(acme, "To", "Rn", employee_number="4712", company_email="omar.ordinary@acme.example")
    plan_for(app, alice, [shared, torn], "link")
    reasons = {line.employee.last_name: line.reason for line in RunLine.select()}
    said = "same employee number, but another name: Grace Hopper, but department IT"
    assert f"grace.hopper@acme.example ({said})" in reasons["Red"]
    assert "omar.ordinary@acme.example (same employee number, but another name: Omar Ordinary)" in reasons["Red"]
    assert "may be theirs" in reasons["Red"]
    assert "uri.admin@acme.example (same employee number, but another name" in reasons["Rn"]
    assert "omar.ordinary@acme.example (same address as the company email" in reasons["Rn"]


def test_an_account_of_another_name_is_not_linked_by_its_number(app, alice, cast, acme, connection, sandbox):
    sandbox.patch_user("omar.ordinary@acme.example", employeeId="A0033")
    chloe = cast.employee(acme, "Chloé", "Dubois", employee_number="A0033")
    _, page = plan_for(app, alice, [chloe], "link")
    words = "omar.ordinary@acme.example (same employee number, but another name: Omar Ordinary) may be somebody else’s."
    assert words in RunLine.get().reason
    assert not start_label(page)


def test_two_with_the_same_company_email_are_linked_by_nobody_but_a_person(app, alice, cast, acme, connection, sandbox):
    twins = [cast.employee(acme, "Twin", f"N{n}", company_email="omar.ordinary@acme.example") for n in range(2)]
    plan_for(app, alice, twins, "link")
    assert {line.state for line in RunLine.select()} == {LineState.LEFT_OUT}


def test_accounts_that_share_a_number_or_the_company_email_are_linked(app, alice, cast, acme, connection, sandbox):
    sandbox.patch_user("omar.ordinary@acme.example", employeeId="4711")
    omar = cast.employee(acme, "Omar", "Ordinary", employee_number="4711")
    stranger = cast.employee(acme, "Sam", "Stranger", employee_number="4712")
    _, page = plan_for(app, alice, [omar, stranger], "link")
    assert "Linked to omar.ordinary@acme.example: same employee number, same name" in page.text
    start(alice)
    carried_out(app)
    assert Account.get().employee == omar
    assert Account.select().count() == 1


def test_ticked_people_and_everybody_who_is_found_are_chosen_on_the_list(app, alice, connection, staff):
    alice.get("/people/employees?q=rita")
    page = alice.press("Bulk action for all 9 employees")
    assert "9 people from the Employee List" in page.text
    alice.press("Show the plan")
    assert planned(app).source == "Everybody on the Employee List (“rita”)"
    assert RunLine.select().count() == 9


def named(content, name):
    file = io.BytesIO(content)
    file.name = name
    return file


def workbook(*numbers, spoilt=b"", part="xl/worksheets/sheet1.xml"):
    """An XLSX file with these numbers. spoilt: what replaces one of its parts."""
    book, made, file = Workbook(), io.BytesIO(), io.BytesIO()
    for number in numbers:
        book.active.append([number])
    book.save(made)
    with ZipFile(made) as parts, ZipFile(file, "w") as again:
        for name in parts.namelist():
            again.writestr(name, spoilt if spoilt and name == part else parts.read(name))
    return named(file.getvalue(), "list.xlsx")


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_list_of_numbers_is_uploaded(app, alice, connection, staff, kind):
    rows = ["employee_number", "100", "201", "no such"]
    file = io.BytesIO("\n".join(rows).encode("utf-8-sig")) if kind == "csv" else workbook(*rows)
    alice.get("/provisioning/runs/new")
    alice.press("Show the plan", {"List of employee numbers": file})
    run = planned(app)
    assert run.unknown == ["no such"]
    assert RunLine.select().count() == 2
    assert "no such" in alice.get(f"/provisioning/runs/{run.id}").text


SHEET = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row><c>%s</c></row>'
LAUGHS = b'<!DOCTYPE x [<!ENTITY a "100">%s]>' % b"".join(
    b'<!ENTITY %c "%s">' % (number, b"&%c;" % (number - 1) * 10) for number in range(ord("b"), ord("j"))
)


@pytest.mark.parametrize(
    "file",
    [
        named(b"", "list.csv"), named(b"PK\x03\x04 not a workbook", "list.xlsx"), named(b"\xff\xfe\0\0", "list.csv"),
        named(b"nobody\n", "list.csv"), named(b"100\n", "list.exe"), named(b"100\n", "list.xlsx"),
        named(workbook("100").getvalue(), "list.csv"), workbook("100", spoilt=b"<worksheet><"),
        workbook("100", spoilt=LAUGHS + SHEET % b"<v>&i;</v>"),
        workbook("100", spoilt=b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + SHEET % b"<v>&e;</v>"),
        workbook("100", spoilt=b"<", part="[Content_Types].xml"),
    ],
    ids=["empty", "no zip", "no text", "no number", "another name", "text as a workbook", "a workbook as text",
         "half a sheet", "billion laughs", "entity of a file", "no types"],
)  # fmt: skip
def test_a_list_that_is_none_is_refused_and_plans_nothing(alice, connection, staff, file):
    alice.get("/provisioning/runs/new")
    page = alice.press("Show the plan", {"List of employee numbers": file})
    assert page.status == 422
    assert page.alerts()
    assert Run.select().count() == 0


def test_numbers_that_a_spreadsheet_made_decimal_are_found(app, alice, connection, staff):
    alice.get("/provisioning/runs/new")
    alice.press("Show the plan", {"List of employee numbers": workbook("Number", 100.0, 201)})
    assert latest().unknown == []
    assert RunLine.select().count() == 2


def test_a_list_of_many_thousand_is_taken(app, alice, acme, connection):
    numbers = [f"N{n}" for n in range(2_000)]
    for number in numbers[:1_200]:
        Employee.create(organisation=acme, employee_number=number, first_name="Nia", last_name=number)
    alice.get("/provisioning/runs/new")
    alice.press("Show the plan", {"List of employee numbers": io.BytesIO("\n".join(numbers).encode())})
    assert RunLine.select().count() == 1_200
    assert len(latest().unknown) == 800


def test_nobody_ticked_is_said(alice, connection, staff):
    alice.get("/people/employees")
    assert "Nobody was ticked" in alice.press("Bulk action for selected").text


def test_nobody_chosen_is_said(alice, connection):
    alice.get("/provisioning/runs/new")
    assert "Nobody was chosen" in alice.press("Show the plan").text


def test_a_tenant_that_cannot_be_asked_halts_the_plan_and_says_so(app, alice, connection, staff, sandbox):
    sandbox.fault(method="GET", path="/v1.0/organization", status=403, times=2)
    alice.get("/provisioning/runs/new?" + f"employee={staff[0].id}")
    alice.press("Show the plan")
    run = planned(app)
    assert run.state == RunState.PLANNING
    page = alice.get(f"/provisioning/runs/{latest().id}")
    assert "The portal could not make the plan" in page.text
    alice.press("Try again")
    assert planned(app).state == RunState.PLANNED


@pytest.mark.usefixtures("impatient")
def test_a_tenant_that_is_busy_is_asked_for_the_plan_again_without_a_press(app, alice, connection, staff, sandbox):
    sandbox.fault(method="GET", path="/v1.0/organization", status=503, times=None)
    alice.get("/provisioning/runs/new?" + f"employee={staff[0].id}")
    alice.press("Show the plan")
    run = planned(app)
    assert (run.state, run.problem, run.not_before > now()) == (RunState.PLANNING, "", True)
    Run.update(created_at=now() - PATIENCE).execute()
    planned(app)
    page = alice.get(f"/provisioning/runs/{run.id}")
    assert "The portal could not make the plan" in page.text
    assert "the portal tries again" not in page.text
    sandbox.clear_faults()
    alice.press("Try again")
    assert planned(app).state == RunState.PLANNED


def test_a_workbook_that_unpacks_to_too_much_is_refused_before_it_is_opened(
    app, alice, connection, staff, monkeypatch
):  # fmt: skip
    monkeypatch.setattr(budget, "LARGEST", 1_000)
    alice.get("/provisioning/runs/new")
    page = alice.press("Show the plan", {"List of employee numbers": workbook("100")})
    assert page.status == 422
    assert Run.select().count() == 0
