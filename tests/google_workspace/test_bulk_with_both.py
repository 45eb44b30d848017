"""Many people with both applications connected: from a file to accounts, and while the connection hangs on a person."""

import pytest

from portal.accounts.models import Account, Status
from portal.connections.models import Connection
from portal.operations.models import Operation, State
from portal.people.models import Employee
from portal.runs.models import RunState
from portal.security import limiter
from tests.google_workspace.conftest import GRACE, SAM, come_back, press_continue
from tests.people.test_import_employees import upload
from tests.provisioning.worker import carry_on
from tests.runs.conftest import carried_out, latest, planned, start

APPLICATIONS = ("google-workspace", "microsoft-365")
FILE = "employee_number,first_name,last_name,personal_email,country,start_date\n" + "".join(
    f"N{number},Nell,Newcomer{number},nell{number}@home.example,GB,2099-01-04\n" for number in range(4)
)


def plan_at(app, person, service: str, people) -> None:
    person.get(f"/provisioning/runs/new?app={service}&" + "&".join(f"employee={employee.id}" for employee in people))
    person.press("Show the plan")
    planned(app)
    person.get(f"/provisioning/runs/{latest().id}")


def test_starters_of_a_file_get_an_account_in_each_application(app, alice, microsoft, workspace, sandbox, mailbox):
    upload(alice, FILE)
    alice.press("Import")
    people = list(Employee.select().where(Employee.first_name == "Nell"))
    for service in APPLICATIONS:
        plan_at(app, alice, service, people)
        start(alice)
        assert carried_out(app).state == RunState.DONE
    held = {(account.employee_id, account.connection.service, account.status) for account in Account.select()}
    assert held == {(one.id, service, Status.ACTIVE) for one in people for service in APPLICATIONS}
    name = "nell.newcomer3@acme.example"
    assert workspace.user(name).name == sandbox.user(name).display_name == "Nell Newcomer3"


@pytest.mark.usefixtures("impatient")
def test_when_the_connecting_administrator_is_demoted_in_the_middle_another_one_finishes_it(
    app,
    alice,
    cast,
    acme,
    microsoft,
    workspace,
    mailbox,
):
    people = [cast.employee(acme, "Ann", f"Annson{n}", personal_email=f"a{n}@home.example") for n in range(4)]
    plan_at(app, alice, "google-workspace", people)
    start(alice)
    workspace.patch_user(GRACE, isAdmin=False)
    run = carried_out(app, portions=2)
    page = alice.get(f"/provisioning/runs/{run.id}")
    assert "This bulk action waits for Google Workspace" in page.text
    assert f"{GRACE}, who connected Google Workspace, is no longer a super administrator there." in page.text
    come_back(workspace, alice, press_continue(alice), SAM)
    limiter.reset()
    for operation in Operation.select().where(Operation.state == State.WAITING):
        assert carry_on(operation).state == State.DONE
    assert carried_out(app).state == RunState.DONE
    assert "waits for Google Workspace" not in alice.get(f"/provisioning/runs/{run.id}").text
    assert sorted(user.address for user in workspace.users() if user.name.startswith("Ann Annson")) == [
        f"ann.annson{number}@acme.example" for number in range(4)
    ]
    assert {one.problem for one in Connection.select()} == {""}
