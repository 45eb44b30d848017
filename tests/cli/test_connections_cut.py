"""PostgreSQL goes away in the middle of work, as when it is restarted, and returns: no process has to be restarted."""

from contextlib import contextmanager

import pytest
import requests
from bs4 import BeautifulSoup

from tests.cast import PASSWORD
from tests.cli.installation import Installation
from tests.cli.test_commands import refused
from tests.provisioning.test_killed import eventually

CUT = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
# The tests beside this one hold locks in databases of their own on the same server.
LOCKED = """
SELECT application_name FROM pg_locks JOIN pg_stat_activity USING (pid)
WHERE locktype = 'advisory' AND datname = current_database()
"""


@pytest.fixture
def installation(tmp_path):
    made = Installation(tmp_path)
    if not made.on_postgresql:
        pytest.skip("SQLite has no server")
    made.init()
    yield made
    made.stop()


def test_web_and_worker_go_on_when_all_connections_were_cut(installation, tmp_path):
    address = installation.serve("--workers", "2", "--with-worker")
    eventually(lambda: any("consumer started" in line["event"] for line in installation.lines()))
    copy = tmp_path / "copy"
    installation.must("backup", str(copy))
    for _ in range(2):
        installation.sql(CUT)
        assert eventually(lambda: requests.get(f"{address}/readyz", timeout=10).ok)
        assert requests.get(f"{address}/login", timeout=10).ok
        assert eventually(lambda: len(installation.sql(LOCKED)) >= 3)
    assert refused(installation.run("restore", str(copy), "--force"), "portal worker on")
    told = [line["event"] for line in installation.lines()]
    assert told.count("the queue cannot be read") <= 16
    assert "Error reading from queue" not in told


def test_while_postgresql_is_away_each_page_says_so_and_then_it_is_there_again(installation):
    installation.must("organisation", "create", "Acme")
    who = ("alice@acme.example", "--organisation", "acme", "--access", "admin", "--password-stdin")
    installation.must("user", "create", *who, stdin=PASSWORD)
    address = installation.serve()
    with requests.Session() as alice:
        page = BeautifulSoup(alice.get(f"{address}/login", timeout=30).text, "html.parser")
        values = {"email": "alice@acme.example", "password": PASSWORD}
        values["csrf_token"] = page.find("input", attrs={"name": "csrf_token"})["value"]
        assert alice.post(f"{address}/login", data=values, timeout=30).ok
        with away(installation):
            answer = alice.get(f"{address}/people/employees", timeout=60)
            assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
            assert "The portal is busy" in answer.text
        assert eventually(lambda: alice.get(f"{address}/people/employees", timeout=30).ok)


@contextmanager
def away(installation):
    """Nobody gets a connection to the installation's database."""
    import psycopg

    server, _, name = installation.environment["PORTAL_DATABASE_URL"].partition("?")[0].rpartition("/")
    rest = installation.environment["PORTAL_DATABASE_URL"].partition("?")[2]
    with psycopg.connect(f"{server}/postgres?{rest}", autocommit=True) as other:
        other.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        try:
            yield
        finally:
            other.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
