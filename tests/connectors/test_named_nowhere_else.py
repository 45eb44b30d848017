"""Nothing outside an application's own package knows which application it talks to, or assumes its rules."""

import re

import pytest

from portal.places import TEMPLATES

ROOT = TEMPLATES.parent
# Its own package, its stand-in and the demo of it; migrations are history.
ITS_OWN = (
    "portal/connectors/google_workspace/",
    "portal/connectors/microsoft365/",
    "portal/sandbox/",
    "portal/demo/",
    "portal/migrations/",
    "templates/sandbox/",
)
NAMES = r"microsoft|m365|office.?365|\bgraph\b|\bentra\b|\bexchange online\b"
RULES = r"recycle bin|admin cent(?:re|er)|up to an hour|usage ?location|\b410\b|client-request-id|mailbox and files"
ALLOWED = {
    "portal/connectors/__init__.py": "the list of applications",
    "portal/connectors/capabilities.py": "the usual word for where deleted accounts are kept",
    "portal/tables/kinds.py": "the name of a file format",
    "portal/notifications/bodies.py": "how Teams wants a message: a channel, and no application that is connected",
    "portal/auth/passwords.py": "a word that is no password",
    "portal/scim_protocol/habits.py": "a client that pushes people, with habits of its own",
    "templates/macros/frame.html": "a link in the bar of the demo",
}


def files():
    for folder, ending in (("portal", "*.py"), ("templates", "*.html")):
        for path in sorted((ROOT / folder).rglob(ending)):
            name = path.relative_to(ROOT).as_posix()
            if not name.startswith(ITS_OWN):
                yield name, path.read_text(encoding="utf-8")


@pytest.mark.parametrize("pattern", [NAMES, RULES])
def test_only_its_own_package_names_an_application_or_its_rules(pattern):
    named = re.compile(pattern, re.IGNORECASE)
    found = {name: [line for line in text.splitlines() if named.search(line)] for name, text in files()}
    assert not {name: lines for name, lines in found.items() if lines and name not in ALLOWED}


def test_every_exception_is_still_needed():
    known = dict(files())
    assert [name for name in ALLOWED if not re.search(f"(?i){NAMES}|{RULES}", known[name])] == []


def test_nobody_asks_which_application_it_is():
    """A comparison with a service's key decides by name what capabilities should say."""
    asked = re.compile(r"""\b(?:service|service_key|service\.key) (?:==|!=|in|not in) \(?["']""")
    assert not {name: found for name, text in files() if (found := asked.findall(text))}
