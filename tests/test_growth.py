"""What a page goes through in the database does not grow with the company. Steps are counted, so no clock is needed."""

import pytest

from portal import counting
from portal.auth.models import AccessLevel
from portal.database import is_sqlite
from portal.employee_list import queries
from portal.people.models import Employee
from tests.bench import company

SMALL, LARGE = 400, 8_000
PAGES = (
    "/home", "/people/employees", "/people/employees?after={middle}", "/people/employees?q=p77@acme.example",
    "/people/employees?q=grace", "/people/employees?department=Department 7",
    "/people/employees/{boss}", "/people/employees/{boss}/reports", "/people/employees/{last}",
    "/people/employees/{last}/account-provisioning", "/people/employees/{last}/history", "/provisioning",
    "/provisioning?verb=update", "/provisioning/day-one", "/provisioning/calendar", "/provisioning/runs",
    "/provisioning/matching", "/provisioning/differences", "/settings/audit-log",
    "/settings/audit-log?action=edit employee",
    "/settings/general", "/settings/users", "/settings/add-ons",
)  # fmt: skip
# Steps that may come on top for the larger company: deeper indexes, pages full of rows. To go through all of its
# employees once takes more.
ON_TOP, RATIO = 20_000, 1.5


def steps_of(tables, person, address: str) -> int:
    """Hundreds of steps that SQLite's machine takes for the page, of one who has seen it before."""
    assert person.get(address).status == 200, address
    taken = []
    database = tables.connection()
    database.set_progress_handler(lambda: taken.append(1) and None, 100)
    try:
        person.get(address)
    finally:
        database.set_progress_handler(None, 0)
    return len(taken)


def ids_of(connection) -> dict[str, int]:
    staff = Employee.select().where(Employee.organisation == connection.organisation_id).order_by(Employee.sort_name)
    numbered = {employee.employee_number: employee.id for employee in staff}
    ids = list(numbered.values())
    return {"middle": ids[len(ids) // 2], "boss": numbered["E5"], "last": numbered[f"E{len(ids)}"]}


def test_no_page_goes_through_more_in_a_larger_company(tables, cast, monkeypatch):
    if not is_sqlite():
        pytest.skip("counts the steps of SQLite; the plans are looked at on PostgreSQL too")
    monkeypatch.setattr(queries, "MANY", 300)
    monkeypatch.setattr(counting, "MANY", 300)
    monkeypatch.setattr(company, "RUNS", 60)
    taken = {}
    for number, size in enumerate((SMALL, LARGE)):
        connection = company.fill(size, first=number * 10, organisations=2)
        admin, ids = cast.person(connection.organisation, f"Ada{size}", AccessLevel.ADMIN), ids_of(connection)
        taken[size] = {page: steps_of(tables, admin, page.format(**ids)) for page in PAGES}
    grown = {
        page: (few, taken[LARGE][page])
        for page, few in taken[SMALL].items()
        if taken[LARGE][page] > RATIO * few + ON_TOP / 100
    }
    assert not grown, "\n".join(map(str, grown.items()))
    assert taken[LARGE]["/people/employees"] > 0
