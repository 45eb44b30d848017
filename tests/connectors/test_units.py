"""Writes and resource units of Graph: as many as Microsoft's own count lets through, and no more."""

from bisect import bisect_left

import pytest

from portal.connectors import pace
from portal.connectors.microsoft365 import quota
from portal.connectors.microsoft365.quota import GraphPacer
from portal.connectors.pace import Bucket, Window
from portal.sandbox import buckets

MICROSOFT, SECONDS = 3_500, 10.0
WRITES, WRITE_SECONDS = 3_000, 150.0


@pytest.fixture(autouse=True)
def alone(monkeypatch):
    """The clock of these tests is their own, so they share no ledger, which an earlier test of the process may have."""
    monkeypatch.setattr(pace, "_ledger", None)


def test_a_run_takes_what_the_smallest_tenants_are_allowed_and_is_never_refused():
    moment, taken, least = [100.0], 0, float(MICROSOFT)
    pacer = GraphPacer(
        "units in tests", clock=lambda: moment[0], writes=Window(100_000, 1.0),
        units=Bucket(quota.UNITS, quota.UNIT_SECONDS),
    )  # fmt: skip
    theirs = buckets.Bucket(MICROSOFT, SECONDS, MICROSOFT, moment[0])
    while moment[0] < 160.0:
        if wait := pacer.reserve(units=2):
            moment[0] += wait
            continue
        theirs.fill(moment[0])
        theirs.level -= 2
        taken, least = taken + 2, min(least, theirs.level)
    assert least >= 0
    assert taken > 0.95 * (MICROSOFT + 60 * MICROSOFT / SECONDS)


def test_an_answer_that_cost_more_than_expected_counts_as_that():
    moment = [100.0]
    pacer = GraphPacer("units in tests", clock=lambda: moment[0], writes=Window(10, 1.0), units=Bucket(100, 10.0))
    assert pacer.reserve(units=1) == 0
    pacer.heard(200, {"x-ms-resource-unit": "100"}, units=1)
    assert 0 < pacer.busy_for() <= 0.2
    moment[0] += 0.2
    assert pacer.busy_for() == 0


def test_writes_that_arrive_late_after_a_pause_of_the_machine_are_refused_no_later_ones():
    moment, arrivals = [100.0], []
    pacer = GraphPacer(
        "writes in tests", clock=lambda: moment[0], units=Bucket(1_000_000, 1.0),
        writes=Window(quota.WRITES, quota.WRITE_SECONDS),
    )  # fmt: skip
    while moment[0] < 450.0:
        if wait := pacer.reserve(writes=1):
            moment[0] += wait
            continue
        # The machine is held up as the first ones are sent, and is quick later.
        arrivals.append(max(moment[0], 101.0))
        moment[0] += 0.001
    counted = [bisect_left(arrivals, at + WRITE_SECONDS) - number for number, at in enumerate(arrivals)]
    assert max(counted) <= WRITES
    assert len(arrivals) > 0.95 * WRITES * 350 / WRITE_SECONDS
