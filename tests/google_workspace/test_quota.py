"""Google's quotas are kept by all processes together: each test has two pacers, as two processes have."""

import pytest

from portal.connectors.google_workspace import quota
from portal.connectors.google_workspace.quota import DirectoryPacer
from portal.connectors.pace import Pacer, Window

pytestmark = pytest.mark.usefixtures("tables")


def taken(*pacers, most: int = 10_000, units: int = 0) -> int:
    """How many calls they let through side by side before one has to wait."""
    for count in range(most):
        if any(pacer.reserve(writes=1, units=units) for pacer in pacers):
            return count * len(pacers)
    return most * len(pacers)


def test_a_connection_makes_no_more_calls_a_minute_than_google_allows():
    first, second = DirectoryPacer("C1"), DirectoryPacer("C1")
    assert 2_000 <= taken(first, second) <= 2_400
    assert second.reserve(writes=1, units=0) > 0
    assert DirectoryPacer("C2").reserve(writes=1, units=0) == 0


def test_runs_leave_room_for_a_single_press():
    pacer = DirectoryPacer("C1")
    while not pacer.reserve(writes=1, units=0, many=True):
        pass
    assert pacer.reserve(writes=1, units=0) == 0


def test_ten_accounts_a_second_are_made_in_one_company():
    first, second = DirectoryPacer("C1"), DirectoryPacer("C1")
    assert taken(first, second, units=1) <= 10
    assert first.reserve(writes=1, units=0) == 0


def test_licences_of_all_companies_share_one_call_a_second():
    another = Pacer(
        "google-workspace licensing",
        writes=Window(quota.LICENCE_CALLS, quota.LICENCE_SECONDS), units=Window(10_000, 1.0),
    )  # fmt: skip
    quota.LICENSING.reopen()
    while quota.LICENSING.reserve(writes=1, units=0):
        pass
    assert another.reserve(writes=1, units=0) > 0
