"""What an installation with an address of its own does, readiness, and bringing an older schema to this version."""

import json

import pytest

from portal.config import settings
from tests import schema
from tests.cli import commands

ASK = """
import json, sys
from portal import create_app, database
app = create_app()
with database.connection():
    database.upgrade()
client = app.test_client()
answers = []
for url, host, *more in json.loads(sys.argv[1]):
    answer = client.get(url, headers={"Host": host, **(more[0] if more else {})})
    answers.append([answer.status_code, dict(answer.headers), answer.headers.getlist("Set-Cookie")])
print(json.dumps(answers))
"""


@pytest.fixture
def installed(tmp_path):
    """Asks an installation whose address is https://hr.acme.example."""
    schema.copy_to(tmp_path / "portal.sqlite3")

    def ask(*questions, **changes):
        environ = {
            "PORTAL_SECRET_KEY": "x" * 40, "PORTAL_INSTANCE_DIR": str(tmp_path), "PORTAL_LOG_LEVEL": "ERROR",
            "PORTAL_PUBLIC_URL": "https://hr.acme.example",
            "PORTAL_ENCRYPTION_KEYS": settings().encryption_keys[0].get_secret_value(),
            **changes,
        }  # fmt: skip
        done = commands.run(json.dumps(questions), program=ASK, environment=environ)
        assert done.returncode == 0, done.stderr[-2000:]
        return json.loads(done.stdout.splitlines()[-1])

    return ask


def test_with_https_cookies_belong_to_this_host_alone_and_browsers_remember_https(installed):
    [(status, headers, cookies)] = installed(("/login", "hr.acme.example"))
    assert status == 200
    assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    assert cookies
    for cookie in cookies:
        assert cookie.startswith("__Host-portal")
        for word in ("Secure", "HttpOnly", "Path=/", "SameSite=Lax"):
            assert word in cookie
        assert "Domain" not in cookie


@pytest.mark.parametrize("host", ["HR.ACME.EXAMPLE", "hr.acme.example.", "Hr.Acme.Example:443"])
def test_its_name_in_other_letters_or_with_its_last_dot_is_its_name(installed, host):
    assert installed(("/login", host))[0][0] == 200


def test_every_answer_tells_browsers_what_they_may_do_with_it(installed):
    urls = ("/login", "/nowhere", "/healthz", "/people/employees", "/static/portal.css", "/static/nothing")
    answers = installed(*((url, "hr.acme.example") for url in urls))
    for url, (_, headers, _) in zip(urls, answers, strict=True):
        policy = headers["Content-Security-Policy"]
        for words in ("default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "script-src 'self'"):
            assert words in policy
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cross-Origin-Opener-Policy"] == headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert headers["Strict-Transport-Security"].startswith("max-age=31536000")
        assert headers.get("Cache-Control") == "no-store" or url.startswith("/static")
        assert "charset=" in headers["Content-Type"] or headers["Content-Type"] == "application/json"
        assert "Access-Control-Allow-Origin" not in headers


def test_what_a_proxy_says_counts_only_from_as_many_as_are_trusted(installed):
    forged = ("/login", "hr.acme.example", {"X-Forwarded-Host": "evil.example"})
    assert installed(forged)[0][0] == 200
    assert installed(forged, PORTAL_TRUSTED_PROXIES="1")[0][0] == 400


def test_another_host_name_is_answered_nothing_but_health(installed):
    answers = installed(
        ("/login", "evil.example"), ("/login", "hr.acme.example.evil.example"), ("/healthz", "10.0.0.7"),
        ("/readyz", "10.0.0.7"), ("/login", "hr.acme.example:443"), ("/login", "127.0.0.1:8080"),
    )  # fmt: skip
    assert [status for status, *_ in answers] == [400, 400, 200, 200, 200, 200]


def test_ready_says_which_part_is_not(app, tables, alice):
    assert alice.client.get("/readyz").get_json() == {"status": "ready", "problems": {}}
    tables.execute_sql("ALTER TABLE schema_migration RENAME TO schema_migration_gone")
    try:
        answer = alice.client.get("/readyz")
        if tables.is_closed():
            tables.connect()
    finally:
        tables.execute_sql("ALTER TABLE schema_migration_gone RENAME TO schema_migration")
    assert (answer.status_code, answer.get_json()["problems"]) == (503, {"schema": "OtherVersion"})


UPGRADE = """
import json, sys
from portal import database
from portal.config import settings
from tests.cli import commands
database.initialise(settings().database)

def schema():
    rows = database.database.execute_sql("SELECT name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'")
    names = [name for name, _ in rows.fetchall() if not name.startswith("employee_search_")]
    tables = database.database.get_tables()
    columns = {name: sorted(column.name for column in database.database.get_columns(name)) for name in tables}
    return [sorted(names), columns]

with database.connection():
    runner = database._migrations()
    levels = [migration.name for migration in runner.status()]
    if sys.argv[1] != "-1":
        runner.up(levels[int(sys.argv[1])])
        database.database.execute_sql(
            "INSERT INTO organisation (name, plan, time_zone, country, trial_period, created_at) "
            "VALUES ('Acme', 'Platinum', 'UTC', 'GB', 0, '2026-01-01')")
    database.upgrade()
    kept = database.database.execute_sql("SELECT COUNT(*) FROM organisation").fetchone()[0]
    print(json.dumps([len(levels), kept, schema()]))
"""


def test_every_earlier_schema_is_brought_to_this_version_and_keeps_its_rows(tmp_path):
    def upgraded(level):
        environ = {
            "PORTAL_SECRET_KEY": "x", "PORTAL_ENCRYPTION_KEYS": settings().encryption_keys[0].get_secret_value(),
            "PORTAL_INSTANCE_DIR": str(tmp_path / f"level{level}"),
        }  # fmt: skip
        done = commands.run(str(level), program=UPGRADE, environment=environ)
        assert done.returncode == 0, done.stderr[-2000:]
        return json.loads(done.stdout)

    count, _, new = upgraded(-1)
    for level in (0, count // 2, count - 2):
        _, kept, old = upgraded(level)
        assert kept == 1
        assert old == new
