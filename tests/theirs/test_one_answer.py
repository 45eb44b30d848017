"""The tab, the create form and the bulk plan say the same of the same person: one look, whichever way it is asked."""

import unicodedata

import pytest

from portal.accounts.models import Account
from portal.connectors import for_connection
from portal.connectors.values import NewAccount
from portal.people.models import Employee
from portal.runs.models import RunLine
from portal.theirs import looking
from tests.provisioning.conftest import at, tab
from tests.runs.conftest import plan_for
from tests.theirs.test_may_have_one import create, offered

# The account's username and name, the employee, and the evidence.
ALIKE = {
    "username of the naming rule": ("quincy.bellamy", "IT Account 7", ("Quincy", "Bellamy"), "username built from"),
    "a number behind the username": ("quincy.bellamy3", "IT Account 7", ("Quincy", "Bellamy"), "username built from"),
    "both names in one word": ("quadecromwell", "Service 12", ("Quade", "Cromwell"), "username built from"),
    "one of two family names": ("maria.garcia", "Maria Garcia", ("Maria", "Garcia Lopez"), "similar name"),
    "the second family name": ("petra.vance", "Desk 4", ("Petra", "Newname-Vance"), "similar name"),
    "letters and marks apart": (
        "zoe.abelard", unicodedata.normalize("NFD", "Zoë Abélard"), ("Zoë", "Abélard"), "same name",
    ),
    "the second given name": ("maria.noll", "Maria Noll", ("Anna Maria", "Noll"), "similar name"),
    "a short form": ("b.turner", "Bill Turner", ("William", "Turner"), "similar name"),
    "another short form": ("l.hart", "Liz Hart", ("Elizabeth", "Hart"), "similar name"),
    "another spelling": ("m.amin", "Mohammed Amin", ("Muhammad", "Amin"), "similar name"),
    "titles": ("k.lorentz", "Prof. Dr. Kurt Lorentz", ("Kurt", "Lorentz"), "same name"),
    "Mac and Mc": ("j.md", "Joan Mac Donald", ("Joan", "McDonald"), "same name"),
    "Ukrainian": ("o.h", "Oleksandr Honchar", ("Олександр", "Гончар"), "same name"),
    "Greek": ("g.p", "George Papadopoulos", ("Γιώργος", "Παπαδόπουλος"), "similar name"),
    "who has the username": ("ugo.uhl", "Mailbox", ("Ugo", "Uhl"), "username"),
}  # fmt: skip


def in_tenant(connection, sandbox, username, name, **values):
    account = for_connection(connection).create(
        NewAccount(f"{username}@acme.example", name, "Sandbox-Password-1", "marker")
    )
    if values:
        sandbox.patch_user(f"{username}@acme.example", **values)
    return account.id


def asked_everywhere(app, alice, employee, username, words):
    """The tab shows the account with its evidence; a press of Create asks; the plan leaves the person out."""
    found = offered(alice.get(tab(employee)))
    assert len(found) == 1
    assert username in found[0]
    assert words.casefold() in found[0].casefold()
    assert create(alice, employee).status == 422
    plan_for(app, alice, [employee])
    reason = RunLine.get(RunLine.employee == employee).reason
    assert reason.startswith(f"May have an account: {username}@")
    assert words.casefold() in reason.casefold()
    assert not Account.select().exists()


@pytest.mark.parametrize("kind", ALIKE)
def test_tab_form_and_plan_point_at_the_same_account(app, alice, cast, acme, connection, sandbox, kind):
    username, name, (first, last), words = ALIKE[kind]
    in_tenant(connection, sandbox, username, name)
    employee = cast.employee(acme, first, last, personal_email="somebody@home.example")
    asked_everywhere(app, alice, employee, username, words)


def test_whoever_has_the_username_they_would_get_is_judged_whatever_the_name(
    app, alice, cast, acme, connection, sandbox
):  # fmt: skip
    in_tenant(connection, sandbox, "ugo", "Front Desk")
    sandbox.patch_user("ugo@acme.example", mail="Ugo.Uhl@acme.example", department="Reception")
    ugo = cast.employee(
        acme, "Ugo", "Uhl", company_email="ugo.uhl+hr@acme.example", department="Sales", personal_email="u@home.example"
    )
    asked_everywhere(app, alice, ugo, "ugo", "has the username they would get")
    page = alice.get(f"{at(ugo)}/create")
    assert page.value("Username") == "ugo.uhl2"
    assert page.soup.find(attrs={"name": "another"}) is not None


@pytest.mark.parametrize("values", [{}, {"mail": "zita@home.example"}, {"proxyAddresses": ["smtp:zita@home.example"]}])
def test_a_personal_email_that_is_an_account_is_asked_about(app, alice, cast, acme, connection, sandbox, values):
    in_tenant(connection, sandbox, "zita", "Z A", **values)
    address = "zita@home.example" if values else "Zita@ACME.example"
    zita = cast.employee(acme, "Zita", "Abel", personal_email=address)
    asked_everywhere(app, alice, zita, "zita", "its address is their personal email")


def test_another_name_is_said_first_of_what_speaks_against_and_nothing_is_linked_by_it(
    app, alice, cast, acme, connection, sandbox
):  # fmt: skip
    in_tenant(connection, sandbox, "olga.formerly", "Olga Formerly", employeeId="A0033", department="Legal")
    chloe = cast.employee(acme, "Chloé", "Dubois", employee_number="A0033", department="Logistics")
    words = "Same employee number, but another name: Olga Formerly, but department Legal"
    assert words in offered(alice.get(tab(chloe)))[0]


def test_an_account_in_other_letters_is_not_said_to_have_another_name(alice, cast, acme, connection, sandbox):
    in_tenant(connection, sandbox, "user17", "山田太郎", employeeId="J1")
    taro = cast.employee(acme, "Taro", "Yamada", employee_number="J1")
    assert "Same employee number, but name in other letters: 山田太郎" in offered(alice.get(tab(taro)))[0]


def test_the_rehire_whose_old_number_somebody_else_has_now_is_asked_about(
    app, alice, cast, acme, connection, sandbox
):  # fmt: skip
    in_tenant(connection, sandbox, "olga.formerly", "Olga Formerly", employeeId="A0033")
    cast.employee(acme, "Chloé", "Dubois", employee_number="A0033")
    olga = cast.employee(acme, "Olga", "Formerly", employee_number="A0099", personal_email="o@home.example")
    asked_everywhere(app, alice, olga, "olga.formerly", "which is Chloé Dubois’s")


def test_the_deleted_account_of_a_namesake_is_not_called_a_rehire(alice, cast, acme, connection, sandbox):
    in_tenant(connection, sandbox, "rick.deckard", "Rick Deckard", employeeId="RD1")
    sandbox.delete_user("rick.deckard@acme.example")
    cast.employee(acme, "Rick", "Deckard", employee_number="RD1")
    second = cast.employee(acme, "Rick", "Deckard", employee_number="RD2")
    page = alice.get(f"{at(second)}/create")
    assert "It has the employee number of Rick Deckard." in page.text
    advice = alice.get(f"{at(second)}/username?username=rick.deckard&domain=acme.example", fragment=True)
    for text in (page.text, advice.text):
        assert "rehire" not in text
        assert "Restore" not in text


def test_however_a_name_is_written_the_look_is_one_request(cast, acme, connection, sandbox):
    names = {"first_name": "Анна Мария", "preferred_name": "Zoë", "last_name": "Größmann-Гончар Mac Ågård"}
    somebody = cast.employee(
        acme, **names, employee_number="E-0012", company_email="z@acme.example", personal_email="z@home.example"
    )
    sandbox.clear_requests()
    assert not looking.look(somebody, connection)
    assert [line.path for line in sandbox.requests() if line.path.endswith("$batch")] == ["/v1.0/$batch"]


def test_what_was_only_a_search_is_not_said_as_a_fact(alice, cast, acme, connection, sandbox, impatient):
    somebody = cast.employee(acme, "Minjun", "Kim")
    page = alice.get(tab(somebody))
    assert "We found no account under this name" in page.text
    assert "has no Microsoft 365 account yet" not in page.text
    sandbox.fault(path="/v1.0/", status=503, times=None)
    page = alice.get(tab(somebody))
    assert "We couldn’t check" in page.text
    assert "found no account" not in page.text


def test_the_plan_says_both_what_is_lacking_and_whose_account_it_may_be(app, alice, cast, acme, connection, sandbox):
    in_tenant(connection, sandbox, "quincy.bellamy", "Quincy Bellamy")
    plan_for(app, alice, [cast.employee(acme, "Quincy", "Bellamy", personal_email="")])
    reason = RunLine.get().reason
    assert "May have an account: quincy.bellamy@acme.example (same name)." in reason
    assert "Has no personal email" in reason


def test_somebody_who_is_like_nobody_is_still_created_in_one_press(alice, cast, acme, connection, sandbox, mailbox):
    sandbox.patch_user("omar.ordinary@acme.example", department="Finance")
    new = cast.employee(acme, "Nadia", "Newcomer", personal_email="n@home.example")
    alice.get(f"{at(new)}/create")
    alice.press("Create")
    assert Account.live_of(Employee.get_by_id(new.id), connection).username == "nadia.newcomer@acme.example"
