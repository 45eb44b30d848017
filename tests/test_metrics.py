"""What monitoring reads: how much waits and for how long; and who may read it."""

from datetime import timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from portal.config import settings
from portal.database import now
from portal.operations.models import Operation, State
from portal.operations.requests import Verb
from tests.provisioning.conftest import connect

TOKEN = "a token of the monitoring"


@pytest.fixture
def token(app, monkeypatch):
    monkeypatch.setattr(settings(), "metrics_token", SecretStr(TOKEN))


def read(app, **options):
    answer = app.test_client().get("/metrics", **options)
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.text)
    return {(sample.name, *sample.labels.values()): sample.value for family in families for sample in family.samples}


@pytest.fixture
def waiting(alice, sandbox, cast, acme):
    """Writes down an operation that is due so many minutes from now."""

    def write(minutes):
        employee, connection = cast.employee(acme, "Wei", "Wong"), connect(sandbox, alice.user)
        Operation.create(
            organisation=acme, employee=employee, connection=connection, verb=Verb.UPDATE, state=State.WAITING,
            not_before=now() + timedelta(minutes=minutes),
        )  # fmt: skip

    return write


def test_what_waits_too_long_shows(app, waiting):
    assert read(app)["portal_operation_overdue_seconds",] == 0
    waiting(-10)
    found = read(app)
    assert found["portal_operations", "waiting"] == 1
    assert found["portal_operation_overdue_seconds",] >= 600
    assert found["portal_mails_failed",] == 0


def test_what_is_due_later_is_not_overdue(app, waiting):
    waiting(10)
    found = read(app)
    assert found["portal_operations", "waiting"] == 1
    assert found["portal_operation_overdue_seconds",] == 0


def test_answers_are_counted_with_their_time(app, alice):
    endpoint, _ = app.url_map.bind("localhost").match("/people/employees")
    name = "portal_request_seconds_count", endpoint
    before = read(app).get(name, 0)
    alice.get("/people/employees")
    assert read(app)[name] == before + 1


def test_without_a_token_only_this_machine_may_read_them(app, tables):
    client = app.test_client()
    assert client.get("/metrics", environ_overrides={"REMOTE_ADDR": "203.0.113.9"}).status_code == 404
    assert client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 404
    assert client.get("/metrics").status_code == 200


def test_with_a_token_whoever_has_it_may_read_them_and_nobody_else(app, tables, token):
    far = {"environ_overrides": {"REMOTE_ADDR": "203.0.113.9"}}
    assert read(app, headers={"Authorization": f"Bearer {TOKEN}"}, **far)
    assert app.test_client().get("/metrics", headers={"Authorization": "Bearer other"}, **far).status_code == 404
    assert app.test_client().get("/metrics").status_code == 404
