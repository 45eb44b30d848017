"""A database that an earlier release has written becomes one of this release by `portal init`, with nothing lost.

Each release leaves a lived-in database in tests/cli/databases, compressed: an organisation with accounts,
bulk actions, an import, users and their sessions, and a neighbour of it. Its keys are these.
"""

import gzip
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import requests
from peewee import Database, Select, SqliteDatabase, Table, fn
from playhouse.db_url import connect
from playhouse.migrations import Runner

from portal import database
from tests.cast import PASSWORD
from tests.cli.installation import Installation
from tests.pages import Page

RELEASES = sorted((Path(__file__).parent / "databases").glob("*.sqlite3.gz"))
KEYS = {
    "PORTAL_ENCRYPTION_KEYS": "YSBrZXkgZm9yIGEgZGF0YWJhc2Ugb2YgMC4xIG9ubHk=",
    "PORTAL_SECRET_KEY": "not a secret, only for tests",
}
COUNTED = """
    SELECT (SELECT COUNT(*) FROM employee), (SELECT COUNT(*) FROM account), (SELECT COUNT(*) FROM operation),
    (SELECT COUNT(*) FROM step), (SELECT COUNT(*) FROM run_line), (SELECT COUNT(*) FROM login_mail)
"""
MIGRATIONS = str(Path(database.__file__).parent / "migrations")


@pytest.fixture(params=RELEASES, ids=lambda path: path.name.removesuffix(".sqlite3.gz"))
def release(request, tmp_path):
    """An installation with the database of an earlier release."""
    made = Installation(tmp_path)
    made.environment |= KEYS
    made.instance.mkdir()
    file = made.instance / "portal.sqlite3"
    file.write_bytes(gzip.decompress(request.param.read_bytes()))
    if made.on_postgresql:
        with (
            closing(sqlite3.connect(file)) as source,
            closing(connect(made.environment["PORTAL_DATABASE_URL"])) as target,
        ):
            _copy(source, target)
    yield made
    made.stop()


def _copy(source: sqlite3.Connection, target: Database) -> None:
    """The tables as the migrations of that release make them on PostgreSQL, and the rows."""
    (last,) = source.execute("SELECT MAX(name) FROM schema_migration").fetchone()
    Runner(target, MIGRATIONS).up(last)
    tables = [table for table in target.get_tables() if table != "schema_migration"]
    with target.atomic():
        # A row may name one that comes later.
        target.execute_sql("SET LOCAL session_replication_role = replica")
        for name in tables:
            kinds = {column.name: column.data_type for column in target.get_columns(name)}
            _copy_rows(source, target, Table(name, list(kinds)), kinds)


def _copy_rows(source: sqlite3.Connection, target: Database, table: Table, kinds: dict[str, str]) -> None:
    for values in source.execute(*table.select().bind(SqliteDatabase(None)).sql()).fetchall():
        row = dict(zip(kinds, values, strict=True))
        row |= {name: bool(row[name]) for name, kind in kinds.items() if kind == "boolean" and row[name] is not None}
        table.insert(row).bind(target).execute()
    if "id" in kinds:
        highest = table.select(fn.COALESCE(fn.MAX(table.id), 0) + 1)
        counter = fn.setval(fn.pg_get_serial_sequence(table.__name__, "id"), highest, False)
        Select(columns=[counter]).bind(target).execute()


class Browser:
    """What a person sees of a running portal."""

    def __init__(self, address: str):
        self.address, self.session = address, requests.Session()

    def get(self, path: str) -> Page:
        return self._arrived(self.session.get(self.address + path, timeout=20))

    def sign_in(self, email: str) -> Page:
        values = {"csrf_token": self.get("/login").csrf_token, "email": email, "password": PASSWORD}
        return self._arrived(self.session.post(f"{self.address}/login", data=values, timeout=20))

    def _arrived(self, answer: requests.Response) -> Page:
        assert answer.ok, (answer.url, answer.text[:500])
        return Page(answer.url, answer.status_code, answer.text, answer.headers)


def test_a_database_of_an_earlier_release_is_upgraded_with_nothing_lost(release):
    before = release.sql(COUNTED)
    release.must("init")
    assert release.sql(COUNTED) == before
    assert "none was altered" in release.must("audit", "verify")
    browser = Browser(release.serve())
    assert "Alice" in browser.sign_in("alice@acme.example").text
    assert "Peter Gibbons" not in browser.get("/people/employees").text
    found = browser.get("/people/employees?q=Łukasz")
    employee = found.first("#employee-table tbody a").get("href")
    tab = browser.get(f"{employee}/account-provisioning").text
    assert all(word in tab for word in ("Lee Łukasz", "Deactivated", "@acme.example"))
    assert "Account created" in browser.get(f"{employee}/history").text
    assert "Create accounts" in browser.get("/provisioning/runs").text
    assert "Connected" in browser.get("/settings/add-ons").text
