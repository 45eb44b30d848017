"""The audit log: what is in it, what cannot be done to it, and what happens when it cannot be written."""

import json
import os
import re
from contextlib import contextmanager
from datetime import timedelta

import pytest
from peewee import DatabaseError, RawQuery

from portal import audit, refusals, vault
from portal.audit import AuditEntry, AuditKey, ChainKey
from portal.auth.models import AccessLevel
from portal.database import is_sqlite, now
from portal.people.models import Employee
from portal.refusals import Refusal
from tests.cast import Person
from tests.cli import commands

AUDIT_LOG = "/settings/audit-log"


@pytest.fixture
def zoe(cast, acme, alice):
    """Added and promoted by Alice, in the browser."""
    zoe = cast.employee(acme, "Zoe", "Zimmer", job_title="Clerk")
    alice.get(f"/people/employees/{zoe.id}/edit")
    alice.press("Save", {"Job title": "Chief"})
    return zoe


def test_it_says_who_did_what_to_whom_from_where_and_what_changed(alice, zoe):
    page = alice.get(AUDIT_LOG)
    row = next(row for row in page.soup.select("tbody tr") if "Edit employee" in row.get_text())
    text = " ".join(row.get_text(" ", strip=True).split())
    for words in ("Alice", "from 127.0.0.1", "job title Clerk → Chief", "Zoe Zimmer"):
        assert words in text
    assert "Sign in" in page.text


def test_it_reads_in_everyday_words_with_the_rest_behind_details(alice, acme, zoe, tables):
    with tables.atomic():
        audit.record("command line", "set plan", acme, organisation=acme, before="Standard", after="Platinum")
        audit.record("portal", "start run", acme, organisation=acme, people=3, operation=98)
    rows = [
        [cell.get_text(" ", strip=True) for cell in row.select("td")]
        for row in alice.get(AUDIT_LOG).soup.select("tbody tr")[:2]
    ]
    assert rows[0][1:4] == ["Automatic", "Start bulk action people: 3", "Acme"]
    assert rows[0][4].endswith("activity: 98")
    assert rows[1][1:4] == ["Set up by IT", "Set plan before: Standard; after: Platinum", "Acme"]
    assert "Set up by IT" in alice.get(f"{AUDIT_LOG}?by=by+it").text
    assert "Start bulk action" not in alice.page.soup.select_one("tbody").get_text()
    assert "Start bulk action" in alice.get(f"{AUDIT_LOG}?by=automatic").soup.select_one("tbody").get_text()


def test_what_changed_is_in_the_readers_language(alice, acme, zoe, tables):
    with tables.atomic():
        audit.record(
            "command line", "set trial period", acme, organisation=acme, before=False, after=True, until="2026-12-29"
        )
    page = alice.get(AUDIT_LOG, headers={"Accept-Language": "de"})
    first = " ".join(page.soup.select_one("tbody tr").get_text(" ", strip=True).split())
    assert all(part in first for part in ("vorher: nein", "bis: 29.12.2026", "nachher: ja"))
    assert "Berufsbezeichnung Clerk → Chief" in page.text
    assert "GMT+00:00" not in page.text


def test_it_is_filtered_and_exported(alice, zoe):
    assert "Edit employee" not in alice.get(f"{AUDIT_LOG}?action=sign+in").soup.select_one("tbody").get_text()
    assert "Zoe Zimmer" in alice.get(f"{AUDIT_LOG}?whom=zimmer&by=alice").text
    assert "No entries match" in alice.get(f"{AUDIT_LOG}?since=2090-01-01").text
    assert "Edit employee" in alice.get(f"{AUDIT_LOG}?until=2090-01-01&since=nonsense").text
    (row,) = alice.get(f"{AUDIT_LOG}/audit-log.csv?action=edit+employee").rows
    assert "Zoe Zimmer" in row.values()


def test_nobody_sees_the_trail_of_another_organisation(mallory, zoe):
    assert "Zoe" not in mallory.get(AUDIT_LOG).text
    assert "Zoe" not in mallory.client.get(f"{AUDIT_LOG}/audit-log.csv").get_data(as_text=True)


def test_a_long_trail_is_read_page_by_page(alice, acme, tables):
    with tables.atomic():
        for _ in range(60):
            audit.record("test", "count", acme, organisation=acme)
    page = alice.get(f"{AUDIT_LOG}?action=count")
    assert len(page.soup.select("tbody tr")) == 50
    assert len(alice.press("Next").soup.select("tbody tr")) == 10


def test_the_database_refuses_to_change_or_remove_a_line(alice, zoe, tables):
    for query in (AuditEntry.update(by_name="Bob"), AuditEntry.update(hash="0"), AuditEntry.delete()):
        with pytest.raises(DatabaseError, match="only added to"), tables.atomic():
            query.execute()
    text = press_check(alice)
    assert f"lines 1 to {AuditEntry.select().count()} are all there, and none was altered" in text
    assert "only a comparison with an earlier end shows it" in text


def press_check(alice):
    alice.get(AUDIT_LOG)
    return alice.press("Verify log").text


def test_a_line_that_was_altered_all_the_same_is_found(alice, acme, zoe, tables):
    entry = AuditEntry.get(AuditEntry.action == "edit employee")
    with unguarded(tables):
        AuditEntry.update(detail={"changes": {}}).where(AuditEntry.id == entry.id).execute()
        assert f"From line {entry.number} on it is not sound" in press_check(alice)
        AuditEntry.update(detail=entry.detail).where(AuditEntry.id == entry.id).execute()


class unguarded:
    """As the owner of the database can: the guard is taken away, and put back."""

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


def test_no_line_is_replaced_by_another(alice, zoe, tables):
    """REPLACE and TRUNCATE do not ask the trigger that guards what is deleted."""
    first = AuditEntry.select().order_by(AuditEntry.number).first()
    if is_sqlite():
        # An erasure is let through; not one that puts a line in the place of another.
        erased = "UPDATE OR REPLACE audit_entry SET erased = 1, salt = '', subject_name = '', id = ? WHERE number = 2"
        spoilt = [AuditEntry.insert({**first.__data__, "by_name": "Bob"}).on_conflict_replace()]
        spoilt.append(RawQuery(erased, [first.id], _database=tables))
    else:
        spoilt = [RawQuery("TRUNCATE audit_entry CASCADE", _database=tables)]
    for query in spoilt:
        with pytest.raises(DatabaseError, match="only added to"), tables.atomic():
            query.execute()
    assert AuditEntry.get_by_id(first.id).by_name == first.by_name


@pytest.mark.parametrize("known", [None, ChainKey(1, b"k" * 32)])
@pytest.mark.parametrize("put", ["the key that was there", "a secret that somebody knows", "nothing"])
def test_who_has_the_database_but_not_the_keys_cannot_write_it_again(alice, acme, zoe, tables, known, put):
    """The whole chain computed once more with what can be had: no key, or one of their own."""
    own = {"a secret that somebody knows": vault.encrypt((b"k" * 32).decode()), "nothing": ""}
    previous = ""
    with unguarded(tables):
        for line in AuditEntry.select().order_by(AuditEntry.number):
            line.by_name = "Bob"
            line.hash = previous = line.computed_hash(previous, known)
            line.save()
        if put in own:
            AuditKey.update(encrypted_key=own[put]).execute()
        assert not audit.check(acme).is_sound
        assert "Please tell your IT team" in press_check(alice)


def test_lines_from_before_there_was_a_key_go_on_to_be_checked(alice, acme, zoe, tables):
    previous = ""
    with unguarded(tables):
        AuditKey.delete().execute()
        for line in AuditEntry.select().order_by(AuditEntry.number):
            line.hash = previous = line.computed_hash(previous, None)
            line.save()
    count = AuditEntry.select().count()
    assert "their key is missing" in audit.check(acme).sentence
    audit.begin_keys()
    assert f"Lines before {count + 1} date from before there was a key" in press_check(alice)
    with unguarded(tables):
        AuditEntry.update(by_name="Bob").where(AuditEntry.number == 1).execute()
        assert audit.first_broken(acme) == 1


def test_lines_that_were_cut_off_show_against_the_end_of_an_earlier_hour(app, alice, acme, zoe, tables):
    end = logged_end_of(acme)
    assert verified(end).returncode == 0
    with no_keeper(tables):
        AuditEntry.delete().where(AuditEntry.number == int(end.split(":")[0])).execute()
    assert verified().returncode == 0
    answer = verified(end)
    assert answer.returncode == 1
    assert f"No audit log has line {end} any more" in answer.stderr
    assert verified("1:abc").returncode == 2


def logged_end_of(organisation):
    """What the worker's hourly line says, in a process of its own."""
    program = "from portal import audit_jobs; audit_jobs.every_hour.call_local()"
    environment = {**os.environ, "PORTAL_LOG_LEVEL": "INFO"}
    done = commands.run(program=program, environment=environment)
    lines = [json.loads(line) for line in done.stderr.splitlines() if "end of audit log" in line]
    return next(line["line"] for line in lines if line["organisation"] == organisation.key)


def verified(*ends):
    return commands.run("audit", "verify", *(f"--from={end}" for end in ends), environment=dict(os.environ))


@contextmanager
def no_keeper(tables):
    """As unguarded; on SQLite another trigger guards what is deleted."""
    if not is_sqlite():
        with unguarded(tables):
            yield
        return
    back = tables.execute_sql("SELECT sql FROM sqlite_master WHERE name = 'audit_entry_remains'").fetchone()[0]
    tables.execute_sql("DROP TRIGGER audit_entry_remains")
    yield
    tables.execute_sql(back)


def test_a_change_that_was_refused_to_somebody_is_in_the_trail(alice, bob, zoe):
    assert bob.post(f"/people/employees/{zoe.id}/edit", fragment=True).status == 403
    assert "Refused" in alice.get(f"{AUDIT_LOG}?by=bob").text


def test_what_was_refused_came_from_where_it_really_came_from(alice, bob, zoe):
    alice.get("/people/employees", environ_base={"REMOTE_ADDR": "192.0.2.1"})
    bob.post(f"/people/employees/{zoe.id}/edit", environ_base={"REMOTE_ADDR": "192.0.2.2"})
    assert AuditEntry.get(AuditEntry.action == "refused").address == "192.0.2.2"


def test_what_costs_much_is_not_done_again_and_again_for_one_person(alice, cast, acme):
    alice.get(AUDIT_LOG)
    assert [alice.post(f"{AUDIT_LOG}/verify", fragment=True).status for _ in range(121)][-1] == 429
    ada = cast.person(acme, "Ada", AccessLevel.ADMIN)
    ada.get(AUDIT_LOG)
    assert ada.post(f"{AUDIT_LOG}/verify").status == 200


def test_what_is_refused_again_and_again_is_one_line_and_a_count(bob, zoe, monkeypatch):
    for _ in range(60):
        assert bob.post(f"/people/employees/{zoe.id}/edit", fragment=True).status == 403
    lines = AuditEntry.select().where(AuditEntry.action == "refused").order_by(AuditEntry.number)
    assert [line.detail for line in lines] == [{"path": f"/people/employees/{zoe.id}/edit"}]
    monkeypatch.setattr(refusals, "now", lambda: now() + timedelta(hours=1))
    refusals.write_down()
    refusals.write_down()
    assert lines.clone().count() == 2
    count = lines.clone()[1]
    assert (count.detail["what"], count.detail["times"]) == ("/people/employees/<int:employee_id>/edit", 60)


def test_nobody_fills_the_log_with_many_different_addresses(app, bob, zoe):
    addresses = [rule.rule for rule in app.url_map.iter_rules() if "POST" in rule.methods]
    addresses = [re.sub("<int:[^>]+>", "1", address) for address in addresses if address.startswith("/settings")]
    addresses = [address.replace("<service_key>", "microsoft-365").replace("<language>", "en") for address in addresses]
    refused = [address for address in addresses if bob.post(address, fragment=True).status == 403]
    assert len(refused) > refusals.MOST_KINDS + 5
    assert AuditEntry.select().where(AuditEntry.action == "refused").count() == refusals.MOST_KINDS + 1


def test_somebody_elses_wrong_passwords_are_one_line_too(app, alice, tables):
    stranger = Person(app)
    stranger.get("/login")
    for number in range(20):
        data = {"email": alice.user.email, "password": "not the one"}
        stranger.post("/login", data, environ_base={"REMOTE_ADDR": f"192.0.2.{number}"})
    assert AuditEntry.select().where(AuditEntry.action == "sign-in refused").count() == 1
    assert Refusal.get(Refusal.action == "sign-in refused").count == 20


def test_nobody_fills_the_log_with_their_own_sign_in_either(carol):
    carol.get("/account")
    assert [carol.post("/account/second-factor/off", fragment=True).status for _ in range(121)][-1] == 429
