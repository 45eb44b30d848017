"""Every setting, command, permission, action and room has a line in the docs, and every link leads somewhere."""

import re
from collections import Counter
from itertools import pairwise
from pathlib import Path
from pkgutil import resolve_name

import click
import grimp
import pytest
import yaml
from pydantic_settings import BaseSettings

from portal.access import Action
from portal.cli import main
from portal.connectors import SERVICES
from portal.connectors.google_workspace import scopes
from portal.feed_sources.base import SourceSettings
from portal.sandbox.rules.permissions import DECLARED
from tests import addresses, house

ROOT = Path(__file__).resolve().parents[1]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]


def text_of(name):
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def commands(group, path=("portal",)):
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield " ".join((*path, name))


def settings():
    """Every setting of the portal and of the applications that can be connected, as the environment has it."""
    kinds = [kind for kind in BaseSettings.__subclasses__() if kind.__module__.startswith("portal.")]
    assert SourceSettings in kinds
    assert len(kinds) > len(SERVICES)
    return sorted(f"{kind.model_config['env_prefix']}{name.upper()}" for kind in kinds for name in kind.model_fields)


@pytest.mark.parametrize("setting", settings())
def test_every_setting_has_a_line(setting):
    assert f"`{setting}`" in text_of("operating.md")


@pytest.mark.parametrize("command", sorted(commands(main)))
def test_every_command_has_a_line(command):
    assert f"`{command}" in text_of("operating.md")


@pytest.mark.parametrize("action", sorted(Action))
def test_every_action_has_a_line_in_the_table_of_access_levels(action):
    assert re.search(rf"^\| {re.escape(action)}\b", text_of("admin-guide.md"), re.MULTILINE)


def test_docs_connector_and_sandbox_name_the_same_permissions():
    needed = [permission.names[0] for permission in SERVICES["microsoft-365"].permissions]
    rows = re.findall(r"^\| ([\w-]+\.[\w.]+)", text_of("connecting-a-tenant.md"), re.MULTILINE)
    assert sorted(rows) == sorted(needed) == sorted(DECLARED)


def test_docs_and_connector_name_the_same_scopes():
    asked_for = [scope.rpartition("/")[2] for scope in scopes.ASKED_FOR if "/" in scope]
    rows = re.findall(r"^\| `([a-z.]+)` \|", text_of("connecting-google.md"), re.MULTILINE)
    assert sorted(rows) == sorted(asked_for)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_to_a_file_that_is_there(page):
    links = re.findall(r"\]\((?!https?:|mailto:|#)([^)#]+)", page.read_text(encoding="utf-8"))
    assert not [link for link in links if not (page.parent / link).exists()]


def test_every_address_is_named_with_who_may_call_it(app):
    assert addresses.PAGE.read_text(encoding="utf-8") == addresses.page(app), "run `make house`"


def requirements():
    """The identifiers that security.md has to answer."""
    lines = (ROOT / "tests" / "asvs.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def answers():
    """(identifier, verdict, words, tests) of each row of security.md."""
    rows = re.findall(r"^\| (V[\d.]+) \| ([^|]*) \| ([^|]*) \| ([^|]*) \|$", text_of("security.md"), re.MULTILINE)
    return [tuple(cell.strip() for cell in row) for row in rows]


def test_every_requirement_of_the_standard_is_answered_once():
    assert [identifier for identifier, *_ in answers()] == requirements()


def test_the_counts_are_those_of_the_rows():
    counts = Counter(verdict for _, verdict, *_ in answers())
    words = ("met", "in part", "not met", "by the operator", "not applicable")
    assert ", ".join(f"{counts[verdict]} {verdict}" for verdict in words) in text_of("security.md")


def test_every_answer_has_a_verdict_and_words_and_names_tests_that_exist():
    verdicts = {"met", "in part", "not met", "by the operator", "not applicable"}
    for identifier, verdict, words, tests in answers():
        assert verdict in verdicts, identifier
        assert words, identifier
        for name in re.findall(r"`([^`]+)`", tests):
            assert (ROOT / "tests" / name).is_file(), (identifier, name)


def test_every_room_is_in_the_import_rule_once_and_says_what_it_is():
    held = [room for storey in house.storeys() for room in storey.rooms]
    assert sorted(held) == sorted(house.rooms())
    assert not [room for room in held if not house.sentence(room).endswith(".")]


@pytest.mark.parametrize("path", house.pages(), ids=lambda path: path.name)
def test_readme_and_picture_show_the_rooms_as_the_import_rule_has_them(path):
    assert path.read_text(encoding="utf-8") == house.pages()[path], "run `make house`"


def test_the_picture_of_a_create_follows_the_imports():
    imports, way = grimp.build_graph("portal", cache_dir=None), []
    for hop in house.CREATE:
        called = resolve_name(f"portal.{hop.name}")
        way[hop.depth :] = [called.__module__]
        caller = way[hop.depth - 1] if hop.depth else "portal.subjects"
        direct = called.__module__ in imports.find_modules_directly_imported_by(caller) or caller == called.__module__
        assert hop.depth == 0 or direct != hop.handed, hop.name


def glossary():
    """(words that people read, name in the code, meaning) of each row of the glossary."""
    rows = re.findall(r"^\| (.+?) \| `(.+?)` \| (.+?) \|$", text_of("glossary.md"), re.MULTILINE)
    return [([word for word in said.split(", ") if word != "–"], name, meaning) for said, name, meaning in rows]


def test_the_glossary_names_what_is_in_the_code_and_explains_each_word_once():
    for _, name, meaning in glossary():
        resolve_name(f"portal.{name}")
        assert meaning.endswith("."), name
    words = [word for said, *_ in glossary() for word in said]
    assert len(words) == len(set(words)) > 40


def test_a_bold_word_of_the_glossary_is_on_a_page():
    sources = [*(ROOT / "templates").rglob("*.html"), *(ROOT / "portal").rglob("*.py")]
    pages = "\n".join(source.read_text(encoding="utf-8") for source in sources)
    bold = [word.strip("*") for said, *_ in glossary() for word in said if word.startswith("**")]
    assert bold
    assert [word for word in bold if f">{word}<" not in pages and f'"{word}"' not in pages] == []


def test_every_design_note_has_the_next_number_and_a_day():
    lines = [line for line in text_of("design-notes.md").splitlines() if line.startswith(("## ", "**"))]
    headings, notes = lines[::2], lines[1::2]
    assert [heading.split(" · ")[0] for heading in headings] == [f"## {number + 1}" for number in range(len(notes))]
    assert all(re.search(r" · \d{1,2} [A-Z][a-z]+ 20\d\d$", heading) for heading in headings)


def test_the_index_of_the_site_leads_to_every_page():
    listed = re.findall(r"^[\w./-]+$", text_of("index.md"), re.MULTILINE)
    pages = {path for path in PAGES if path.name != "index.md"}
    assert {(ROOT / "docs" / f"{name}.md").resolve() for name in listed} == pages
    assert len(listed) == len(pages)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_heading_skips_a_level(page):
    prose = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    levels = [len(marks) for marks in re.findall(r"^(#+) ", prose, re.MULTILINE)]
    assert levels[0] == 1
    assert all(deeper - level <= 1 for level, deeper in pairwise(levels))


def test_the_hooks_before_a_commit_run_the_quick_checks():
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"][0]["hooks"]
    recipe = (ROOT / "Makefile").read_text(encoding="utf-8").partition("\ncheck:")[2].partition("\n\n")[0]
    commands = [line.replace("$(BIN)", ".venv/bin") for line in recipe.split("\n\t")[1:]]
    assert [hook["entry"] for hook in hooks] == [command for command in commands if "pytest" not in command]
