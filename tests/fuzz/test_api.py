"""Whatever is sent to a route of the API, it answers as its own description says, and never with an error of its own.

schemathesis makes valid and spoilt requests from the description that a server serves, for `make fuzz` alone.
"""

import os
import subprocess
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest

from portal.operations.models import Operation
from portal.people.models import Employee
from portal.rate_limits import RateCount
from portal.runs import actions as runs
from tests.api.conftest import system  # noqa: F401
from tests.fuzz.seeds import FUZZ
from tests.provisioning.conftest import connection, impatient  # noqa: F401
from tests.provisioning.test_killed import Server

SECRET_NAME = "Geheimrat"
# Of the inputs of `make fuzz`, for each route.
SHARE = 0.0025
# Whether what is sent is taken or refused depends on rows and dates too, which no schema says.
NOT_ASKED = "positive_data_acceptance"

# `make fuzz` says where it is: in an environment of its own.
SCHEMATHESIS = os.environ.get("SCHEMATHESIS", "")
pytestmark = pytest.mark.skipif(not SCHEMATHESIS, reason="make fuzz")


@contextmanager
def without_limit():
    """Forget again and again how often a token has asked: the limit of a minute would answer nearly all."""
    over = threading.Event()

    def forget():
        while not over.wait(0.3):
            RateCount.delete().execute()

    thread = threading.Thread(target=forget)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@pytest.fixture
def server(app, tables):
    server = Server()
    yield server
    server.kill()


@pytest.mark.parametrize("scopes", [(), ("employees:read", "accounts:read")], ids=["all scopes", "few scopes"])
@pytest.mark.usefixtures("impatient", "mailbox")
def test_the_api_answers_as_it_says_whatever_is_sent(
    server, alice, cast, acme, initech, connection, system, scopes, tmp_path  # noqa: F811
):  # fmt: skip
    ours, theirs = cast.employee(acme, "Zoe"), cast.employee(initech, "Zoe", SECRET_NAME)
    run = runs.plan_run(
        connection, "create", [Employee.select().where(Employee.id == ours.id)], by=alice.user, source="x", options={}
    )
    made = Operation.create(organisation=acme, connection=connection, employee=ours, verb="create", by_name="Alice")
    ids = [ours.id, ours.id, theirs.id, run.id, made.id]
    environment = {
        **os.environ, "SCHEMATHESIS_HOOKS": "api_hooks", "PYTHONPATH": str(Path(__file__).parent),
        "API_SECRET": SECRET_NAME, "API_IDS": " ".join(map(str, ids)),
    }  # fmt: skip
    command = [
        str(Path(SCHEMATHESIS).absolute()), "--no-color", "run", f"{server.address}/api/v1/openapi.json",
        "--header", f"Authorization: Bearer {system(alice, *scopes).token}", "--exclude-checks", NOT_ASKED,
        "--max-examples", str(max(5, int(FUZZ * SHARE))), "--continue-on-failure", "--suppress-health-check", "all",
        "--request-timeout", "60",
    ]  # fmt: skip
    if seed := os.environ.get("FUZZ_SEED"):
        command += ["--seed", seed]
    with without_limit():
        # It keeps what it has learnt in the folder in which it is started.
        ended = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stdout[-20_000:] + ended.stderr[-5_000:]
