"""One worker at a time holds a row; what it lets go of, or dies with, is due again."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from portal.accounts.models import Account
from portal.database import now
from portal.hand_over import delivery
from portal.hand_over.models import LoginMail, MailState
from portal.imports.uploads import Import, ImportState
from portal.leases import Leased
from portal.matching.models import Reading, ReadingState
from portal.operations import engine
from portal.operations.models import Operation, State
from portal.runs import jobs as runs
from portal.runs.models import Run, RunState
from tests.provisioning.conftest import connection, wei  # noqa: F401

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Case:
    """What a worker can hold. make: such a row. note: a field for a few words. ended: its state when all is done."""

    model: type[Leased]
    make: Callable[..., Any]
    due: Callable[[], Any]
    ended: str
    note: str = "problem"
    claimed: dict[str, Any] = field(default_factory=dict)


def operation(organisation, connection, employee, **_):  # noqa: F811
    return Operation.create(
        organisation=organisation, connection=connection, employee=employee, verb="create", not_before=LONG_AGO
    )


def mail(organisation, connection, employee, **_):  # noqa: F811
    account = Account.create(
        organisation=organisation, employee=employee, connection=connection, enabled=True,
        username="wei@acme.example", remote_id="7",
    )  # fmt: skip
    about = operation(organisation, connection, employee)
    return LoginMail.create(
        organisation=organisation, account=account, operation=about, recipient="wei@home.example", send_at=LONG_AGO
    )


def run(organisation, connection, **_):  # noqa: F811
    return Run.create(organisation=organisation, connection=connection, verb="create", state=RunState.RUNNING)


def reading(organisation, connection, **_):  # noqa: F811
    Reading.delete().execute()
    return Reading.create(organisation=organisation, connection=connection)


def upload(organisation, user, **_):
    return Import.create(organisation=organisation, by=user)


CASES = (
    Case(Operation, operation, engine.due, State.DONE, "message", {"state": State.RUNNING}),
    Case(Run, run, runs.due, RunState.DONE, "source"),
    Case(Reading, reading, Reading.due, ReadingState.READ),
    Case(Import, upload, Import.due, ImportState.READ),
    Case(LoginMail, mail, delivery.due, MailState.SENT),
)


@dataclass
class Worker:
    """A worker with the row as it was read when the worker came."""

    case: Case
    row: Any

    def claims(self) -> bool:
        return self.row.claim(**self.case.claimed)

    def notes(self, words: str) -> bool:
        return self.row.hold(**{self.case.note: words})

    def ends(self) -> bool:
        return self.row.release(state=self.case.ended)


class Held:
    """The row of a case, and the workers who come to it."""

    def __init__(self, case: Case, row: Any):
        self.case, self.number = case, row.id

    def worker(self) -> Worker:
        return Worker(self.case, self.now())

    def now(self) -> Any:
        return self.case.model.get_by_id(self.number)

    @property
    def noted(self) -> str:
        return getattr(self.now(), self.case.note)

    @property
    def is_due(self) -> bool:
        return self.number in [row.id for row in self.case.due()]


@pytest.fixture(params=CASES, ids=lambda case: case.model.__name__)
def held(request, acme, alice, connection, wei):  # noqa: F811
    case: Case = request.param
    return Held(case, case.make(organisation=acme, connection=connection, employee=wei, user=alice.user))


def test_only_one_worker_takes_it_and_it_is_due_for_nobody_else(held):
    mine, theirs = held.worker(), held.worker()
    assert held.is_due
    assert mine.claims()
    assert not theirs.claims()
    assert not held.is_due


def test_a_worker_holds_it_and_lets_go_with_what_was_found(held):
    mine, late = held.worker(), held.worker()
    assert mine.claims()
    assert mine.notes("half of it")
    assert held.noted == "half of it"
    assert mine.ends()
    assert (held.now().state, held.now().lease_until) == (held.case.ended, None)
    assert not late.claims()


def test_what_was_let_go_is_free_for_the_next(held):
    mine = held.worker()
    assert mine.claims()
    assert mine.row.release()
    assert held.is_due
    assert held.worker().claims()


def test_nobody_holds_or_ends_what_another_has_taken(held):
    early = held.worker()
    assert not early.notes("nobody has taken it")
    assert held.worker().claims()
    late = held.worker()
    for other in (early, late):
        assert not other.notes("mine")
        assert not other.row.release()
        assert not other.ends()
    assert (held.noted, held.is_due) == ("", False)


def test_a_worker_that_was_silent_for_too_long_has_lost_it_and_writes_nothing(held):
    silent, other = held.worker(), held.worker()
    assert silent.claims()
    with time_machine.travel(now() + held.case.model.lease() + timedelta(seconds=1)):
        assert held.is_due
        assert other.claims()
        assert not silent.notes("still here")
        assert not silent.ends()
        assert not silent.row.hold_in_time()
    assert (held.noted, held.now().state) == ("", other.row.state)


def test_it_is_renewed_only_when_half_is_over(held):
    mine = held.worker()
    mine.claims()
    until = held.now().lease_until
    assert mine.row.hold_in_time()
    assert held.now().lease_until == until
    with time_machine.travel(now() + held.case.model.lease() * 0.6):
        assert mine.row.hold_in_time()
    assert held.now().lease_until > until


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_that_jumps_an_hour_keeps_nobody_waiting_and_lets_no_two_hold_it(held, hours):
    mine = held.worker()
    assert mine.claims()
    with time_machine.travel(now() + timedelta(hours=hours)):
        assert held.is_due
        theirs = held.worker()
        assert theirs.claims()
        assert not mine.row.hold_in_time()
        assert theirs.row.hold_in_time()
        assert not held.is_due


def test_clocks_that_differ_a_little_do_not_take_a_row_from_its_holder(held):
    mine, theirs = held.worker(), held.worker()
    assert mine.claims()
    with time_machine.travel(now() - timedelta(minutes=1)):
        assert not theirs.claims()
        assert mine.row.hold_in_time()
