"""Every fault at every call of every verb: whatever happens, what the portal says is what the tenant holds.

Each verb meets here each fault, a fault at each of its calls, and a lost answer at each of its writes; `make soak` goes
through all pairs of call and fault.
"""

import os

import pytest

from portal.connectors import SERVICES, http
from portal.operations.models import State
from tests.provisioning.world import BEFORE, World

SOAK = "SOAK" in os.environ
GRAPH, TOKEN = "/v1.0/", "/oauth2/v2.0/token"
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
LOST = "answer lost, then nothing works"
SHORT = (1.0, 0.25)


@pytest.fixture
def world(app, alice, cast, connection, sandbox, mailbox, impatient):
    return World(app, alice, cast, connection, sandbox, mailbox)


def calls_of(world, verb):
    """The methods of the calls that the verb makes when nothing goes wrong, and nothing has to be asked twice."""
    return min((_calls_once(world, verb) for _ in range(2)), key=len)


def _calls_once(world, verb):
    employee = world.somebody()
    world.prepare(employee, verb)
    world.sandbox.clear_requests()
    assert world.act(employee, verb).state == State.DONE
    calls = [line.method for line in world.sandbox.requests(path=GRAPH)]
    assert not world.problems(employee)
    return calls


def points(calls):
    """(call, fault), all of them or those of the sample."""
    names = list(FAULTS)
    if SOAK:
        return [(call, fault) for call in range(len(calls)) for fault in names]
    some = {(number % len(calls), names[number % len(names)]) for number in range(max(len(calls), len(names)))}
    return sorted(some | {(call, LOST) for call, method in enumerate(calls) if method != "GET"})


def break_it(world, call, fault):
    first, *then = FAULTS[fault]
    world.sandbox.fault(path=GRAPH, skip=call, **{"times": 1, **first})
    for more in then:
        # The first rule that matches hits, so this one counts the calls after the first one's.
        world.sandbox.fault(path=GRAPH, skip=call, **more)
    if fault == "secret expired":
        world.sandbox.fault(path=TOKEN, kind="expired secret", **UNTIL_MENDED)


def mend(world):
    world.sandbox.clear_faults()
    SERVICES["microsoft-365"].forget(world.connection.tenant_id)


def problems_after(world, verb, call, fault):
    employee = world.somebody()
    world.prepare(employee, verb)
    break_it(world, call, fault)
    world.act(employee, verb)
    hit = any(rule["hits"] for rule in world.sandbox.faults())
    found = [] if hit else ["the fault did not hit"]
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


VERBS = {"licences": "licence"}


@pytest.mark.parametrize("verb", [verb for verb in BEFORE if verb != "unlink"])
def test_the_portal_and_the_tenant_agree_in_the_end(world, tables, caplog, record_property, monkeypatch, verb):
    chosen = points(calls_of(world, verb))
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
