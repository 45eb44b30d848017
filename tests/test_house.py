"""What holds the house: small rooms, one direction, and nothing that is only registered by accident."""

import grimp
import pytest

from portal import subjects
from tests import house

ROOMY = {"connectors", "auth"}
MOST = 12


def modules(room):
    """The modules of a room, without `__init__`."""
    return [path.stem for path in (house.PORTAL / room).glob("*.py") if path.stem != "__init__"]


@pytest.mark.parametrize("room", sorted(house.rooms() - ROOMY))
def test_a_room_has_at_most_twelve_modules(room):
    assert len(modules(room)) <= MOST


def test_only_users_and_connections_import_each_other():
    graph, pairs = grimp.build_graph("portal", cache_dir=None), set()
    for room in house.rooms():
        graph.squash_module(f"portal.{room}")
    for room in house.rooms():
        pairs |= {
            (room, used.removeprefix("portal.")) for used in graph.find_modules_directly_imported_by(f"portal.{room}")
        }
    both = {frozenset(pair) for pair in pairs if pair[::-1] in pairs and len(set(pair)) == 2}
    assert both <= {frozenset({"auth", "connections"})}


@pytest.mark.parametrize(("listed", "kind"), [(subjects.PAGES, "views"), (subjects.JOBS, "jobs")])
def test_every_module_of_pages_and_of_jobs_is_listed(listed, kind):
    paths = [path.relative_to(house.PORTAL) for path in house.PORTAL.rglob(f"*{kind}.py")]
    there = {".".join(path.with_suffix("").parts) for path in paths if path.parts[0] not in house.BESIDE}
    assert there <= set(listed)
