"""What holds the house: small rooms, one direction, and nothing that is only registered by accident."""

import ast

import grimp
import pytest

from portal import subjects
from portal.operations import registry
from portal.operations.requests import Verb
from portal.organisations.plans import Feature
from tests import house

ROOMY = {"connectors", "auth"}
MOST = 12
# Verbs and features by these names would be known by name.
LISTS = {"Verb", "Feature", "VERBS"}


def modules(room):
    """The modules of a room, without `__init__`."""
    return [path.stem for path in (house.PORTAL / room).glob("*.py") if path.stem != "__init__"]


def test_a_room_has_at_most_twelve_modules():
    sizes = {room: len(modules(room)) for room in house.rooms() - ROOMY}
    assert not {room: size for room, size in sizes.items() if size > MOST}


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


@pytest.fixture(scope="module")
def trees():
    """Every module of the portal, by its path, as it is written."""
    paths = [path for path in house.PORTAL.rglob("*.py") if "migrations" not in path.parts]
    return {str(path.relative_to(house.PORTAL)): ast.parse(path.read_text()) for path in paths}


def is_private(name):
    return name.startswith("_") and not name.startswith("__")


def test_no_module_takes_a_private_name_of_another(trees):
    taken = {path: names for path, tree in trees.items() if (names := private_names_taken(tree))}
    assert not taken


def private_names_taken(tree):
    nodes = list(ast.walk(tree))
    imports = [node for node in nodes if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("portal")]
    taken = [alias for node in imports for alias in node.names]
    modules = {alias.asname or alias.name for alias in taken if alias.name.islower()}
    used = [node for node in nodes if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)]
    names = [alias.name for alias in taken] + [node.attr for node in used if node.value.id in modules]
    return [name for name in names if is_private(name)]


def test_what_an_operation_was_asked_for_is_read_and_written_by_its_row_alone(trees):
    nodes = [(path, node) for path, tree in trees.items() for node in ast.walk(tree)]
    read = {path for path, node in nodes if isinstance(node, ast.Attribute) and node.attr == "requested"}
    given = {path for path, node in nodes if isinstance(node, ast.keyword) and node.arg == "requested"}
    # Erasing an employee wipes it.
    assert read | given <= {"operations/models.py", "erasure/mentions.py", "erasure/erasing.py"}
    templates = (house.ROOT / "templates").rglob("*.html")
    assert not [path for path in templates if ".requested" in path.read_text()]


def constants(tree):
    """The texts of a module, without its documentation."""
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in told}


def test_the_engine_names_no_verb_no_step_and_no_feature_of_a_plan(trees):
    subjects._modules(subjects.VERBS)
    named = {*Verb} | {step.name for plan in registry._verbs.values() for step in plan.steps}
    named |= {*Feature}
    for path, tree in trees.items():
        if path.startswith("operations/") and path != "operations/requests.py":
            assert not constants(tree) & named, path
            read = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
            of_lists = [node.attr for node in read if isinstance(node.value, ast.Name) and node.value.id in LISTS]
            assert not of_lists, path
