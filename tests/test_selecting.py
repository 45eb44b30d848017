"""Statements whose columns are written once are letter for letter those that peewee writes."""

import pytest
from peewee import ModelSelect, fn

from portal.accounts.models import Account
from portal.connections.models import Connection
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
    }


@pytest.mark.parametrize("name", queries())
def test_a_statement_is_the_one_that_peewee_writes(tables, name):
    query = queries()[name]
    for _ in range(2):
        if isinstance(query, KeptSelect):
            assert query.sql() == of_peewee(query).sql()
        tables.execute(query)
