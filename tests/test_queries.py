"""What the main pages ask of the database: how many queries, the same for few rows and for many."""

import pytest
from playhouse.test_utils import count_queries

from portal.accounts.models import Account
from portal.database import count_rows, is_sqlite, now
from portal.operations.models import Operation, State
from portal.reporting_lines import successions
from portal.runs.models import LineState, Run, RunLine, RunState
from tests.provisioning.conftest import connection  # noqa: F401

# The most that each asks, of an Admin who has seen it before.
PAGES = {
    "/home": 16,
    # One of them reads the departments and the locations to filter by.
    "/people/employees": 5,
    "/people/employees?q=name&sort=department": 6,
    # One of them counts those who report to the person.
    "/people/employees/{employee}": 4,
    "/people/employees/{employee}/account-provisioning": 10,
    # Here one of them reads what the organisation is connected to, which the menu names.
    "/provisioning": 5,
    "/provisioning/runs": 5,
    "/provisioning/runs/{run}": 8,
    # In Settings one of them counts the changes that wait for approval.
    "/settings/add-ons": 5,
    "/settings/audit-log": 4,
}


def grow(cast, alice, connection, people: int) -> dict[str, int]:  # noqa: F811
    """So many people more, each with an account, an operation and a line in one Run; the numbers for the addresses."""
    acme = alice.user.organisation
    run = Run.get_or_none() or Run.create(
        organisation=acme, connection=connection, verb="deactivate", state=RunState.DONE, by=alice.user,
        source="test", options={},
    )  # fmt: skip
    boss = None
    for _ in range(people):
        employee = cast.employee(acme, "Name", "", manager=boss)
        boss = boss or employee
        account = Account.create(
            organisation=acme, employee=employee, connection=connection, remote_id=f"r{employee.id}", enabled=True,
            username=f"u{employee.id}@acme.example", read_at=now(), fields_at=now(),
        )  # fmt: skip
        operation = Operation.create(
            organisation=acme, employee=employee, connection=connection, account=account, verb="update",
            state=State.DONE, by=alice.user,
        )  # fmt: skip
        RunLine.create(run=run, employee=employee, operation=operation, state=LineState.DONE)
    return {"employee": employee.id, "run": run.id}


def asked(person, address: str) -> int:
    # What is kept for a while after it was first asked for is there.
    person.get(address)
    with count_queries() as counter:
        assert person.get(address).status == 200
    return counter.count


@pytest.mark.parametrize("address", PAGES)
def test_a_page_asks_as_much_for_many_as_for_few(alice, cast, connection, address):  # noqa: F811
    few = asked(alice, address.format(**grow(cast, alice, connection, 2)))
    many = asked(alice, address.format(**grow(cast, alice, connection, 60)))
    assert many <= few + 1
    assert many <= PAGES[address]


@pytest.mark.parametrize("counted", [False, True])
@pytest.mark.parametrize("index", ["account_by_username", "employee_organisation_id_manager_id"])
def test_what_each_page_looks_up_is_in_an_index(tables, cast, acme, connection, index, counted):  # noqa: F811
    if not is_sqlite():
        pytest.skip("PostgreSQL reads a table of one page whole, whatever its indexes")
    boss = cast.employee(acme, "Name", "")
    if counted:
        count_rows()
    asked = {
        "account_by_username": Account.select().where(
            Account.connection == connection, Account.username == "wei@acme.example"
        ),
        "employee_organisation_id_manager_id": successions.reports_of(boss),
    }
    sql, values = asked[index].sql()
    assert index in str(tables.execute_sql(f"EXPLAIN QUERY PLAN {sql}", values).fetchall())
