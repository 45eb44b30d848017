"""Accounts are new for ten minutes, and what is remembered of them does not grow."""

import pytest

from portal.connectors import fresh
from portal.connectors.fresh import FRESH_FOR, Fresh


@pytest.fixture
def clock(monkeypatch):
    class Clock:
        moment = 0.0

        def monotonic(self):
            return self.moment

    clock = Clock()
    monkeypatch.setattr(fresh, "time", clock)
    return clock


def test_an_account_is_new_for_a_while_and_again_when_it_is_made_again(clock):
    new = Fresh("Harbour")
    new.add("first")
    clock.moment = FRESH_FOR / 2
    new.add("second")
    new.add("first")
    clock.moment = FRESH_FOR + 1
    new.add("third")
    assert [account in new for account in ("first", "second", "third", "other")] == [True, True, True, False]
    clock.moment = FRESH_FOR * 1.5
    assert [account in new for account in ("first", "second", "third")] == [False, False, True]


def test_those_that_are_old_are_forgotten_as_others_come(clock):
    new = Fresh("Harbour")
    for number in range(100):
        clock.moment += FRESH_FOR / 10
        new.add(str(number))
    assert len(new._until) <= 10
