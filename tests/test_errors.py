"""Whatever goes wrong, a page that a person understands, and nothing lost."""

import os
import sqlite3
from types import SimpleNamespace

import pyotp
import pytest
from bs4 import BeautifulSoup
from peewee import IntegrityError, OperationalError

from portal import vault
from portal.auth.models import AccessLevel, Session, User
from portal.config import settings
from portal.database import SQLITE_PRAGMAS, database, is_sqlite, takes_nothing, transaction
from portal.organisations.models import Organisation
from portal.people.models import Employee
from tests.cast import PASSWORD, Person
from tests.provisioning.conftest import at, connect, tab


def test_a_wrong_address_is_a_page_with_a_way_on(alice):
    page = alice.get("/no/such/page")
    assert page.status == 404
    assert "Page not found" in page.text
    assert page.headers["X-Request-Id"] in page.text


def test_a_wrong_address_asked_in_place_says_so_in_the_notice(alice):
    page = alice.get("/people/employees/1/nothing", fragment=True)
    assert page.headers["HX-Retarget"] == "#notice"
    assert "Page not found" in page.text


@pytest.mark.parametrize("other_is_connected", [True, False])
def test_what_is_not_connected_is_named_and_who_may_is_led_there(alice, cast, acme, sandbox, other_is_connected):
    if other_is_connected:
        connect(sandbox, alice.user)
    address = f"/people/employees/{cast.employee(acme).id}/account-provisioning/google-workspace/create"
    page = alice.get(address)
    assert page.status == 409
    assert "Your organisation is not connected to Google Workspace." in page.text
    assert page.soup.find("a", string="Open Add-ons")["href"] == "/settings/add-ons"
    assert "Open Add-ons" in alice.get(address, fragment=True).text
    page = cast.person(acme, "Hugo", AccessLevel.HR).get(address)
    assert "Ask an Admin of your organisation to connect it." in page.text
    assert page.soup.find("a", string="Open Add-ons") is None


def test_a_form_that_was_open_too_long_keeps_what_was_typed(alice, cast, acme, sandbox, mailbox):
    connect(sandbox, alice.user)
    wei = cast.employee(acme, "Wei", "Zhang")
    alice.get(tab(wei))
    alice.press("Action")
    kept = alice.page
    alice.client.post("/logout", data={"csrf_token": token_of(kept)})
    alice.sign_in()
    alice.page, alice.htmx = kept, False
    page = alice.press("Create", {"Username": "another.name"})
    assert page.status == 400
    assert "open for too long" in page.text


def test_a_form_sent_after_the_session_ended_keeps_what_was_typed_until_one_is_signed_in_again(alice, cast, acme):
    wei = cast.employee(acme, "Wei", "Zhang")
    address, entered = f"/people/employees/{wei.id}/edit", {"first_name": "Wei", "last_name": "Žhang", "version": "1"}
    form = alice.get(address).soup.find("button", string="Save").find_parent("form")
    entered |= {field["name"]: field.get("value", "") for field in form.select("input[type=hidden]")}
    entered |= {"employee_number": wei.employee_number, "start_date": ""}
    alice.client.post("/logout", data={"csrf_token": token_of(alice.page)})
    origin = {"Origin": "http://localhost"}
    answer = alice.client.post(address, data=entered, headers=origin)
    assert (answer.status_code, "You are signed out" in answer.text) == (401, True)
    alice.sign_in()
    form = BeautifulSoup(answer.text, "html.parser").find("button", string="Send it again").find_parent("form")
    again = {field["name"]: field["value"] for field in form.find_all("input")}
    assert alice.client.post(form["action"], data=again, headers=origin).status_code == 303
    assert Employee.get_by_id(wei.id).last_name == "Žhang"


def open_form_when_the_session_ends(person, employee) -> dict[str, str]:
    """What the browser would send for a form in which another last name was typed."""
    form = person.get(f"/people/employees/{employee.id}/edit").soup.find("button", string="Save").find_parent("form")
    hidden = {field["name"]: field.get("value", "") for field in form.select("input[type=hidden]")}
    Session.delete().execute()
    return {**hidden, "first_name": "Wei", "last_name": "Žhang", "employee_number": employee.employee_number}


@pytest.mark.parametrize("second_factor", [False, True])
def test_a_form_that_was_open_when_the_session_ended_is_sent_by_one_press_once_signed_in(
    alice, cast, acme, second_factor
):
    if second_factor:
        seed = vault.encrypt(pyotp.random_base32())
        User.update(encrypted_totp=seed).where(User.id == alice.user.id).execute()
    wei = cast.employee(acme, "Wei", "Zhang")
    entered = open_form_when_the_session_ends(alice, wei)
    alice.sign_in()
    if second_factor:
        alice.press("Sign in", {"Code": pyotp.TOTP(vault.decrypt(seed)).now()})
    answer = alice.client.post(f"/people/employees/{wei.id}/edit", data=entered)
    assert answer.status_code == 303
    assert Employee.get_by_id(wei.id).last_name == "Žhang"


def test_a_form_that_another_user_left_open_is_not_sent_without_a_question(alice, cast, acme):
    wei = cast.employee(acme, "Wei", "Zhang")
    other = cast.person(acme, "Hugo", AccessLevel.HR)
    entered = open_form_when_the_session_ends(alice, wei)
    alice.sign_in(other.user.email)
    answer = alice.client.post(f"/people/employees/{wei.id}/edit", data=entered, headers={"Origin": "http://localhost"})
    assert (answer.status_code, "Send it again" in answer.text) == (400, True)
    assert Employee.get_by_id(wei.id).last_name == "Zhang"


def test_after_the_session_ended_no_password_and_no_other_sites_form_comes_back(alice):
    nobody = Person(alice.app).client
    own, other = ({"Origin": origin} for origin in ("http://localhost", "https://evil.example"))
    answer = nobody.post("/account/password", data={"current": "S3cret", "password": "S3cret"}, headers=own)
    assert (answer.status_code, "S3cret" in answer.text) == (401, False)
    assert nobody.post("/people/employees/add", data={"first_name": "x"}, headers=other).status_code == 302


def token_of(page):
    return page.soup.find("input", attrs={"name": "csrf_token"})["value"]


def test_what_was_typed_is_sent_again_with_a_fresh_token(alice, cast, acme, sandbox, mailbox):
    connect(sandbox, alice.user)
    wei = cast.employee(acme, "Wei", "Zhang")
    values = {"username": "another.name", "domain": "acme.example", "send_immediately": "y", "csrf_token": "old"}
    answer = alice.client.post(f"{at(wei)}/create", data=values, headers={"Origin": "http://localhost"})
    soup = BeautifulSoup(answer.text, "html.parser")
    form = soup.find("button", string="Send it again").find_parent("form")
    again = {field["name"]: field["value"] for field in form.find_all("input")}
    assert again["username"] == "another.name"
    answer = alice.client.post(form["action"], data=again)
    assert answer.status_code == 303
    assert sandbox.user("another.name@acme.example") is not None


WITH_SECRETS = {
    "/login": {"email": "a@b.example", "password": "S3cret"},
    "/login/code": {"code": "S3cret"},
    "/account/password": {"current": "S3cret", "password": "S3cret", "again": "S3cret", "username": "alice"},
    "/account/check": {"password": "S3cret", "next": "/account"},
    "/account/second-factor": {"code": "S3cret"},
    "/set-password": {"password": "S3cret", "again": "S3cret"},
    "/set-password?x": {"again": "S3cret"},
}


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize("address", WITH_SECRETS)
def test_nothing_of_a_form_with_a_secret_comes_back(alice, address, htmx):
    headers = {"Origin": "http://localhost", "Referer": f"http://localhost{address}"} | (
        {"HX-Request": "true"} if htmx else {}
    )
    answer = alice.client.post(address, data={**WITH_SECRETS[address], "csrf_token": "old"}, headers=headers)
    assert answer.status_code == 400
    assert "S3cret" not in answer.text
    soup = BeautifulSoup(answer.text, "html.parser")
    assert soup.find("a", string="Open the page again")["href"] == address
    assert not soup.select("[role=alert] input")


def test_another_sites_form_is_never_offered_to_be_sent_again(alice, cast, acme):
    wei = cast.employee(acme, "Wei", "Zhang")
    answer = alice.client.post(f"{at(wei)}/create", data={"username": "x"}, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 400
    assert "Send it again" not in BeautifulSoup(answer.text, "html.parser").body.text


def test_a_press_after_signing_out_elsewhere_changes_nothing_and_says_so(alice, cast, acme):
    wei = cast.employee(acme, "Wei", "Zhang")
    alice.get(tab(wei))
    nobody = Person(alice.app)
    answer = nobody.client.post(f"{at(wei)}/create", headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert "You are signed out" in answer.text
    link = BeautifulSoup(answer.text, "html.parser").find("a", string="Sign in")
    assert (link["href"], link["target"]) == ("/login", "_blank")


def test_a_tenant_that_does_not_answer_leaves_the_page_useful(alice, cast, acme, sandbox, mailbox):
    connect(sandbox, alice.user)
    wei = cast.employee(acme, "Wei", "Zhang")
    alice.get(tab(wei))
    alice.press("Action")
    alice.press("Create")
    sandbox.fault(method="GET", path="/v1.0/", status=503, times=None, retry_after=30)
    page = alice.get(tab(wei))
    assert page.status == 200
    assert "Active" in page.text
    assert "can’t be reached" in page.text


def test_a_tenant_that_does_not_answer_is_said_when_the_switch_is_pressed(alice, cast, acme, sandbox):
    connect(sandbox, alice.user)
    wei = cast.employee(acme, "Wei", "Zhang")
    sandbox.fault(method="GET", path="/v1.0/", status=503, times=None, retry_after=30)
    alice.get(tab(wei))
    page = alice.press("Action")
    assert "is not answering" in page.text
    assert "503" in page.text


@pytest.fixture
def locked():
    """Another process holds what an employee's record is saved under; the portal waits for it only shortly."""
    if is_sqlite():
        database.obj.pragma("busy_timeout", 100, permanent=True)
        other = sqlite3.connect(database.obj.database, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        yield
        database.obj.pragma("busy_timeout", SQLITE_PRAGMAS["busy_timeout"], permanent=True)
    else:
        import psycopg

        database.execute_sql("SET lock_timeout = '100ms'")
        other = psycopg.connect(settings().database)
        other.execute("SELECT id FROM organisation FOR UPDATE")
        yield
        database.execute_sql("RESET lock_timeout")
    other.close()


ADD = {"Employee number": "E1", "First name": "Tove"}


def test_a_database_that_is_busy_is_said_in_place_and_what_was_typed_stays(alice, locked):
    alice.get("/people/employees/add")
    page = alice.press("Add employee", ADD)
    assert (page.status, page.headers["Retry-After"]) == (503, "5")
    assert "The portal is busy" in page.text
    assert "an error it did not expect" not in page.text
    assert Employee.select().count() == 0


def test_a_database_that_is_busy_keeps_what_was_typed_for_another_try(alice, locked):
    alice.htmx = False
    alice.get("/people/employees/add")
    page = alice.press("Add employee", ADD)
    assert (page.status, page.headers["Retry-After"]) == (503, "5")
    assert "What you entered is kept." in page.text
    assert page.soup.find("input", attrs={"name": "first_name"})["value"] == "Tove"
    assert page.soup.find("form")["action"] == "/people/employees/add"


def test_a_password_is_in_no_page_that_says_that_the_database_is_busy(alice, locked):
    alice.htmx = False
    alice.get("/account")
    new = {"New password": "another long password", "New password again": "another long password"}
    page = alice.press("Change password", {"Current password": PASSWORD, **new})
    assert page.status == 503
    assert "another long password" not in page.html
    assert f'value="{PASSWORD}"' not in page.html


def only_reads(yes: bool) -> None:
    """All connections from now on, and this one."""
    if is_sqlite():
        database.pragma("query_only", int(yes), permanent=True)
    else:
        name = database.execute_sql("SELECT current_database()").fetchone()[0]
        database.execute_sql("SET default_transaction_read_only = off")
        database.execute_sql(f'ALTER DATABASE "{name}" SET default_transaction_read_only = {"on" if yes else "off"}')
        database.execute_sql(f"SET default_transaction_read_only = {'on' if yes else 'off'}")
    if hasattr(database.obj, "close_idle"):
        database.close_idle()


@pytest.fixture
def read_only(app):
    """The database writes nothing."""
    only_reads(True)
    yield
    only_reads(False)


def test_a_database_that_only_reads_is_said_as_what_it_is_and_what_was_typed_stays(alice, read_only):
    alice.htmx = False
    alice.get("/people/employees/add")
    page = alice.press("Add employee", ADD)
    assert page.status == 503
    assert "The portal cannot save anything at the moment" in page.text
    assert page.soup.find("input", attrs={"name": "first_name"})["value"] == "Tove"
    assert Employee.select().count() == 0


@pytest.mark.skipif(os.environ.get("TEST_DATABASE") == "postgresql", reason="A test cannot fill PostgreSQL's disk.")
def test_a_full_disk_is_known_as_one(acme):
    pages = database.execute_sql("PRAGMA page_count").fetchone()[0]
    database.execute_sql(f"PRAGMA max_page_count = {pages}")
    try:
        with pytest.raises(OperationalError) as refused, transaction():
            Organisation.update(name="x" * 9_000_000).execute()
    finally:
        database.execute_sql(f"PRAGMA max_page_count = {2**30}")
    assert takes_nothing(refused.value)
    assert Organisation.get_by_id(acme.id).name == "Acme"


@pytest.mark.skipif(os.environ.get("TEST_DATABASE") == "postgresql", reason="PostgreSQL takes nothing back by itself.")
def test_what_sqlite_takes_back_by_itself_says_its_first_error(acme):
    stops = "BEFORE UPDATE ON organisation BEGIN SELECT RAISE(ROLLBACK, 'no space'); END"
    database.execute_sql(f"CREATE TEMP TRIGGER stops {stops}")
    with pytest.raises(IntegrityError, match="no space"), transaction():
        Organisation.update(name="Acme 2").execute()
    database.execute_sql("DROP TRIGGER stops")
    with transaction():
        Organisation.update(name="Acme 3").execute()
    assert Organisation.get_by_id(acme.id).name == "Acme 3"


@pytest.mark.parametrize("left", [{"f_bavail": 10}, {"f_flag": os.ST_RDONLY}])
def test_ready_says_that_nothing_can_be_written(alice, monkeypatch, left):
    whole = os.statvfs(".")
    disk = SimpleNamespace(**{name: getattr(whole, name) for name in ("f_flag", "f_frsize", "f_bavail")} | left)
    if is_sqlite():
        monkeypatch.setattr("os.statvfs", lambda path: disk)
    else:
        only_reads(True)
    try:
        answer = alice.client.get("/readyz")
    finally:
        only_reads(False)
    assert (answer.status_code, answer.get_json()["problems"]["writing"]) == (503, "CannotWrite")
