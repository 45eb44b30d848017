"""One worker at a time holds a row; what it lets go of, or dies with, is due again."""

from datetime import timedelta

import pytest
import time_machine

from portal.database import now
from portal.matching.models import Reading, ReadingState
from tests.provisioning.conftest import connection  # noqa: F401


@pytest.fixture
def rows(acme, connection):  # noqa: F811
    """The same row twice, as two workers have loaded it."""
    Reading.delete().execute()
    made = Reading.create(organisation=acme, connection=connection)
    return Reading.get_by_id(made.id), Reading.get_by_id(made.id)


def due() -> list[int]:
    return [row.id for row in Reading.due()]


def test_only_one_worker_takes_it_and_it_is_due_for_nobody_else(rows):
    mine, theirs = rows
    assert due() == [mine.id]
    assert mine.claim(accounts=3)
    assert not theirs.claim()
    assert due() == []
    assert Reading.get().accounts == 3


def test_it_is_held_and_let_go_with_what_was_found(rows):
    mine, _ = rows
    assert mine.claim()
    assert mine.hold(accounts=7)
    assert mine.release(state=ReadingState.READ)
    assert (Reading.get().state, Reading.get().accounts, Reading.get().lease_until) == ("read", 7, None)
    assert not mine.claim()


def test_a_worker_that_was_silent_for_too_long_has_lost_it_and_writes_nothing(rows):
    silent, other = rows
    assert silent.claim()
    with time_machine.travel(now() + Reading.LEASE + timedelta(seconds=1)):
        assert due() == [other.id]
        assert other.claim()
        assert not silent.hold(accounts=99)
        assert not silent.release(state=ReadingState.FAILED)
        assert not silent.hold_in_time()
    assert (Reading.get().state, Reading.get().accounts) == ("reading", 0)


def test_it_is_renewed_only_when_half_is_over(rows):
    mine, _ = rows
    mine.claim()
    until = mine.lease_until
    assert mine.hold_in_time()
    assert Reading.get().lease_until == until
    with time_machine.travel(now() + Reading.LEASE * 0.6):
        assert mine.hold_in_time()
    assert Reading.get().lease_until > until


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_that_jumps_an_hour_keeps_nobody_waiting_and_lets_no_two_hold_it(rows, hours):
    mine, theirs = rows
    assert mine.claim()
    with time_machine.travel(now() + timedelta(hours=hours)):
        assert due() == [mine.id]
        assert theirs.claim()
        assert not mine.hold_in_time()
        assert theirs.hold_in_time()
        assert due() == []


def test_clocks_that_differ_a_little_do_not_take_a_row_from_its_holder(rows):
    mine, theirs = rows
    assert mine.claim()
    with time_machine.travel(now() - timedelta(minutes=1)):
        assert not theirs.claim()
        assert mine.hold_in_time()
