"""The next page of a tenant's changes is asked for while the present one is compared."""

import threading

import pytest

from portal.sync.ahead import read_ahead


def test_the_next_part_is_asked_for_while_one_is_worked_on(tables):
    asked = threading.Event()

    def parts():
        yield 1
        asked.set()
        yield 2

    found = []
    for part in read_ahead(parts()):
        assert asked.wait(10)
        found.append(part)
    assert found == [1, 2]


def test_what_goes_wrong_with_a_part_is_raised_once_the_one_before_is_done(tables):
    def parts():
        yield 1
        raise LookupError("no second part")

    found = []
    with pytest.raises(LookupError, match="no second part"):
        found.extend(read_ahead(parts()))
    assert found == [1]
