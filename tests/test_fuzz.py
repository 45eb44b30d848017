"""Whatever an attacker sends, nothing breaks, nothing of another organisation shows, and no link leads elsewhere.

The number of inputs is bounded here; `make fuzz` tries many more.
"""

import os
import re
from collections import Counter
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings

from portal.auth.models import AccessLevel, SignInFailure, User
from portal.careers import guard
from portal.database import database
from portal.organisations.models import Organisation
from portal.security import limiter
from tests.cast import CSRF_TOKEN, Person, account_of
from tests.fuzz.routes import NOT_QUITE, SCRIPT, TOKEN, Attack, attacks, flood, forms_of
from tests.provisioning.conftest import at, connect, impatient, tab  # noqa: F401
from tests.recruitment.conftest import opened

INPUTS = int(os.environ.get("FUZZ", "30"))
SECRET_NAME = "Geheimrat"
NAMES = [
    "q", "department", "status", "who", "sort", "page", "after", "before", "show", "verb", "state", "by", "waiting",
    "employee", "everybody", "ticked", "username", "domain", "licence_id", "remote_id", "send_immediately", "date",
    "time", "person", "field", "next", "shown", "state", "code", "error", "admin_consent", "tenant", "csrf_token",
    "connection", "action", "whom", "since", "until", "upload", "line", "control", "value", "days", "manager", "token",
    "ticked", "run", "of", "reason", "language",
    "app", "seen", "tick", "decision", "leavers", "left_on", "dates", "zeros", "encoding", "sheet",
    "account", "at_once", "confirmed_dates", "currency", "day", "find", "for", "hour", "kind", "name", "on",
    "second_manager", "to", "with_pass", "stage", "from_stage", "back", "vacancy", "ended", "application", "arrived",
    "do", "said", "words", "minutes", "zone", "other", "place", "online", "anyway",
    "answers", "as", "employee_number", "again", "moved", "template", "kept", "drop", "key",
]  # fmt: skip
READ = re.compile(
    r"""\b(?:args|values|form)\.get(?:list)?\("(\w+)"|params\.(?:number|line)\("(\w+)"|"(\w+)" in request"""
)
PAGES = (
    "/people/employees", "/people/employees/add", "/people/employees/import", "/settings/general", "/settings/users",
    "/settings/users/invite", "/settings/mail", "/settings/add-ons", "/settings/add-ons/microsoft-365",
    *(f"/settings/add-ons/microsoft-365/{tab}" for tab in ("licences", "usernames", "field-sync", "email")),
    "/provisioning", "/provisioning/runs", "/provisioning/runs/new", "/provisioning/matching",
    "/account", "/login", "/settings/audit-log",
    "/recruitment/vacancies", "/recruitment/vacancies/add", "/recruitment/candidates", "/settings/recruitment",
)  # fmt: skip
# What a visitor sees who is not signed in.
WORD = "night-nurse"
OUTSIDE = ("/login", f"/careers/acme/{WORD}", "/application")


@pytest.fixture
def zoe(cast, acme, alice, sandbox, mailbox, impatient, monkeypatch):  # noqa: F811
    """An employee of Acme whose name is for Acme only; Acme is connected, and has an account to change."""
    connect(sandbox, alice.user)
    monkeypatch.setattr(guard, "QUICKEST", timedelta())
    opened(acme, alice, "Night nurse", questions=[{"key": "q", "label": "When?", "kind": "text"}])
    zoe = cast.employee(acme, "Zoe", SECRET_NAME, id=424_242)
    alice.get(tab(zoe))
    alice.press("Action")
    alice.press("Create")
    assert account_of(zoe)
    return zoe


def forms_for(person, employee):
    pages = [*PAGES, tab(employee), f"/people/employees/{employee.id}", f"/people/employees/{employee.id}/edit"]
    pages += [f"{at(employee)}/{part}" for part in ("deactivate", "resend", "unlink", "link", "licences", "update")]
    pages.append(f"/people/employees/{employee.id}/erase")
    found = [form for url in pages for form in forms_of(person.client.get(url).get_data(as_text=True), url)]
    # Every page has the same forms around its own, to sign out for one.
    return list(dict.fromkeys(found))


class Siege:
    """Sends attacks as one person after the other, and says what was wrong with an answer."""

    def __init__(self, app, people):
        self.app, self.people, self.sent = app, people, Counter()
        self.tokens = {name: self._token(person) for name, person in people.items()}

    def problems(self, name: str, attack: Attack) -> list[str]:
        person = self.people[name]
        limiter.reset()
        data = attack.data
        if isinstance(data, str):
            data = data.replace(f"csrf_token={TOKEN}", f"csrf_token={self.tokens[name]}")
        elif isinstance(data, bytes):
            data = data.replace(TOKEN.encode(), self.tokens[name].encode(), 1)
        answer = person.client.open(
            attack.url, method=attack.method, data=data, content_type=attack.content_type, headers=attack.headers
        )
        self.sent[answer.status_code] += 1
        if not database.is_closed():
            database.close()
        database.connect()
        text = answer.get_data().decode("utf-8", "replace") if "Content-Encoding" not in answer.headers else ""
        found = self._judged(name, attack, answer, text)
        if attack.method == "POST" and answer.status_code < 400:
            self._bring_back(name, person)
        return [f"{name}: {attack}: {problem}" for problem in found]

    def _judged(self, name, attack, answer, text):
        found = []
        if answer.status_code == 500 or "Traceback (most recent" in text:
            found.append(f"{answer.status_code} {text[-300:]}")
        if name not in ("alice",) and SECRET_NAME in text:
            found.append("shows another organisation's employee")
        if SCRIPT in text and answer.mimetype == "text/html":
            found.append("repeats a script")
        if "Content-Security-Policy" not in answer.headers:
            found.append("has no policy")
        place = urlsplit(answer.headers.get("Location", answer.headers.get("HX-Redirect", "")))
        if place.netloc not in ("", "localhost") and not re.match(r"127\.0\.0\.1:\d+$", place.netloc):
            found.append(f"leads to {place.netloc}")
        return found

    def _token(self, person):
        return CSRF_TOKEN.search(person.client.get("/login" if person.user is None else "/account").text)[1]

    def _bring_back(self, name, person):
        """An attacker who signed out, or took away their own rights, continues all the same."""
        if person.user is None or person.client.get("/account").status_code == 200:
            return
        names = ("enabled", "access_level", "password_hash", "email", "encrypted_totp")
        User.update(**{name: getattr(person.user, name) for name in names}).where(User.id == person.user.id).execute()
        Organisation.update(admins_need_second_factor=False).execute()
        SignInFailure.delete().execute()
        person.client = self.app.test_client()
        person.come_in()
        self.tokens[name] = self._token(person)


@pytest.mark.parametrize("name", ["alice", "mallory", "stan", "bob", "nobody"])
def test_nothing_that_is_sent_breaks_or_shows_anything(app, tables, request, cast, zoe, alice, record_property, name):
    people = {"alice": alice, "nobody": Person(app)}
    if name not in people:
        people[name] = request.getfixturevalue(name) if name != "bob" else cast.person(
            cast.organisation("Initech"), "Boris", AccessLevel.MANAGER
        )  # fmt: skip
    addresses = [rule.rule for rule in app.url_map.iter_rules()]
    addresses = [re.sub(r"<(?:int|path):", "<", address) for address in addresses]
    siege, found = Siege(app, people), []
    forms = (
        forms_for(people[name], zoe)
        if name != "nobody"
        else [form for url in OUTSIDE for form in forms_of(people[name].client.get(url).text, url)]
    )

    @settings(
        max_examples=INPUTS, deadline=None, database=None, derandomize="FUZZ" not in os.environ,
        suppress_health_check=list(HealthCheck), report_multiple_bugs=False,
    )  # fmt: skip
    @given(attacks(addresses, forms, NAMES))
    def attacked(attack):
        found.extend(siege.problems(name, attack))

    attacked()
    assert not found, "\n".join(dict.fromkeys(found))
    record_property("inputs tried by fuzzing", siege.sent.total())


def test_every_parameter_that_is_read_is_attacked():
    sources = [path for path in Path("portal").rglob("*.py") if "sandbox" not in path.parts]
    found = {name for path in sources for names in READ.findall(path.read_text()) for name in names if name}
    forms_only = {"despite_brake", "email", "subject", "body", "started", "send_record", "local_part", "marker"}
    assert found - forms_only <= set(NAMES)


def test_no_number_day_or_cursor_in_an_address_breaks_a_page(app, alice, zoe):
    """Every page an Admin may open, with the same value for every parameter that any page knows.

    In the suite the values take turns, in `make fuzz` each page meets all of them.
    """
    rules = [rule for rule in app.url_map.iter_rules() if "GET" in rule.methods and rule.endpoint != "static"]
    addresses = [re.sub(r"<(?:int|path):", "<", rule.rule) for rule in rules]
    siege = Siege(app, {"alice": alice})
    found = [
        problem
        for number, address in enumerate(addresses)
        for value in (NOT_QUITE if "FUZZ" in os.environ else [NOT_QUITE[number % len(NOT_QUITE)]])
        for problem in siege.problems("alice", Attack("GET", flood(address, str(zoe.id), NAMES, value)))
    ]
    assert not found, "\n".join(found)
