"""What an operation was asked for outlives the version of the portal that wrote it down."""

import json
from dataclasses import fields
from datetime import UTC, datetime

import pytest

from portal import vault
from portal.accounts.models import Account
from portal.database import database, now
from portal.leaving import requests as leaving
from portal.operations import requests
from portal.operations.models import Operation, State
from portal.operations.requests import CreateRequest, LinkRequest, Request, ResendRequest, Verb
from portal.provisioning import usernames
from tests.provisioning.worker import finish

KINDS = {**vars(requests), **vars(leaving)}
REQUESTS = {kind.VERB: kind for kind in KINDS.values() if hasattr(kind, "VERB")}
# A create as the version before wrote it down, and a field that this version does not know.
OLD_CREATE = {
    "look": False, "username": "wei.zhang@acme.example", "display_name": "Wei Zhang", "country": "GB",
    "fields": {"job_title": "Buyer"}, "licence_id": "", "licence_name": "", "manager": False,
    "update_company_email": False, "hand_over": "send", "recipient": "wei@home.example", "send_at": None,
    "colour": "of an earlier year",
}  # fmt: skip


def stored(operation):
    kept = database.execute_sql(f"SELECT requested, username FROM operation WHERE id = {operation.id}").fetchone()  # noqa: S608
    return (json.loads(kept[0]) if isinstance(kept[0], str) else kept[0]), kept[1]


@pytest.mark.parametrize("verb", Verb)
def test_every_verb_has_a_request_that_is_read_as_it_was_written(verb):
    kind = REQUESTS[verb]
    asked = kind(run=7)
    assert kind.from_json(json.loads(json.dumps(asked.to_json()))) == asked
    assert kind.from_json({}) == kind()
    assert kind.from_json({"colour": "blue"}) == kind()
    assert set(asked.to_json()) == {each.name for each in fields(kind)}


def test_a_moment_and_a_part_of_a_request_are_read_back():
    asked = ResendRequest(recipient="wei@home.example", send_at=datetime(2026, 12, 1, 8, tzinfo=UTC))
    assert ResendRequest.from_json(json.loads(json.dumps(asked.to_json()))) == asked
    assert Request.from_json({**asked.to_json(), "run": 3}).run == 3


def test_a_create_that_the_version_before_began_is_carried_out(wei, alice, connection, sandbox, mailbox):
    operation = Operation.create(
        organisation=wei.organisation, employee=wei, connection=connection, verb="create", by=alice.user,
        by_name="Alice", requested=OLD_CREATE, username=OLD_CREATE["username"], not_before=now(),
        encrypted_password=vault.encrypt("Correct-horse-7"),
    )  # fmt: skip
    assert finish(operation).state == State.DONE
    assert sandbox.user("wei.zhang@acme.example").display_name == "Wei Zhang"
    assert Account.get().fields_at == operation.created_at


@pytest.mark.parametrize("kind", [CreateRequest, LinkRequest])
def test_a_name_that_an_open_operation_gives_away_is_nobody_elses(wei, cast, acme, connection, kind):
    other = cast.employee(acme, "Wei", "Chen")
    assert not usernames.is_reserved("wei@acme.example", connection)
    asked = kind(username="wei@acme.example")
    operation = Operation.ask_for(asked, organisation=acme, employee=wei, connection=connection)
    assert stored(operation) == (asked.to_json(), "wei@acme.example")
    assert usernames.reserved(connection) == {"wei@acme.example"}
    assert usernames.is_reserved("wei@acme.example", connection, but_for=other)
    assert not usernames.is_reserved("wei@acme.example", connection, but_for=wei)
    assert not usernames.is_reserved("ei@acme.example", connection)
    Operation.update(state=State.DONE).execute()
    assert not usernames.is_reserved("wei@acme.example", connection)
