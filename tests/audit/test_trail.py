"""The trail: what is in it, what cannot be done to it, and what happens when it cannot be written."""

import pytest
from peewee import DatabaseError

from portal import audit
from portal.audit import AuditEntry
from portal.auth.models import AccessLevel
from portal.database import is_sqlite
from portal.people.models import Employee

TRAIL = "/settings/trail"


@pytest.fixture
def zoe(cast, acme, alice):
    """Added and promoted by Alice, in the browser."""
    zoe = cast.employee(acme, "Zoe", "Zimmer", job_title="Clerk")
    alice.get(f"/people/employees/{zoe.id}/edit")
    alice.press("Save", {"Job title": "Chief"})
    return zoe


def test_it_says_who_did_what_to_whom_from_where_and_what_changed(alice, zoe):
    page = alice.get(TRAIL)
    row = next(row for row in page.soup.select("tbody tr") if "Edit employee" in row.get_text())
    text = " ".join(row.get_text(" ", strip=True).split())
    for words in ("Alice", "from 127.0.0.1", "job title Clerk → Chief", "Zoe Zimmer"):
        assert words in text
    assert "Sign in" in page.text


def test_it_is_filtered_and_exported(alice, zoe):
    assert "Edit employee" not in alice.get(f"{TRAIL}?action=sign+in").soup.select_one("tbody").get_text()
    assert "Zoe Zimmer" in alice.get(f"{TRAIL}?whom=zimmer&by=alice").text
    assert "Nothing fits" in alice.get(f"{TRAIL}?since=2090-01-01").text
    assert "Edit employee" in alice.get(f"{TRAIL}?until=2090-01-01&since=nonsense").text
    (row,) = alice.get(f"{TRAIL}/trail.csv?action=edit+employee").rows
    assert "Zoe Zimmer" in row.values()


def test_nobody_sees_the_trail_of_another_organisation(mallory, zoe):
    assert "Zoe" not in mallory.get(TRAIL).text
    assert "Zoe" not in mallory.client.get(f"{TRAIL}/trail.csv").get_data(as_text=True)


def test_a_long_trail_is_read_page_by_page(alice, acme, tables):
    with tables.atomic():
        for _ in range(60):
            audit.record("test", "count", acme, organisation=acme)
    page = alice.get(f"{TRAIL}?action=count")
    assert len(page.soup.select("tbody tr")) == 50
    assert len(alice.press("Next").soup.select("tbody tr")) == 10


def test_the_database_refuses_to_change_or_remove_a_line(alice, zoe, tables):
    for query in (AuditEntry.update(by_name="Bob"), AuditEntry.update(hash="0"), AuditEntry.delete()):
        with pytest.raises(DatabaseError, match="only added to"), tables.atomic():
            query.execute()
    assert "The trail is whole" in press_check(alice)


def press_check(alice):
    alice.get(TRAIL)
    return alice.press("Check the trail").text


def test_a_line_that_was_altered_all_the_same_is_found(alice, acme, zoe, tables):
    entry = AuditEntry.get(AuditEntry.action == "edit employee")
    with unguarded(tables):
        AuditEntry.update(detail={"changes": {}}).where(AuditEntry.id == entry.id).execute()
        assert f"not sound from line {entry.number} on" in press_check(alice)
        AuditEntry.update(detail=entry.detail).where(AuditEntry.id == entry.id).execute()


class unguarded:
    """As whoever owns the database can: the guard is taken away, and put back."""

    def __init__(self, tables):
        self.tables = tables

    def __enter__(self):
        self.back = "ALTER TABLE audit_entry ENABLE TRIGGER audit_entry_stays"
        away = "ALTER TABLE audit_entry DISABLE TRIGGER audit_entry_stays"
        if is_sqlite():
            found = self.tables.execute_sql("SELECT sql FROM sqlite_master WHERE name = 'audit_entry_stays'")
            self.back, away = found.fetchone()[0], "DROP TRIGGER audit_entry_stays"
        self.tables.execute_sql(away)

    def __exit__(self, *_):
        self.tables.execute_sql(self.back)


def test_what_cannot_be_recorded_is_not_done(alice, zoe, tables):
    full, not_full = (
        ("CREATE TRIGGER trail_is_full BEFORE INSERT ON audit_entry BEGIN SELECT RAISE(ABORT, 'full'); END",
         "DROP TRIGGER trail_is_full")
        if is_sqlite()
        else ("ALTER TABLE audit_entry ADD CONSTRAINT trail_is_full CHECK (false) NOT VALID",
              "ALTER TABLE audit_entry DROP CONSTRAINT trail_is_full")
    )  # fmt: skip
    tables.execute_sql(full)
    try:
        alice.get(f"/people/employees/{zoe.id}/edit")
        page = alice.press("Save", {"Job title": "Emperor"})
    finally:
        tables.execute_sql(not_full)
    assert page.status == 500
    assert "Reference" in page.text
    assert Employee.get_by_id(zoe.id).job_title == "Chief"


def test_a_change_that_was_refused_to_somebody_is_in_the_trail(alice, bob, zoe):
    assert bob.post(f"/people/employees/{zoe.id}/edit").status == 403
    assert "Refused" in alice.get(f"{TRAIL}?by=bob").text


def test_what_was_refused_came_from_where_it_really_came_from(alice, bob, zoe):
    alice.get("/people/employees", environ_base={"REMOTE_ADDR": "192.0.2.1"})
    bob.post(f"/people/employees/{zoe.id}/edit", environ_base={"REMOTE_ADDR": "192.0.2.2"})
    assert AuditEntry.get(AuditEntry.action == "refused").address == "192.0.2.2"


def test_what_costs_much_is_not_done_again_and_again_for_one_person(alice, cast, acme):
    alice.get(TRAIL)
    assert [alice.post(f"{TRAIL}/verify").status for _ in range(121)][-1] == 429
    ada = cast.person(acme, "Ada", AccessLevel.ADMIN)
    ada.get(TRAIL)
    assert ada.post(f"{TRAIL}/verify").status == 200
