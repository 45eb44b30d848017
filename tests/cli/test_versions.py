"""An older program beside a newer database, and the other way round: neither works, and both say what to do."""

import pytest
import requests

from tests.cli.installation import Installation
from tests.cli.test_commands import refused
from tests.ports import free_port
from tests.provisioning.test_killed import eventually

FUTURE = "9999_of_next_year"
ADD = "INSERT INTO schema_migration (name, applied) VALUES ('9999_of_next_year', '2026-01-01')"
REMOVE = "DELETE FROM schema_migration WHERE name = (SELECT MAX(name) FROM schema_migration)"


@pytest.fixture
def installation(tmp_path):
    made = Installation(tmp_path)
    made.init()
    yield made
    made.stop()


def test_an_older_program_refuses_a_newer_database(installation):
    installation.sql(ADD)
    for command in (["init"], ["audit", "verify"], ["serve", "--port", str(free_port())], ["worker"]):
        assert refused(installation.run(*command), f"newer version of the portal ({FUTURE})")


def test_a_newer_program_refuses_an_older_database_until_init(installation):
    installation.sql(REMOVE)
    for command in (["audit", "verify"], ["serve", "--port", str(free_port())], ["worker"]):
        assert refused(installation.run(*command), "Run `portal init`")


def test_processes_of_the_older_version_stop_working_when_the_database_is_upgraded(installation):
    address, worker = installation.serve(), installation.start("worker")
    eventually(lambda: any("consumer started" in line["event"] for line in installation.lines()))
    installation.sql(ADD)
    assert worker.wait(30) == 1
    eventually(lambda: requests.get(f"{address}/login", timeout=10).status_code == 503)
    answer = requests.get(f"{address}/login", timeout=10)
    assert "The portal is being upgraded" in answer.text
    assert FUTURE not in answer.text
    assert requests.get(f"{address}/healthz", timeout=10).ok
    assert requests.get(f"{address}/readyz", timeout=10).json()["problems"] == {"schema": "OtherVersion"}
    installation.sql(REMOVE)
    assert eventually(lambda: requests.get(f"{address}/login", timeout=10).ok)
