"""Rows that earlier versions of the portal wrote are brought to this one."""

from importlib import import_module

import pytest
from peewee import SqliteDatabase


@pytest.fixture
def old():
    """A database of its own with the two tables, as far as the migrations touch them."""
    with SqliteDatabase(":memory:") as tables:
        tables.execute_sql("CREATE TABLE operation (id INTEGER, connection_id INTEGER, requested TEXT, lease_by TEXT)")
        tables.execute_sql("CREATE TABLE login_mail (id INTEGER, state TEXT, lease_until TIMESTAMP)")
        yield tables


def upgraded(tables, name):
    import_module(f"portal.migrations.{name}").up(None, tables)


def test_the_username_that_an_operation_gives_away_is_found_in_what_was_asked_for(old):
    for number, asked in enumerate(('{"username": "wei@acme.example"}', "{}", '{"username": null}')):
        old.execute_sql("INSERT INTO operation (id, connection_id, requested) VALUES (?, 1, ?)", (number, asked))
    upgraded(old, "0057_usernames_of_operations")
    found = old.execute_sql("SELECT username FROM operation ORDER BY id").fetchall()
    assert found == [("wei@acme.example",), ("",), ("",)]


def test_a_mail_that_waits_for_another_try_is_held_by_nobody_and_keeps_its_time(old):
    rows = ((1, "scheduled", "2026-11-28 10:00:00"), (2, "sending", "2026-11-28 11:00:00"), (3, "scheduled", None))
    for row in rows:
        old.execute_sql("INSERT INTO login_mail VALUES (?, ?, ?)", row)
    upgraded(old, "0056_mails_tried_again")
    found = old.execute_sql("SELECT lease_until, not_before FROM login_mail ORDER BY id").fetchall()
    assert found == [(None, "2026-11-28 10:00:00"), ("2026-11-28 11:00:00", None), (None, None)]


def test_what_was_allowed_of_signing_in_elsewhere_was_about_the_one_application_that_there_was(old):
    old.execute_sql("CREATE TABLE organisation (id INTEGER, outside_sign_in BOOLEAN)")
    old.execute_sql("CREATE TABLE pending_change (control TEXT)")
    old.execute_sql("INSERT INTO organisation VALUES (1, TRUE), (2, FALSE)")
    old.execute_sql("INSERT INTO pending_change VALUES ('outside_sign_in'), ('hand_over')")
    upgraded(old, "0186_sign_in_with")
    found = old.execute_sql("SELECT sign_in_with FROM organisation ORDER BY id").fetchall()
    assert found == [("microsoft-365",), ("",)]
    controls = old.execute_sql("SELECT control FROM pending_change").fetchall()
    assert controls == [("outside_sign_in microsoft-365",), ("hand_over",)]
