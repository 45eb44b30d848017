"""Statements that are put together once: what they give is what peewee gives."""

from datetime import date
from typing import Any

import pytest
from peewee import JOIN
from playhouse.test_utils import count_queries

from portal import counting
from portal.accounts.models import Account
from portal.asking import as_text, kept
from portal.audit import AuditEntry
from portal.database import now
from portal.people import actions
from portal.people.models import Employee
from tests.provisioning.conftest import connection  # noqa: F401


@kept
def named(*, name: Any) -> Any:
    return Employee.select().where(Employee.first_name == name).order_by(Employee.id)


@kept
def among(*, numbers: Any, since: Any) -> Any:
    chosen = Employee.id.in_(numbers) & (Employee.start_date >= since)
    return Employee.select(Employee.id, Employee.start_date).where(chosen).order_by(Employee.id).tuples()


@kept
def with_manager(descending: bool, *, organisation: Any) -> Any:
    manager = Employee.alias()
    found = Employee.select(Employee, manager, Account).where(Employee.organisation == organisation)
    found = found.join(manager, JOIN.LEFT_OUTER, on=Employee.manager == manager.id, attr="manager")
    found = found.switch(Employee).join(Account, JOIN.LEFT_OUTER, on=Account.employee == Employee.id, attr="account")
    return found.order_by(Employee.id.desc() if descending else Employee.id)


def staff(cast, acme, connection):  # noqa: F811
    boss = cast.employee(acme, "Wei", "Zhang", start_date=date(2026, 1, 5))
    report = cast.employee(acme, "Ada", "O'Hara \N{SNOWMAN}", manager=boss, leave_from=date(2026, 2, 1))
    Account.create(
        organisation=acme, employee=report, connection=connection, remote_id="r", enabled=True,
        username="a@acme.example", licence_ids=["one"], read_at=now(),
    )  # fmt: skip
    return boss, report


def data(row):
    return {name: getattr(row, name) for name in type(row)._meta.sorted_field_names}


def test_a_kept_statement_reads_each_column_as_peewee_does(tables, cast, acme, connection):  # noqa: F811
    for person in staff(cast, acme, connection):
        for name in (person.first_name, person.first_name):
            (found,) = named.rows(name=name)
            assert found.__data__ == Employee.get_by_id(person.id).__data__
            assert found.dirty_fields == []
    assert named.first(name="Nobody") is None


def test_a_kept_statement_binds_lists_and_dates(tables, cast, acme, connection):  # noqa: F811
    boss, report = staff(cast, acme, connection)
    for numbers in ([boss.id], [boss.id, report.id], [report.id]):
        started = [(boss.id, date(2026, 1, 5))] if boss.id in numbers else []
        assert among.rows(numbers=numbers, since=date(2026, 1, 1)) == started


@pytest.mark.parametrize("descending", [False, True])
def test_a_kept_statement_joins_as_peewee_does(tables, cast, acme, connection, descending):  # noqa: F811
    boss, report = staff(cast, acme, connection)
    found = {row.id: row for row in with_manager.rows(descending, organisation=acme.id)}
    assert list(found) == sorted(found, reverse=descending)
    assert found[report.id].manager.__data__ == Employee.get_by_id(boss.id).__data__
    assert found[report.id].account.__data__ == Account.get(Account.remote_id == "r").__data__
    with count_queries() as counter:
        assert (found[boss.id].manager, found[boss.id].account) == (None, None)
    assert counter.count == 0


def test_what_is_asked_is_put_together_once(tables, cast, acme):
    built = []

    @kept
    def one(*, number: Any) -> Any:
        built.append(number)
        return Employee.select().where(Employee.id == number)

    ids = [cast.employee(acme, "Name", "").id for _ in range(3)]
    assert [one.first(number=number).id for number in ids] == ids
    assert len(built) == 1


def test_a_count_of_many_is_remembered_until_it_is_changed_here(monkeypatch):
    monkeypatch.setattr(counting, "MANY", 3)
    counting.forget()
    sizes = iter((2, 3, 4, 5))
    found = [counting.remembered(("page", 1), lambda: next(sizes), size=int) for _ in range(3)]
    assert found == [2, 3, 3]
    counting.forget("page")
    assert counting.remembered(("page", 1), lambda: next(sizes), size=int) == 4
    counting.forget()


def test_what_is_made_of_a_row_is_made_once_until_the_row_is_another(tables, cast, acme):
    made = []

    @kept
    def all_of(*, organisation: Any) -> Any:
        columns = Employee.employee_number, Employee.start_date, as_text(AuditEntry.detail)
        staff = Employee.select(*columns).join(AuditEntry, on=AuditEntry.subject_id == Employee.id)
        return staff.where(Employee.organisation == organisation, AuditEntry.action == "add employee").tuples()

    def make(number: str, start: Any, detail: str) -> tuple[Any, ...]:
        made.append(number)
        return number, start, type(detail)

    person = actions.add_employee(acme, {"employee_number": "7", "first_name": "Ada"}, by="test")
    for _ in range(2):
        assert all_of.made(make, organisation=acme.id) == [("7", None, str)]
    Employee.update(start_date=date(2026, 3, 1)).where(Employee.id == person.id).execute()
    assert all_of.made(make, organisation=acme.id) == [("7", date(2026, 3, 1), str)]
    assert len(made) == 2
