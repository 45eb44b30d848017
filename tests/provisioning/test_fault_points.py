"""Every fault at every call of every verb: whatever happens, what the portal says is what the tenant holds.

Each verb meets here a fault at each of its calls: a lost answer at each of its writes, and others by turns, until it
has met one of each kind. Create meets each fault. `make soak` goes through all pairs of call and fault.
"""

import os
from dataclasses import dataclass

import pytest

from portal.connectors import SERVICES, http
from portal.connectors.google_workspace import quota
from portal.connectors.microsoft365 import quota as microsofts_quota
from portal.operations.models import State
from portal.quotas import Quota
from tests.google_workspace import conftest as google
from tests.google_workspace.site import GoogleSite
from tests.provisioning.world import BEFORE, World

SOAK = "SOAK" in os.environ
GRAPH, TOKEN = "/v1.0/", "/oauth2/v2.0/token"
# Every call of Google's APIs, and none of its sign-in.
GOOGLE, GOOGLE_TOKEN = "/v1/", "/token$"
UNTIL_MENDED = {"times": None}
# What happens to the call, and to those after it.
FAULTS: dict[str, tuple[dict, ...]] = {
    "throttled": ({"status": 429, "retry_after": 0.1},),
    "server error": ({"status": 500},),
    "overloaded": ({"status": 503},),
    "gateway time-out": ({"status": 504},),
    "connection reset": ({"kind": "reset"},),
    "slower than the time-out": ({"kind": "slow", "seconds": 0.6},),
    "answer lost": ({"kind": "lost answer"},),
    "answer cut short": ({"kind": "cut short"},),
    "answer lost, then nothing works": ({"kind": "lost answer"}, {"status": 503, **UNTIL_MENDED}),
    "token expired": ({"status": 401, "code": "InvalidAuthenticationToken"},),
    "claims challenge": ({"kind": "claims challenge"},),
    "secret expired": ({"status": 401, "code": "InvalidAuthenticationToken", **UNTIL_MENDED},),
    "consent revoked": ({"kind": "revoked consent", **UNTIL_MENDED},),
    "answer lost, then consent revoked": ({"kind": "lost answer"}, {"kind": "revoked consent", **UNTIL_MENDED}),
}
MICROSOFTS_OWN = ("token expired", "claims challenge", "secret expired")
GOOGLES = {
    **{name: steps for name, steps in FAULTS.items() if name not in MICROSOFTS_OWN},
    "token expired": ({"status": 401},),
    "secret expired": ({"status": 401, **UNTIL_MENDED},),
    "quota as plain text": ({"status": 403, "code": "quotaExceeded", "body": "plain"},),
    "another change under way": ({"status": 409, "code": "conflict"},),
    "creation not complete": ({"status": 412},),
    "done, and answered with a conflict": ({"kind": "done but refused", "status": 409, "code": "conflict"},),
}
# Faults that are alike to the portal: each verb meets one of each.
KINDS = (
    ("throttled", "server error", "overloaded", "gateway time-out", "another change under way", "quota as plain text",
     "creation not complete"),
    ("connection reset", "slower than the time-out", "answer lost", "answer cut short",
     "done, and answered with a conflict"),
    ("answer lost, then nothing works", "answer lost, then consent revoked"),
    ("token expired", "claims challenge"),
    ("secret expired", "consent revoked"),
)  # fmt: skip
# Of Google's verbs the suite has these alone, and the soak all.
OF_GOOGLE = ("create", "deactivate", "picture")
LOST = "answer lost, then nothing works"
SHORT = (1.0, 0.25)


@dataclass(frozen=True)
class Application:
    """Where the calls of an application are met, and what befalls them there. slowly: some are made once a second."""

    api: str
    token: str
    faults: dict[str, tuple[dict, ...]]
    slowly: bool = False


APPLICATIONS = {
    "microsoft-365": Application(GRAPH, TOKEN, FAULTS),
    "google-workspace": Application(GOOGLE, GOOGLE_TOKEN, GOOGLES, slowly=True),
}


@pytest.fixture
def world(app, alice, cast, connection, sandbox, mailbox, impatient):
    return World(app, alice, cast, connection, sandbox, mailbox)


workspace = google.workspace


@pytest.fixture
def google_world(app, acme, alice, cast, workspace, mailbox, impatient, monkeypatch):
    """So many points follow one another that Google's quota of a minute would hold them up."""
    monkeypatch.setattr(quota, "CALLS", 1_000_000)
    monkeypatch.setattr(quota, "_pacers", {})
    site = GoogleSite(workspace)
    return World(app, alice, cast, google.connect(workspace, alice.user), site, mailbox)


def at_the_end_of(world) -> Application:
    return APPLICATIONS[world.connection.service]


def calls_of(world, verb, times=2):
    """The methods of the calls that the verb makes when nothing goes wrong, and nothing has to be asked twice."""
    return min((_calls_once(world, verb) for _ in range(times)), key=len)


def _calls_once(world, verb):
    employee = world.somebody()
    world.prepare(employee, verb)
    world.sandbox.clear_requests()
    operation = world.act(employee, verb)
    assert operation.state == State.DONE
    # The page that follows may ask once more: that is not part of the verb, and a browser may never load it.
    asked, ended = world.sandbox.requests(path=at_the_end_of(world).api), operation.finished_at.timestamp()
    calls = [line.method for line in asked if line.at <= ended]
    assert not world.problems(employee)
    return calls


def points(verb, calls, service):
    """(call, fault), all of them or those of the sample."""
    names = list(APPLICATIONS[service].faults)
    if SOAK:
        return [(call, fault) for call in range(len(calls)) for fault in names]
    writes = {(call, LOST) for call, method in enumerate(calls) if method != "GET"}
    if verb == "create":
        return sorted(writes | {(number % len(calls), name) for number, name in enumerate(names)})
    # Each verb begins with another fault, so that together they meet all of them.
    turn, reads = list(BEFORE).index(verb), sorted(set(range(len(calls))) - {call for call, _ in writes})
    kinds = [[name for name in kind if name in names] for kind in KINDS if not (writes and LOST in kind)]
    wanted = [kind[turn % len(kind)] for kind in kinds]
    wanted += [names[(5 * turn + call) % len(names)] for call in reads[len(wanted) :]]
    places = reads or [call for call, _ in writes]
    return sorted(writes | {(places[number % len(places)], name) for number, name in enumerate(wanted)})


def break_it(world, call, fault):
    end = at_the_end_of(world)
    first, *then = end.faults[fault]
    world.sandbox.fault(path=end.api, skip=call, **{"times": 1, **first})
    for more in then:
        # The first rule that matches hits, so this one counts the calls after the first one's.
        world.sandbox.fault(path=end.api, skip=call, **more)
    if fault == "secret expired":
        world.sandbox.fault(path=end.token, kind="expired secret", **UNTIL_MENDED)


def mend(world):
    world.sandbox.clear_faults()
    SERVICES[world.connection.service].forget(world.connection.tenant_id)


def problems_after(world, verb, call, fault):
    # The soak makes more changes in a minute or two than Microsoft lets one application make.
    microsofts_quota._pacers.clear()
    Quota.delete().execute()
    employee = world.somebody()
    world.prepare(employee, verb)
    break_it(world, call, fault)
    world.sandbox.clear_requests()
    world.act(employee, verb)
    hit = any(rule["hits"] for rule in world.sandbox.faults())
    # A fresh account is asked for until it shows itself, which may take fewer calls than when they were counted.
    made = len(world.sandbox.requests(path=at_the_end_of(world).api))
    found = [] if hit or made <= call else ["the fault did not hit"]
    mend(world)
    operation = world.settle(employee)
    found += world.problems(employee)
    if operation is None or operation.state == State.FAILED or operation.verb != VERBS.get(verb, verb):
        world.act(employee, verb)
        operation = world.settle(employee)
        found += world.problems(employee)
    if operation.state != State.DONE:
        found.append(f"ends as {operation.state}: {operation.message}")
    return [f"{verb}, call {call + 1}, {fault}: {problem}" for problem in found]


# What a verb of the world is called in the portal, if not by its name.
VERBS = {
    "undo-leave": "undo leave", "free-licences": "free licences", "licences": "licence", "ahead": "create",
    "erase": "delete",
}  # fmt: skip


@pytest.mark.parametrize("verb", [verb for verb in BEFORE if verb != "unlink"])
def test_the_portal_and_the_tenant_agree_in_the_end(world, tables, caplog, record_property, monkeypatch, verb):
    agree_in_the_end(world, tables, caplog, record_property, monkeypatch, verb)


@pytest.mark.parametrize("verb", [verb for verb in BEFORE if verb != "unlink"] if SOAK else OF_GOOGLE)
def test_the_portal_and_google_agree_in_the_end(google_world, tables, caplog, record_property, monkeypatch, verb):
    agree_in_the_end(google_world, tables, caplog, record_property, monkeypatch, verb)


def agree_in_the_end(world, tables, caplog, record_property, monkeypatch, verb):
    # What a busy machine asks twice only moves the faults behind it on by one call.
    calls = calls_of(world, verb, times=2 if SOAK else 1)
    chosen = points(verb, calls, world.connection.service)
    # From here on a slow answer comes too late for the caller. Not before: a busy machine would be asked twice.
    monkeypatch.setattr(http, "TIMEOUT", SHORT)
    found = [problem for call, fault in chosen for problem in problems_after(world, verb, call, fault)]
    found += world.leaks(tables, caplog.text)
    assert not found, "\n".join(found)
    record_property("fault points", len(chosen))


def test_the_way_to_the_tenant_is_not_needed_to_unlink(world):
    employee = world.somebody()
    world.prepare(employee, "unlink")
    world.sandbox.fault(path=GRAPH, status=503, **UNTIL_MENDED)
    assert world.act(employee, "unlink").state == State.DONE
