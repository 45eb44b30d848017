"""All processes together keep the writes of one tenant below its quota."""

import multiprocessing

import pytest
from playhouse.test_utils import count_queries

from portal.config import settings
from portal.connectors import pace
from portal.connectors.pace import Pacer, Window
from portal.database import initialise
from portal.quotas import DatabaseLedger, Quota

MOST, SECONDS = 100, 60.0


def pacer(name="tenant a"):
    return Pacer(name, writes=Window(MOST, SECONDS), units=Window(10_000, 10.0))


def booked_until_refused(one) -> int:
    for number in range(MOST + 1):
        if one.reserve(writes=1) > 0:
            return number
    raise AssertionError("more than the quota was given")


def take_all(url, answers):
    initialise(url)
    pace.share(DatabaseLedger())
    answers.put(booked_until_refused(pacer()))


def test_several_processes_take_no_more_than_the_quota_together(app, tables):
    context, url = multiprocessing.get_context("spawn"), settings().database
    answers = context.Queue()
    processes = [context.Process(target=take_all, args=(url, answers), daemon=True) for _ in range(3)]
    for process in processes:
        process.start()
    taken = [answers.get(timeout=60) for _ in processes]
    for process in processes:
        process.join()
    assert sum(taken) <= MOST
    # What a process booked and did not use is a portion at most.
    assert sum(taken) >= MOST - 3 * pace.Supply.MOST


def test_one_process_alone_gets_all_of_it(app, tables):
    assert booked_until_refused(pacer()) == MOST
    assert booked_until_refused(pacer("tenant b")) == MOST


def test_what_was_taken_and_not_used_in_time_is_given_back(app, tables):
    moments = [0.0]
    one = Pacer("tenant a", writes=Window(MOST, SECONDS), units=Window(10_000, 10.0), clock=lambda: moments[0])
    used = [one.reserve(writes=1)]
    booked = sum(Quota.get().taken.values())
    moments[0] = pace.Supply.KEEPS
    used.append(one.reserve(writes=1))
    assert used == [0, 0]
    assert booked > 1
    # The first portion was used once; the second one is as large as the first and still good.
    assert sum(Quota.get().taken.values()) == 1 + booked


def test_those_who_make_many_leave_some_to_who_makes_a_few(app, tables):
    one, kept = Pacer("tenant a", writes=Window(MOST, SECONDS), units=Window(10_000, 10.0), kept=10), 10
    taken = sum(one.reserve(writes=1, many=True) == 0 for _ in range(MOST))
    assert taken == MOST - kept
    assert one.busy_for() > 0
    assert [one.reserve(writes=1) for _ in range(kept)] == [0.0] * kept
    assert one.reserve(writes=1) > 0
    # Another process finds the same.
    assert pacer().reserve(writes=1) > 0


def test_who_asks_beforehand_hears_when_there_is_room_for_all(app, tables):
    one = pacer()
    assert {one.reserve(writes=1, many=True) for _ in range(MOST - 10)} == {0.0}
    booked = Quota.get().taken
    assert one.busy_for(10) == 0
    # Of what is left one process may have booked some, which another one does not see.
    for asked in (one, pacer()):
        assert SECONDS - 5 < asked.busy_for(11) <= SECONDS + 1
        assert asked.busy_for(MOST + 1) == SECONDS
    assert Quota.get().taken == booked
    assert pacer("tenant b").busy_for(MOST) == 0


def test_who_asks_beforehand_is_told_of_a_closed_tenant(app, tables):
    first = pacer()
    for _ in range(2):
        first.heard(429, {"Retry-After": "30"})
    assert 25 < pacer().busy_for(5) <= 30


def test_a_database_that_cannot_be_read_keeps_nobody_from_beginning(app, tables):
    tables.execute_sql('ALTER TABLE "quota" RENAME TO "quota_gone"')
    try:
        assert pacer().busy_for(5) == 0
    finally:
        tables.execute_sql('ALTER TABLE "quota_gone" RENAME TO "quota"')


def test_nobody_asks_the_ledger_again_before_it_has_room(app, tables):
    one = pacer()
    booked_until_refused(one)
    with count_queries() as asked:
        assert one.reserve(writes=1) > 0
        assert one.busy_for() > 0
    assert asked.count == 0


def test_a_tenant_that_asked_one_process_to_wait_is_left_in_peace_by_the_others(app, tables):
    first, second = pacer(), pacer()
    for _ in range(2):
        first.heard(429, {"Retry-After": "30"})
    assert 25 < second.reserve(writes=1) <= 30


def test_a_tenant_that_answers_again_is_open_to_all_processes_at_once(app, tables):
    first, second = pacer(), pacer()
    for _ in range(2):
        first.heard(429, {"Retry-After": "99999999999999999999"})
    assert second.reserve(writes=1) > 0
    second.reopen()
    assert (second.reserve(writes=1), pacer().reserve(writes=1)) == (0, 0)


def test_quota_comes_back_when_its_time_is_over(app, tables):
    one = pacer()
    booked_until_refused(one)
    Quota.update(taken={"1": MOST}).execute()
    assert pacer().reserve(writes=1) == 0


def test_a_database_that_cannot_be_written_keeps_nobody_from_working(app, tables):
    tables.execute_sql('ALTER TABLE "quota" RENAME TO "quota_gone"')
    try:
        assert pacer().reserve(writes=1) == 0
    finally:
        tables.execute_sql('ALTER TABLE "quota_gone" RENAME TO "quota"')


@pytest.fixture(autouse=True)
def ledger_again():
    yield
    pace.share(DatabaseLedger())
