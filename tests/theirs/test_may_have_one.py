"""No employee gets a second account silently: the page names what may be theirs, with its evidence, and asks."""

import re
from datetime import timedelta

import pytest

from portal.accounts.models import Account
from portal.accounts.place import Place
from portal.connections.models import Connection
from portal.database import now
from portal.operations.models import Operation, State
from portal.people.models import Employee
from portal.provisioning import actions
from portal.provisioning.actions import AccountRequest, MayHaveOne
from portal.runs.models import LineState, RunLine
from portal.theirs.models import Declined
from tests.cast import account_of
from tests.provisioning.conftest import at, connect, tab
from tests.provisioning.worker import finish, latest
from tests.runs.conftest import carried_out, plan_for, planned, start

OMAR = "omar.ordinary@acme.example"
MONA = "mona.manager@acme.example"


@pytest.fixture
def mona(cast, acme):
    return cast.employee(acme, "Mona", "Manager", department="Operations", employee_number="77")


def create(person, employee, **values):
    wanted = {"username": "some.name", "domain": "acme.example", "send_immediately": "y", **values}
    return person.post(f"{at(employee)}/create", wanted)


def offered(page) -> list[str]:
    return [" ".join(item.get_text(" ", strip=True).split()) for item in page.soup.select(".may-have-one")]


def test_the_empty_card_names_the_account_its_evidence_and_links_it_on_a_word(alice, mona, connection):
    page = alice.get(tab(mona))
    assert "Mona Manager may have an account already" in page.text
    assert offered(page)[0].startswith(f"M‌M Mona Manager · {MONA} Same name, same department")
    assert page.has_button("Create another")
    alice.press("Link it")
    assert "Is this the account of Mona Manager?" in alice.page.text
    assert not Operation.select().exists()
    assert "The account has been linked." in alice.press("Confirm").text
    assert account_of(mona).username == MONA


def test_the_form_says_who_has_the_username_and_creates_another_one_only_by_choice(
    alice, mona, connection, sandbox, mailbox
):  # fmt: skip
    alice.get(tab(mona))
    page = alice.press("Create another")
    assert page.status == 200
    assert alice.page.value("Username") == "mona.manager2"
    assert f"{MONA} is the account of Mona Manager." in alice.page.text
    assert "Same name, same department" in alice.page.text
    page = alice.press("Create", {"Username": "m.manager"})
    assert page.status == 422
    assert "tick this to create another one" in page.text
    assert alice.page.value("Username") == "m.manager"
    assert not Operation.select().exists()
    alice.press("Create", {"Create another account": True})
    assert sandbox.user("m.manager@acme.example") is not None


def test_the_choice_is_kept_when_something_else_is_wrong(alice, mona, connection):
    alice.get(f"{at(mona)}/create")
    page = alice.press("Create", {"Create another account": True, "Username": "no spaces"})
    assert page.status == 422
    assert page.soup.find(id="another-microsoft-365").has_attr("checked")


@pytest.mark.parametrize("htmx", [True, False])
def test_a_post_that_never_saw_the_page_is_asked_too(alice, mona, connection, sandbox, htmx):
    alice.htmx = htmx
    alice.get("/people/employees")
    page = create(alice, mona)
    assert page.status == 422
    assert MONA in page.text
    assert sandbox.user("some.name@acme.example") is None
    assert create(alice, mona, another="y").status == 200
    assert sandbox.user("some.name@acme.example") is not None


def test_the_word_that_nobody_was_found_is_only_believed_about_this_record(alice, cast, acme, connection):
    new = cast.employee(acme, "Nobody", "Known")
    page = alice.get(f"{at(new)}/create")
    word = page.soup.find(id="looked-microsoft-365")["value"]
    assert word
    Employee.update(first_name="Mona", last_name="Manager").where(Employee.id == new.id).execute()
    assert create(alice, new, looked=word).status == 422
    assert create(alice, new, looked="y").status == 422


def test_the_action_itself_refuses_unless_told(app, alice, mona, connection, sandbox):
    request = AccountRequest(username="some.name@acme.example")
    with pytest.raises(MayHaveOne) as refusal:
        actions.create_account(Place.of(mona, connection), request, by=alice.user)
    assert f"{MONA} (same name, same department)" in refusal.value.message
    assert sandbox.user("some.name@acme.example") is None
    with app.app_context():
        assert (
            actions.create_account(Place.of(mona, connection), request, by=alice.user, another=True).state == State.DONE
        )


KINDS = {
    "number": ({"employee_number": "00417"}, {"employeeId": "00417"}, "Same employee number"),
    "number that lost its zeros": (
        {"employee_number": "417"},
        {"employeeId": "00417"},
        "Same employee number apart from leading zeros",
    ),
    "company email in other letters": ({"company_email": "Omar.ORDINARY@acme.example"}, {}, "Same address"),
    "company email as an alias": (
        {"company_email": "oo@acme.example"},
        {"proxyAddresses": [f"SMTP:{OMAR}", "smtp:OO@acme.example"]},
        "Same address",
    ),
    "personal email": ({"personal_email": "omar@home.example"}, {"otherMails": ["Omar@home.example"]}, "Same personal"),
    "order of the names": ({"first_name": "Omar", "last_name": "Ordinary"}, {"displayName": "ORDINARY, Omar"}, "name"),
    "accents": ({"first_name": "José", "last_name": "Muñoz"}, {"displayName": "Jose Munoz"}, "Same name"),
    "letters in two": ({"first_name": "Jörg", "last_name": "Müller"}, {"displayName": "Joerg Mueller"}, "Same name"),
    "preferred name": (
        {"first_name": "Robert", "preferred_name": "Bob", "last_name": "Stone"},
        {"displayName": "Bob Stone"},
        "Same name",
    ),
    "first name, though preferred is another": (
        {"first_name": "Robert", "preferred_name": "Bob", "last_name": "Stone"},
        {"displayName": "Robert Stone"},
        "Same name",
    ),
    "another script": ({"first_name": "小龍", "last_name": "李"}, {"displayName": "Xiaolong Li"}, "Same name"),
    "spelt by sound": ({"first_name": "Юлия", "last_name": "Иванова"}, {"displayName": "Julia Ivanova"}, "Similar"),
    "a middle name": ({"first_name": "Ann", "last_name": "Stone"}, {"displayName": "Ann Mary Stone"}, "Similar name"),
    "a word in brackets": (
        {"first_name": "Ann", "last_name": "Stone"},
        {"displayName": "Ann Stone (Sales)"},
        "Same name",
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_speaks_for_it_is_found_and_said(alice, cast, acme, connection, sandbox, kind):
    ours, theirs, words = KINDS[kind]
    sandbox.patch_user(OMAR, **theirs)
    someone = cast.employee(acme, **{"first_name": "Zoe", "last_name": "Quill", **ours})
    found = offered(alice.get(tab(someone)))
    assert len(found) == 1
    assert OMAR in found[0]
    assert words in found[0]
    assert "but employee number" not in found[0]


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ({"first_name": "Olive", "last_name": "Ordinary"}, {}),
        ({"first_name": "Omar", "last_name": "Sharif"}, {}),
        # A similar name in another department is another person.
        ({"first_name": "Ann", "last_name": "Stone"}, {"displayName": "Ann Mary Stone", "department": "Finance"}),
    ],
)
def test_others_are_not_asked_about(alice, cast, acme, connection, sandbox, ours, theirs):
    sandbox.patch_user(OMAR, **theirs)
    page = alice.get(tab(cast.employee(acme, **ours)))
    assert not offered(page)
    assert page.has_button("Create account")


def test_one_that_another_employee_has_is_named_and_never_offered(alice, cast, acme, connection, sandbox):
    first, second = (
        cast.employee(acme, "Omar", "Ordinary", employee_number="O1"),
        cast.employee(acme, "Omar", "Ordinary"),
    )
    alice.get(tab(first))
    alice.press("Link it")
    alice.press("Confirm")
    assert not offered(alice.get(tab(second)))
    page = alice.get(f"{at(second)}/create")
    assert f"{OMAR} is the account of Omar Ordinary. It is linked to Omar Ordinary (O1)." in page.text
    assert page.value("Username") == "omar.ordinary2"
    assert not page.soup.find(id="another-microsoft-365")


def test_the_number_of_another_employee_keeps_a_namesake_from_being_offered(alice, cast, acme, connection, sandbox):
    sandbox.patch_user(OMAR, employeeId="O1")
    cast.employee(acme, "Omar", "Ordinary", employee_number="O1")
    namesake = cast.employee(acme, "Omar", "Ordinary", employee_number="O2")
    assert not offered(alice.get(tab(namesake)))
    assert "is the account of Omar Ordinary" in alice.get(f"{at(namesake)}/create").text


def test_another_number_is_said_beside_the_same_name(alice, cast, acme, connection, sandbox):
    sandbox.patch_user(OMAR, employeeId="9999")
    omar = cast.employee(acme, "Omar", "Ordinary", employee_number="O2")
    assert "Same name, but employee number 9999" in offered(alice.get(tab(omar)))[0]


def test_what_was_declined_is_not_asked_about_again(alice, mona, connection, sandbox, mailbox):
    alice.get(tab(mona))
    page = alice.press("Not this person")
    assert f"{MONA} is not offered for Mona Manager again." in page.text
    assert Declined.select().count() == 1
    assert not offered(alice.get(tab(mona)))
    alice.get("/settings/add-ons")
    alice.press("Disconnect")
    alice.press("Disconnect")
    connect(sandbox, alice.user)
    assert not offered(alice.get(tab(mona)))
    alice.press("Create account")
    alice.press("Create")
    assert account_of(mona).username == "mona.manager2@acme.example"


def test_guests_need_more_than_a_name(alice, cast, acme, connection, sandbox):
    assert not offered(alice.get(tab(cast.employee(acme, "Gus", "Guest"))))
    mail = next(user for user in sandbox.users() if user.display_name == "Gus Guest").properties["mail"]
    found = offered(alice.get(tab(cast.employee(acme, "Gus", "Guest", company_email=mail))))
    assert "is a guest" in found[0]
    assert not alice.page.has_button("Link it")


def test_a_look_that_fails_is_said_and_the_operation_looks_before_it_creates(
    alice, mona, connection, sandbox, impatient
):  # fmt: skip
    sandbox.fault(path="/v1.0/", status=503, times=None)
    assert "We couldn’t check whether Mona Manager already has an account." in alice.get(tab(mona)).text
    page = create(alice, mona)
    assert "We couldn’t check" in page.text
    assert latest().state == State.WAITING
    sandbox.clear_faults()
    finish(latest())
    assert latest().state == State.FAILED
    assert f"{MONA} (same name, same department)" in latest().message
    assert sandbox.user("some.name@acme.example") is None
    assert Account.select().count() == 0


def test_a_question_that_the_tenant_does_not_take_is_said(alice, mona, connection, sandbox):
    sandbox.fault(path="/v1.0/users", status=400, code="Request_UnsupportedQuery", times=None)
    assert "could not be searched by" in alice.get(tab(mona)).text


def test_only_the_tenant_of_the_organisation_is_looked_at(alice, mallory, cast, initech, connection, sandbox):
    connect(sandbox, mallory.user, "Globex")
    namesake = cast.employee(initech, "Mona", "Manager", department="Operations")
    assert not offered(mallory.get(tab(namesake)))
    for path in ("not-theirs", "restore", "create"):
        assert mallory.post(f"{at(cast.employee(alice.user.organisation))}/{path}").status == 404
    remote_id = sandbox.user(MONA).id
    assert MONA not in mallory.post(f"{at(namesake)}/not-theirs", {"remote_id": remote_id}).text
    assert Connection.select().count() == 2
    assert not Declined.select().exists()


def test_day_one_says_that_a_starter_may_have_an_account(alice, cast, acme, connection, sandbox, impatient):
    soon = now().date() + timedelta(days=3)
    for number in range(12):
        cast.employee(acme, f"New{number}", "Starter", start_date=soon)
    cast.employee(acme, "Mona", "Manager", start_date=soon)
    page = alice.get("/provisioning/day-one")
    assert page.text.count("may have an account") == 1
    assert f"may have an account, {MONA}: link it" in page.text
    alice.press("link it to Mona Manager")
    assert "Link it" in alice.page.text
    sandbox.fault(path="/v1.0/", status=503, times=None)
    page = alice.get("/provisioning/day-one")
    assert "We couldn’t check for existing accounts" in page.text


def test_a_bulk_plan_leaves_them_out_with_link_and_the_choice_of_another(app, alice, cast, acme, connection, mailbox):
    mona = cast.employee(acme, "Mona", "Manager", department="Operations")
    dora = cast.employee(acme, "Dora", "Deleted")
    run, _ = plan_for(app, alice, [mona, dora])
    reasons = [line.reason for line in RunLine.select().order_by(RunLine.employee)]
    assert reasons[0] == f"May have an account: {MONA} (same name, same department)."
    assert re.fullmatch(r"May have an account: dora\.deleted@acme\.example, deleted on .* \(same name\)\.", reasons[1])
    page = alice.get(f"/provisioning/runs/{run.id}?show=left+out")
    assert page.has_button("Link Mona Manager")
    alice.press("Create another account for Mona Manager")
    planned(app)
    line = RunLine.get(RunLine.employee == mona)
    assert (line.state, line.username) == (LineState.PLANNED, "mona.manager2@acme.example")
    alice.get(f"/provisioning/runs/{run.id}")
    start(alice)
    carried_out(app)
    assert account_of(mona).username == "mona.manager2@acme.example"
    assert account_of(dora) is None


def test_the_link_of_a_line_asks_before_it_links_or_restores(app, alice, cast, acme, connection):
    people = [cast.employee(acme, "Mona", "Manager"), cast.employee(acme, "Dora", "Deleted")]
    run, _ = plan_for(app, alice, people)
    for name, words in (("Mona Manager", "Is this the account of"), ("Dora Deleted", "Was this the account of")):
        alice.get(f"/provisioning/runs/{run.id}?show=left+out")
        alice.press(f"Link {name}")
        assert f"{words} {name}?" in alice.page.text


def test_what_was_declined_is_planned_without_a_question(app, alice, mona, connection):
    alice.get(tab(mona))
    alice.press("Not this person")
    plan_for(app, alice, [mona])
    assert RunLine.get().username == "mona.manager2@acme.example"


def test_somebody_who_has_left_is_offered_an_account_second(alice, cast, acme, sandbox, mailbox):
    connect(sandbox, alice.user)
    for end, main in ((None, ["Create account"]), (acme.today - timedelta(days=20), [])):
        employee = cast.employee(acme, "Nia", "Nobody", end_date=end)
        page = alice.get(tab(employee))
        assert [button.get_text(strip=True) for button in page.soup.select(".empty .btn-primary")] == main
        assert page.has_button("Create account")
        assert ("Nia Nobody left on" in page.text) is (end is not None)
        assert page.has_button("Link existing account")
