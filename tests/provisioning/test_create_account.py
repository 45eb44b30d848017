from portal.accounts.models import Account
from portal.hand_over.models import LoginMail, MailState
from portal.operations.models import Operation, State
from portal.people.models import Employee
from tests.provisioning.conftest import at, tab


def open_form(person, employee):
    person.get(tab(employee))
    return person.press("Action")


def test_the_tab_of_an_employee_without_an_account_says_no_access(alice, wei, connection):
    page = alice.get(tab(wei))
    assert page.status == 200
    assert "No access" in page.text


def test_the_form_suggests_a_username_from_the_preferred_name(alice, cast, acme, connection):
    person = cast.employee(acme, "Zoë", "O’Brien-Łuc", preferred_name="Zoé")
    open_form(alice, person)
    assert alice.page.value("Username") == "zoe.obrien-luc"


def test_the_suggestion_skips_names_that_somebody_in_the_tenant_has(alice, cast, acme, wei_by_form):
    namesake = cast.employee(acme, "Wei", "Zhang")
    open_form(alice, namesake)
    assert alice.page.value("Username") == "wei.zhang2"


def test_creating_makes_the_account_and_shows_it_active(alice, wei, connection, sandbox, mailbox):
    open_form(alice, wei)
    page = alice.press("Create")
    assert "Active" in page.text
    assert "The account has been created and an email has been sent to the employee." in page.text
    remote = sandbox.user(f"wei.zhang@{connection.domains[0]}")
    assert remote is not None
    assert not remote.sign_in_blocked
    assert remote.properties["jobTitle"] == "Buyer"


def test_the_mail_holds_login_information_that_works(alice, wei_by_form, sandbox, mailbox, connection):
    [message] = mailbox.messages
    username = f"wei.zhang@{connection.domains[0]}"
    text = mailbox.text(message)
    password = text.split("Temporary password:")[1].split()[0]
    assert message["To"] == "wei@home.example"
    assert username in text
    assert sandbox.sign_in(username, password) == "must change password"
    assert password not in str(message["Subject"])


def test_the_password_is_wiped_once_it_was_handed_over(wei_by_form):
    login_mail = LoginMail.get()
    assert login_mail.state == MailState.SENT
    assert login_mail.encrypted_password == ""
    assert Operation.get().encrypted_password == ""


def test_the_company_email_follows_when_its_box_is_ticked(wei_by_form, connection):
    assert Employee.get_by_id(wei_by_form.id).company_email == f"wei.zhang@{connection.domains[0]}"


def test_the_company_email_stays_when_its_box_is_not_ticked(alice, wei, connection, mailbox):
    open_form(alice, wei)
    alice.press("Create", {"Update the company email to the new address": False})
    assert Employee.get_by_id(wei.id).company_email == ""


def test_a_second_press_makes_no_second_account(alice, wei_by_form, sandbox, connection):
    before = len(sandbox.users())
    again = {"username": "wei.zhang", "domain": connection.domains[0], "send_immediately": "y"}
    page = alice.post(f"{at(wei_by_form)}/create", again, fragment=True)
    assert "already has an account" in page.text
    assert len(sandbox.users()) == before
    assert Account.select().count() == 1


def test_a_username_that_is_taken_is_refused_and_the_next_one_offered(alice, cast, acme, wei_by_form, connection):
    namesake = cast.employee(acme, "Wei", "Zhang")
    open_form(alice, namesake)
    page = alice.press("Create", {"Username": "wei.zhang"})
    assert "No access" in page.text
    assert "is taken. Choose another username." in page.text
    assert page.value("Username") == "wei.zhang"
    assert page.has_button("Use wei.zhang2")
    assert Operation.select().count() == 1


def test_a_name_that_somebody_unknown_here_took_meanwhile_is_told_in_words(alice, wei, connection, mailbox):
    open_form(alice, wei)
    page = alice.press("Create", {"Username": "omar.ordinary"})
    assert "Choose another username" in page.text
    assert Operation.get().state == State.FAILED


def test_a_username_with_a_forbidden_character_is_named_and_kept(alice, wei, connection, sandbox):
    open_form(alice, wei)
    page = alice.press("Create", {"Username": "wei zhang"})
    assert page.status == 422
    assert alice.page.value("Username") == "wei zhang"
    assert sandbox.user(f"wei zhang@{connection.domains[0]}") is None


def test_without_javascript_the_same_form_works_by_whole_pages(alice, wei, connection, sandbox, mailbox):
    alice.htmx = False
    open_form(alice, wei)
    page = alice.press("Create")
    assert page.title
    assert "The account has been created and an email has been sent to the employee." in page.text
    assert len(mailbox.messages) == 1


def test_without_a_personal_email_the_password_is_shown_once(alice, cast, acme, connection, sandbox, mailbox):
    person = cast.employee(acme, "Noor", "Haddad", personal_email="")
    open_form(alice, person)
    assert "no personal email" in alice.page.text
    alice.press("Create")
    alice.press("Show the password once")
    password = alice.page.soup.select_one("#temporary-password-microsoft-365").get_text(strip=True)
    assert sandbox.sign_in(f"noor.haddad@{connection.domains[0]}", password) == "must change password"
    alice.get(tab(person))
    assert password not in alice.page.html
    assert not mailbox.messages


def test_a_mail_for_later_waits_for_its_moment(alice, wei, connection, mailbox):
    open_form(alice, wei)
    page = alice.press("Create", {"Send immediately": False, "Date": "2099-01-05", "Time": "08:30"})
    assert "5 Jan 2099, 08:30" in page.text
    assert not mailbox.messages
    assert LoginMail.get().state == MailState.SCHEDULED


def test_a_date_that_has_passed_is_refused_and_kept(alice, wei, connection, sandbox):
    open_form(alice, wei)
    page = alice.press("Create", {"Send immediately": False, "Date": "2020-01-05", "Time": "08:30"})
    assert page.status == 422
    assert alice.page.value("Date") == "2020-01-05"
    assert Operation.select().count() == 0


def test_the_manager_is_set_when_they_have_an_account(alice, cast, acme, wei_by_form, connection, sandbox):
    report = cast.employee(acme, "Ines", "Duarte", manager=wei_by_form)
    open_form(alice, report)
    alice.press("Create")
    remote = sandbox.user(f"ines.duarte@{connection.domains[0]}")
    assert remote.manager == sandbox.user(f"wei.zhang@{connection.domains[0]}").id


def test_an_organisation_that_is_not_connected_is_sent_to_add_ons(alice, wei):
    page = alice.get(tab(wei))
    assert "No application is connected" in page.text
    assert alice.page.has_button("Go to Add-ons")


def test_creating_waits_for_at_most_two_graph_round_trips(alice, wei, connection, sandbox, mailbox):
    open_form(alice, wei)
    sandbox.clear_requests()
    alice.press("Create")
    calls = [f"{call.method} {call.path}" for call in sandbox.requests() if "/v1.0/" in call.path]
    assert len(calls) == 2, calls
