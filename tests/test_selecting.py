"""Statements whose columns are written once are letter for letter those that peewee writes."""

import pytest
from peewee import ModelDelete, ModelInsert, ModelSelect, ModelUpdate, fn

from portal.accounts.models import Account
from portal.connections.models import Connection
from portal.database import now
from portal.people.models import Employee
from portal.selecting import KeptSelect


def of_peewee(query):
    """The same query as peewee makes it."""
    plain = query.clone()
    plain.__class__ = ModelSelect
    return plain


def queries():
    """Of one model, of several, of some of its columns, of a name for it, of a subquery, and a union."""
    manager, accounts = Employee.alias(), Account.select().where(Account.enabled)
    joined = Account.select(Account, Employee, Connection).join(Employee).switch(Account).join(Connection)
    return {
        "one": Employee.select().where(Employee.id == 1),
        "joined": joined.where(Employee.department == "Sales"),
        "in another order": Account.select(Employee, Account).join(Employee),
        "some columns": Employee.select(Employee.id, Employee.first_name, Employee.last_name, Employee.country),
        "an expression": Employee.select(Employee, fn.LOWER(Employee.first_name)),
        "a name": Employee.select(Employee, manager).join(manager, on=Employee.manager == manager.id),
        "subquery": Employee.select().where(Employee.id.in_(accounts), fn.EXISTS(accounts)),
        "union": Employee.select() | Employee.select().where(Employee.id > 1),
        "in a set of": Employee.select().where(Employee.country.in_(["GB", "DE"]), Employee.start_date.is_null()),
        "in a set of others": Employee.select().where(Employee.country.in_(["GB"]) | (Employee.department == "")),
        "in nothing": Employee.select().where(Employee.country.in_([])),
        "of a row": Account.select().where(Account.employee == Employee(id=7)),
        "sorted": Employee.select().order_by(Employee.end_date.desc(nulls="last"), Employee.id).limit(3).offset(2),
        "sorted otherwise": Employee.select().order_by(Employee.end_date.asc(nulls="last"), Employee.id).limit(3),
        "inside another first": Employee.select().where(Employee.id.in_(Account.select(Account.employee))),
        "on its own then": Account.select(Account.employee),
    }


def writes():
    """Of values, of none, of JSON, of another row, and of what is no plain value."""
    row = {"organisation": 1, "employee": Employee(id=7), "connection": 1, "remote_id": "r", "username": "u@x"}
    whole = {**{field.name: field.default() if callable(field.default) else field.default
                for field in Account._meta.defaults}, **row}  # fmt: skip
    mine = (Account.id == 1) & Account.detached_at.is_null()
    return {
        "row": Account.insert(**whole, read_at=now()),
        "row without defaults": Account.insert(row),
        "row with JSON": Account.insert(**whole, fields_sent={"fields": {"first_name": "Ada"}}),
        "row without JSON": Account.insert(**whole, fields_sent=None),
        "several rows": Account.insert_many([whole, whole]),
        "row that may be there": Account.insert(**whole).on_conflict_ignore(),
        "change": Account.update(enabled=False, read_at=now()).where(mine),
        "change to JSON": Account.update(licence_ids=["a", "b"], employee=Employee(id=8)).where(mine),
        "change to no JSON": Account.update(licence_ids=None).where(mine),
        "count": Account.update(enabled=~Account.enabled).where(mine),
        "everywhere": Account.update(email=""),
        "as others": Account.update(email="").where(Account.employee.in_(Employee.select(Employee.id))),
        "gone": Account.delete().where(mine),
        "gone with others": Account.delete().where(Account.employee.in_(Employee.select(Employee.id))),
    }


@pytest.mark.parametrize("name", queries())
def test_a_statement_is_the_one_that_peewee_writes(tables, name):
    query = queries()[name]
    for _ in range(2):
        if isinstance(query, KeptSelect):
            assert query.sql() == of_peewee(query).sql()
        tables.execute(query)


@pytest.mark.parametrize("name", writes())
def test_a_write_is_the_one_that_peewee_makes(tables, name):
    for _ in range(2):
        query = writes()[name]
        plain = query.clone()
        plain.__class__ = next(kind for kind in (ModelInsert, ModelUpdate, ModelDelete) if isinstance(query, kind))
        (sql, values), (wanted, of_peewees) = query.sql(), plain.sql()
        assert sql == wanted
        assert list(map(repr, values)) == list(map(repr, of_peewees))


def test_nothing_is_found_and_then_something(tables, cast):
    acme = cast.organisation("Acme")
    found = Employee.select().where(Employee.organisation == acme, Employee.first_name == "Wei")
    assert not found.exists()
    wei = cast.employee(acme, "Wei", "Zhang")
    assert found.exists()
    assert found.order_by(Employee.id.desc()).first() == wei
    assert not Employee.select().where(Employee.organisation == acme, Employee.first_name == "Ana").exists()
