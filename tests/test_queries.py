"""What the main pages ask of the database: how many queries, the same for few rows and for many."""

import re

import pytest
from playhouse.test_utils import count_queries

from portal.access import ByToken
from portal.accounts.models import Account
from portal.database import count_rows, is_sqlite, now
from portal.operations.models import Operation, State
from portal.people.models import Employee
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
    # Here the page and its menu ask what the organisation is connected to, and it is read once.
    "/provisioning/matching": 4,
    "/provisioning/differences": 5,
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
    return {"employee": employee.id, "run": run.id, "operation": operation.id}


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


@pytest.mark.parametrize("address", ["/provisioning", "/provisioning?before={operation}"])
def test_the_latest_operations_are_read_in_the_order_of_one_index(tables, cast, alice, connection, address):  # noqa: F811
    ids = grow(cast, alice, connection, 3)
    sql, values = next(one for one in statements(alice, address.format(**ids)) if 'FROM "operation"' in one[0])
    if not is_sqlite():
        for way in ("seqscan", "sort", "bitmapscan"):
            tables.execute_sql(f"SET LOCAL enable_{way} = off")
    plan = str(tables.execute_sql(f"EXPLAIN {'QUERY PLAN ' if is_sqlite() else ''}{sql}", values).fetchall())
    assert ("operation_organisation_id " if is_sqlite() else "operation_organisation_id_id") in plan
    assert "TEMP B-TREE" not in plan
    assert "Sort" not in plan


# What grows with an organisation, or with all of them.
LARGE = {
    "account", "audit_entry", "difference", "employee", "itinerary", "login_mail", "operation", "planned_step",
    "portal_user", "run", "run_line", "session", "snapshot", "step",
}  # fmt: skip
CALLED = re.compile(r'"(\w+)" AS "(t\d+)"')
WHOLE = re.compile(r"^SCAN (\w+)|Seq Scan on \w+ (\w+)")


def statements(person, address) -> list[tuple]:
    """What a page asks of the database, with the values."""
    with count_queries() as counter:
        assert person.get(address).status == 200
    return [record.msg for record in counter.get_queries()]


def forget_counts(tables) -> None:
    """With few rows counted, SQLite reads a table whole where it would not in a large organisation."""
    if is_sqlite() and tables.execute_sql("SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_stat1'").fetchone():
        tables.execute_sql("DELETE FROM sqlite_stat1")
        tables.execute_sql("ANALYZE sqlite_schema")


def read_whole(tables, sql, values) -> list[str]:
    """The large tables that the statement goes through from the first row to the last, as the database plans it."""
    if not is_sqlite():
        # A table of one page is read whole whatever its indexes; so forbidden, it is only where none would serve.
        tables.execute_sql("SET LOCAL enable_seqscan = off")
    plan = tables.execute_sql(f"{'EXPLAIN QUERY PLAN' if is_sqlite() else 'EXPLAIN'} {sql}", values).fetchall()
    found = [WHOLE.search(str(line[-1]).strip()) for line in plan]
    aliases = {one[1] or one[2] for one in found if one}
    return sorted({table for table, alias in CALLED.findall(sql) if alias in aliases} & LARGE)


# What a page of no line above asks at the most.
USUAL = 24
PLACES = {"employee_id": "{employee}", "run_id": "{run}", "operation_id": "{operation}", "service_key": "microsoft-365"}


def every_page(app) -> list[str]:
    """The addresses of all pages, with the places of numbers that `grow` gives."""
    rules = [
        rule for rule in app.url_map.iter_rules()
        if "GET" in rule.methods and rule.arguments <= set(PLACES)
        and not isinstance(app.view_functions[rule.endpoint].access_rule, ByToken)
    ]  # fmt: skip
    return sorted(re.sub(r"<(?:\w+:)?(\w+)>", lambda found: PLACES[found[1]], rule.rule) for rule in rules)


def asked_by_all(app, person, ids) -> dict[str, list[tuple]]:
    """What each page asks of the database, of those that are shown."""
    found = {}
    for address in every_page(app):
        # What the page says is other tests' business.
        person.client.get(address.format(**ids))
        with count_queries() as counter:
            status = person.client.get(address.format(**ids)).status_code
        if status == 200:
            found[address] = [record.msg for record in counter.get_queries()]
    return found


def test_no_page_at_all_asks_more_for_many_or_reads_a_large_table_whole(app, alice, cast, tables, connection):  # noqa: F811
    few = asked_by_all(app, alice, grow(cast, alice, connection, 3))
    many = asked_by_all(app, alice, grow(cast, alice, connection, 40))
    assert len(many) > 60
    grown = {page: (len(few.get(page, ())), len(asked)) for page, asked in many.items()
             if len(asked) > max(PAGES.get(page, USUAL), 0) or len(asked) > len(few.get(page, asked)) + 2}  # fmt: skip
    forget_counts(tables)
    whole = {}
    with tables.atomic():
        for page, asked_for in many.items():
            for sql, values in asked_for:
                if (
                    sql.startswith(("SELECT", "WITH"))
                    and "(0 = 1)" not in sql
                    and (found := read_whole(tables, sql, values))
                ):
                    whole[page] = (found, sql)
    assert not grown
    assert not whole


def test_no_page_reads_a_large_table_whole(alice, cast, tables, connection):  # noqa: F811
    ids, found = grow(cast, alice, connection, 30), {}
    for address in PAGES:
        asked_for = statements(alice, address.format(**ids))
        forget_counts(tables)
        with tables.atomic():
            for sql, values in asked_for:
                if sql.startswith(("SELECT", "WITH")) and (whole := read_whole(tables, sql, values)):
                    found[sql] = (address, whole)
    with tables.atomic():
        assert read_whole(tables, *Employee.select().where(Employee.first_name == "Wei").sql()) == ["employee"]
    assert not found
