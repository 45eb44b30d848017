"""Who has waited longest for the lock gets it next."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from portal.fair_lock import FairLock
from tests.provisioning.test_killed import eventually


def test_it_goes_to_who_has_waited_longest_and_not_to_who_comes_at_the_right_moment():
    lock, order = FairLock(), []

    def take(name, times):
        for _ in range(times):
            assert lock.acquire(timeout=10)
            order.append(name)
            lock.release()

    assert lock.acquire(timeout=0)
    with ThreadPoolExecutor(3) as pool:
        works = []
        for number, (name, times) in enumerate([("greedy", 50), ("first", 1), ("second", 1)]):
            works.append(pool.submit(take, name, times))
            eventually(lambda number=number: len(lock._queue) == number + 1)
        lock.release()
        for work in works:
            work.result()
    assert order[:4] == ["greedy", "first", "second", "greedy"]


def test_its_holder_may_take_it_again_and_others_wait_until_the_last_release():
    lock = FairLock()
    with ThreadPoolExecutor(1) as pool:
        assert lock.acquire(timeout=0)
        assert lock.acquire(timeout=0)
        lock.release()
        assert not pool.submit(lock.acquire, timeout=0).result()
        lock.release()
        assert pool.submit(lock.acquire, timeout=0).result()


def test_who_gave_up_waiting_holds_up_nobody():
    lock = FairLock()
    assert lock.acquire(timeout=0)
    with ThreadPoolExecutor(2) as pool:
        assert not pool.submit(lock.acquire, timeout=0.01).result()
        next_one = pool.submit(lock.acquire, timeout=10)
        eventually(lambda: lock._queue)
        lock.release()
        assert next_one.result()


@pytest.mark.parametrize("seconds", [0.0, 0.0005])
def test_only_one_holds_it_at_a_time_however_short_they_wait(seconds):
    lock, held, most = FairLock(), [], []

    def take(_):
        if lock.acquire(timeout=seconds):
            held.append(threading.get_ident())
            most.append(len(held))
            held.pop()
            lock.release()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(take, range(2_000)))
    assert set(most) == {1}
    assert lock.acquire(timeout=0)
