"""Erasing the personal data of a former employee, while the audit log stays whole."""

import os
import subprocess
from datetime import date, timedelta
from pathlib import Path

import pytest

from portal import audit, database
from portal.accounts.models import Account
from portal.audit import AuditEntry, first_broken
from portal.auth.models import AccessLevel, User
from portal.controls import second_admin
from portal.database import now
from portal.erasure import mentions
from portal.operations.models import Operation, Step
from portal.people.models import Employee
from tests.cast import Person, account_of
from tests.provisioning.conftest import connect, tab

NAMES = ("Zoltán", "Zweig", "zoltan.zweig", "Z-4711", "zz@home.example", "Archivist", "+36 1 234", "Zugspitze", "Howe")


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
    where = {"Location": "Zugspitze", "Time zone": "Australia/Lord_Howe"}
    alice.press("Save", {"Job title": "Archivist", "Mobile": "+36 1 234 5678", "End date": "2020-01-31", **where})
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


@pytest.mark.skipif("TEST_DATABASE" in os.environ, reason="PostgreSQL keeps its files to itself")
def test_nothing_of_it_is_left_in_the_file_of_the_database(alice, cast, acme, tables):
    """What is deleted is overwritten, once the database's own journal was taken in."""
    name, address = "Quixwyrth", "quixwyrth@home.example"
    left = cast.employee(acme, "Qu", name, personal_email=address, end_date=date(2020, 1, 31))
    alice.get(f"/people/employees/{left.id}/edit")
    alice.press("Save", {"Last name": f"{name}-Smith"})
    alice.get(f"/people/employees/{left.id}/erase")
    alice.press("Confirm")
    tables.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    path = Path(tables.database)
    # Read by another process: one that closes a file gives up the locks that its own SQLite holds on it.
    kept = subprocess.run(["cat", path, f"{path}-wal"], capture_output=True, check=True).stdout
    # The index holds three letters each, the first of which it leaves out where two begin alike.
    index = b"".join(row[0] for row in tables.execute_sql("SELECT block FROM employee_search_data"))
    assert not [piece for piece in (b"xwy", b"wyr", b"yrt", b"qui", b"uix") if piece in index]
    assert [word for word in (name, address, name.casefold()) if word.encode() in kept] == []


def test_the_pages_still_open_afterwards(alice, zoltan):
    deactivated(alice, zoltan)
    alice.get(f"/people/employees/{zoltan.id}/erase")
    alice.press("Confirm")
    addresses = [
        "/people/employees",
        f"/people/employees/{zoltan.id}",
        tab(zoltan),
        "/provisioning",
        "/settings/audit-log",
    ]
    addresses += [f"/provisioning/operations/{operation.id}" for operation in Operation.select()]
    for address in addresses:
        assert alice.get(address).status == 200, address
    assert account_of(Employee.get_by_id(zoltan.id)) is None


def test_nothing_about_others_names_them_any_more(alice, cast, acme, zoltan, tables):
    """They were a manager, in the tenant too, and signed in to the portal themselves."""
    user = cast.user(acme, "Zwicky", AccessLevel.ADMIN, zoltan)
    zwicky = Person(alice.app, user)
    zwicky.sign_in()
    ann = cast.employee(acme, "Ann", "Archer")
    zwicky.get(f"/people/employees/{ann.id}/edit")
    zwicky.press("Save", {"Manager": "Z-4711"})
    zwicky.get(tab(ann))
    zwicky.press("Action")
    zwicky.press("Create")
    assert "Zoltán Zweig (zoltan.zweig@acme.example)" in alice.get(tab(ann)).text
    receipts = [operation.id for operation in Operation.select().where(Operation.employee == ann)]
    alice.get("/settings/users/invite")
    alice.press("Send invitation", {"Email": "zoltan.zweig@acme.example", "Name": "Zoltán Zweig"})
    deactivated(alice, zoltan)
    User.update(enabled=False).where(User.id == user.id).execute()
    alice.get(f"/people/employees/{zoltan.id}/erase")
    alice.press("Confirm")
    left = everything(tables)
    assert not [name for name in NAMES if name in left]
    assert "zwicky@" not in left
    assert first_broken(acme) is None
    assert Account.get(Account.employee == ann).username in left
    for number in receipts:
        assert "Erased" in alice.get(f"/provisioning/operations/{number}").text


def test_what_is_written_while_the_receipts_are_read_is_neither_undone_nor_left_out(
    alice, acme, cast, zoltan, tables, monkeypatch
):
    ann = cast.employee(acme, "Ann", "Archer", manager=zoltan)
    alice.get(tab(ann))
    alice.press("Action")
    alice.press("Create")
    deactivated(alice, zoltan)
    [step, *_] = [one for one in Step.select().join(Operation).where(Operation.employee == ann)
                  if "Zoltán" in str([one.calls, one.before, one.after, one.note])]  # fmt: skip
    names = mentions.lines_of_trail

    def slowly(*asked, **more):
        found = names(*asked, **more)
        monkeypatch.undo()
        Step.update(calls=[*step.calls, {"answer": "Later, to Zoltán Zweig"}]).where(Step.id == step.id).execute()
        with database.transaction():
            audit.record(alice.user, "edit employee", ann, manager="Zoltán Zweig")
        return found

    monkeypatch.setattr(mentions, "lines_of_trail", slowly)
    alice.get(f"/people/employees/{zoltan.id}/erase")
    alice.press("Confirm")
    assert {"answer": "Later, to Erased"} in Step.get_by_id(step.id).calls
    left = everything(tables)
    assert not [name for name in NAMES if name in left]
    assert first_broken(acme) is None


def test_an_erased_line_that_no_record_of_an_erasure_names_is_found(alice, acme, zoltan, tables):
    """The owner of the database may erase a line, and the guard lets them; the audit log is not whole then."""
    first = AuditEntry.get(AuditEntry.organisation == acme)
    AuditEntry.update(erased=True, salt="", subject_name="", detail={}, address="").where(
        AuditEntry.id == first.id
    ).execute()
    assert first_broken(acme) == first.number


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"end_date": None}, "has not left"),
        ({"end_date": date(2999, 1, 1)}, "You can do this from 2 Jan 2999, the day after the last day."),
        ({}, "still active"),
    ],
)
def test_who_has_not_left_or_can_still_sign_in_is_not_erased(alice, zoltan, values, words):
    if values:
        Employee.update(values).where(Employee.id == zoltan.id).execute()
    assert words in alice.get(f"/people/employees/{zoltan.id}/erase").text
    assert alice.post(f"/people/employees/{zoltan.id}/erase").status == 409
    assert Employee.get_by_id(zoltan.id).first_name == "Zoltán"


def test_the_profile_offers_it_from_the_day_after_the_last_day(alice, cast, acme):
    today = acme.today
    for last_day, offered in ((today - timedelta(days=1), True), (today, False), (today + timedelta(days=9), False)):
        page = alice.get(f"/people/employees/{cast.employee(acme, end_date=last_day).id}")
        assert page.has_button("Erase personal data") is offered


def test_an_erasure_takes_nothing_from_lines_about_access_or_about_somebody_else(alice, cast, acme, zoltan, tables):
    """Anybody can be called like a field, a level or a colleague; that hides nothing."""
    pat = cast.user(acme, "Pat", AccessLevel.ADMIN)
    wei = cast.employee(acme, "Wei", "Zhang")
    alice.get(f"/people/employees/{wei.id}/edit")
    alice.press("Save", {"Job title": "Clerk"})
    asked = {"asked_by": alice.user.id, "asked_at": now()}
    audited = {"by": alice.user, "action": "invite user", "subject": pat, "email": pat.email, "access_level": "Admin"}
    with database.transaction():
        audit.record(**audited)
    sent = Step.select().where(Step.calls.cast("TEXT").contains("displayName")).count()
    for first, last, number, email in (
        ("Wei", "Zhang", "Admin", "x@home.example"), ("displayName", "", "Clerk", ""),
        ("access_level", "", "before", ""),
    ):  # fmt: skip
        values = {"employee_number": number, "personal_email": email, "end_date": date(2020, 1, 31)}
        gone = cast.employee(acme, first, last, **values)
        alice.get(f"/people/employees/{gone.id}/erase")
        alice.press("Confirm")
    assert [line.action for line in AuditEntry.select().where(AuditEntry.erased)] == []
    assert Step.select().where(Step.calls.cast("TEXT").contains("displayName")).count() == sent > 0
    assert "gave you access within the last 7 days" in second_admin.why_not(pat, **asked)


def test_an_address_with_which_somebody_signs_in_is_not_erased(alice, cast, acme):
    pat = cast.user(acme, "Pat", AccessLevel.ADMIN)
    gone = cast.employee(acme, "Pit", "Puppet", personal_email=pat.email, end_date=date(2020, 1, 31))
    assert "can still sign in" in alice.get(f"/people/employees/{gone.id}/erase").text
    assert alice.post(f"/people/employees/{gone.id}/erase").status == 409


def test_a_user_with_their_address_goes_with_them_although_nobody_has_tied_the_two(alice, cast, acme, tables):
    user = cast.user(acme, "Quixwyrth", AccessLevel.EMPLOYEE)
    gone = cast.employee(acme, "Qu", "Ix", company_email=user.email, end_date=date(2020, 1, 31))
    alice.get(f"/settings/users/{user.id}/deactivate")
    alice.post(f"/settings/users/{user.id}/deactivate")
    alice.get(f"/people/employees/{gone.id}/erase")
    alice.press("Confirm")
    assert "quixwyrth" not in everything(tables).lower()
