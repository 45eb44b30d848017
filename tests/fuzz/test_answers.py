"""Whatever Microsoft 365 answers: no page fails, the worker goes on, and every operation ends in a state with words."""

import pytest
from flask import got_request_exception

from portal.accounts.models import Account
from portal.connectors import SERVICES
from portal.connectors.errors import ConnectorError
from portal.connectors.microsoft365 import quota
from portal.connectors.microsoft365.fresh import FRESH
from portal.connectors.microsoft365.settings import settings
from portal.operations.models import State
from portal.sync import tenant as sync
from tests.connectors.conftest import leads_to, stubborn  # noqa: F401
from tests.connectors.stubborn import always
from tests.connectors.test_malformed_answers import GOOD, READS, WRITES, ask  # noqa: F401
from tests.fuzz import answers
from tests.fuzz.seeds import variants
from tests.provisioning.conftest import connection, impatient, tab  # noqa: F401
from tests.provisioning.test_fault_points import VERBS
from tests.provisioning.worker import LONG_AGO, carry_on
from tests.provisioning.world import BEFORE, World

PAGES = ("/settings/add-ons/microsoft-365", "/provisioning", "/provisioning/matching")
PARTS = ("", "/link", "/licences", "/update", "/deactivate")


@pytest.mark.parametrize("call", READS | WRITES)
def test_whatever_is_answered_a_call_ends_in_an_error_with_words_or_well(ask, call, record_property):  # noqa: F811
    body, count = always(GOOD.get(call, {"value": []})), 0
    _, _, good = next(body(b"")).partition(b"\r\n\r\n")
    for count, (seed, rng) in enumerate(variants(6, share=0.02), 1):  # noqa: B007
        whole = answers.spoilt(rng, "200 OK", good)
        try:
            error = ask((READS | WRITES)[call], lambda _, whole=whole: iter([whole]))
        except Exception as problem:
            raise AssertionError(f"FUZZ_SEED={seed}: {whole[:500]!r}") from problem
        assert error is None or str(error), (seed, whole[:500])
    record_property("answers tried by fuzzing", count)


class Trouble:
    """Alice works while some of what the tenant answers is rubbish; afterwards it is not."""

    def __init__(self, world, garbler, forget):
        self.world, self.garbler, self.forget, self.errors = world, garbler, forget, []
        got_request_exception.connect(self._failed, world.app)

    def _failed(self, _app, exception, **_):
        self.errors.append(f"a page failed with {type(exception).__name__}: {exception}"[:300])

    def problems(self, rng) -> list[str]:
        """What was wrong with what became of one verb."""
        self.errors.clear()
        verb, employee = rng.choice([verb for verb in BEFORE if verb != "unlink"]), self.world.somebody()
        self.world.prepare(employee, verb)
        self.garbler.rng, self.garbler.share = rng, rng.choice((0.1, 0.3, 1.0))
        self.world.act(employee, verb)
        for _ in range(rng.randrange(3)):
            if (operation := self.world.latest(employee)) and operation.is_open:
                carry_on(operation)
        self._look_around(rng, employee)
        self.garbler.share = 0.0
        self._read_the_tenant(employee)
        operation = self.world.settle(employee)
        found = [*self.errors, *self.world.problems(employee)]
        if operation is None or operation.state == State.FAILED or operation.verb != VERBS.get(verb, verb):
            self.world.act(employee, verb)
            operation = self.world.settle(employee)
            found += self.world.problems(employee)
        found += [] if operation.state == State.DONE else [f"ends as {operation.state}: {operation.message}"]
        return [f"{verb}: {problem}" for problem in found]

    def _look_around(self, rng, employee):
        """Read everything by delta, and open pages that ask the tenant."""
        self._read_the_tenant(employee)
        part = rng.choice(PARTS)
        for page in (f"{tab(employee)}{part}", rng.choice(PAGES)):
            status = self.world.alice.get(page).status
            if status >= 500 and status != 503:
                self.errors.append(f"{status} at {page}")

    def _read_the_tenant(self, employee):
        self.forget()
        Account.update(read_at=LONG_AGO).where(Account.employee == employee, Account.read_at.is_null(False)).execute()
        try:
            sync.sync_changes(self.world.connection, despite_brake=True)
        except ConnectorError as error:
            if self.garbler.share == 0:
                self.errors.append(f"the tenant cannot be read: {error}")


@pytest.fixture
def trouble(app, alice, cast, connection, sandbox, mailbox, impatient, leads_to):  # noqa: F811
    world = World(app, alice, cast, connection, sandbox, mailbox)
    garbler = answers.Garbler(settings().graph)
    leads_to(graph=garbler.url)

    def forget():
        quota._pacers.clear()
        FRESH.clear()
        SERVICES["microsoft-365"].forget(connection.tenant_id)

    yield Trouble(world, garbler, forget)
    garbler.stop()


def test_every_operation_ends_in_words_and_agrees_with_the_tenant(trouble, tables, caplog, record_property):
    found, count = [], 0
    for count, (seed, rng) in enumerate(variants(3, share=0.02), 1):  # noqa: B007
        found += [f"FUZZ_SEED={seed}: {problem}" for problem in trouble.problems(rng)]
    found += trouble.world.leaks(tables, caplog.text)
    assert not found, "\n".join(found)
    assert trouble.garbler.spoilt
    record_property("verbs tried with spoilt answers", count)
