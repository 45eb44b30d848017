"""Erasing the personal data of a former employee, while the trail stays whole."""

from datetime import date

import pytest

from portal.audit import AuditEntry, first_broken
from portal.people.models import Employee
from portal.provisioning.models import Account, Operation
from tests.provisioning.conftest import connect, tab

NAMES = ("Zoltán", "Zweig", "zoltan.zweig", "Z-4711", "zz@home.example", "Archivist", "+36 1 234")


@pytest.fixture
def zoltan(alice, cast, acme, sandbox, mailbox):
    """Had an account, was edited and deactivated, and has left."""
    connect(sandbox, alice.user)
    zoltan = cast.employee(
        acme, "Zoltán", "Zweig", employee_number="Z-4711", personal_email="zz@home.example", job_title="Clerk"
    )
    alice.get(tab(zoltan))
    alice.press("Action")
    alice.press("Create")
    alice.get(f"/people/employees/{zoltan.id}/edit")
    alice.press("Save", {"Job title": "Archivist", "Mobile": "+36 1 234 5678", "End date": "2020-01-31"})
    return zoltan


def deactivated(alice, zoltan):
    alice.get(tab(zoltan))
    alice.press("Action")
    alice.press("Confirm")


def everything(tables):
    rows = [tables.execute_sql(f'SELECT * FROM "{name}"').fetchall() for name in tables.get_tables()]  # noqa: S608
    return str(rows)


def test_nothing_personal_is_left_and_the_trail_is_whole(alice, acme, zoltan, tables, sandbox):
    deactivated(alice, zoltan)
    assert all(name in everything(tables) for name in NAMES)
    alice.get(f"/people/employees/{zoltan.id}")
    alice.press("Erase personal data")
    alice.press("Confirm")
    left = everything(tables)
    assert not [name for name in NAMES if name in left]
    assert first_broken(acme) is None
    assert AuditEntry.select().where(AuditEntry.erased).count() > 3
    assert sandbox.user("zoltan.zweig@acme.example").sign_in_blocked


def test_the_pages_still_open_afterwards(alice, zoltan):
    deactivated(alice, zoltan)
    alice.get(f"/people/employees/{zoltan.id}/erase")
    alice.press("Confirm")
    addresses = ["/people/employees", f"/people/employees/{zoltan.id}", tab(zoltan), "/provisioning", "/settings/trail"]
    addresses += [f"/provisioning/operations/{operation.id}" for operation in Operation.select()]
    for address in addresses:
        assert alice.get(address).status == 200, address
    assert Account.live_of(Employee.get_by_id(zoltan.id)) is None


@pytest.mark.parametrize(
    ("values", "words"),
    [({"end_date": None}, "has not left"), ({"end_date": date(2999, 1, 1)}, "has not left"), ({}, "still active")],
)
def test_who_has_not_left_or_can_still_sign_in_is_not_erased(alice, zoltan, values, words):
    if values:
        Employee.update(values).where(Employee.id == zoltan.id).execute()
    assert words in alice.get(f"/people/employees/{zoltan.id}/erase").text
    assert alice.post(f"/people/employees/{zoltan.id}/erase").status == 409
    assert Employee.get_by_id(zoltan.id).first_name == "Zoltán"
