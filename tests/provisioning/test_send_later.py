"""The login information at a later time: on the morning of the start date, and sent at once after all."""

from datetime import date, datetime, time, timedelta

from portal.database import now
from portal.hand_over import jobs
from portal.hand_over.models import LoginMail, MailState
from portal.mail import lane
from portal.people.actions import edit_employee
from portal.people.models import Employee
from portal.templating import local_date
from tests.provisioning.conftest import at, tab


def create_for_the_start_date(person, employee):
    person.get(tab(employee))
    page = person.press("Action")
    label = next(
        tag.get_text(strip=True) for tag in page.soup.find_all("label") if "On the start date, 08:00" in tag.text
    )
    person.press("Create", {label: True})


def test_one_choice_sends_it_on_the_morning_of_the_start_date(alice, cast, acme, connection, mailbox):
    start = now().date() + timedelta(days=40)
    nia = cast.employee(acme, "Nia", "New", start_date=start)
    create_for_the_start_date(alice, nia)
    login_mail = LoginMail.get()
    assert login_mail.state == MailState.SCHEDULED
    assert login_mail.send_at.astimezone(acme.zone).isoformat(timespec="minutes").startswith(f"{start}T08:00")
    assert mailbox.messages == []


def test_only_somebody_who_has_not_begun_is_offered_it(alice, cast, acme, connection):
    for start, offered in (now().date() + timedelta(days=40), True), (date(2020, 1, 1), False):
        alice.get(tab(cast.employee(acme, "Bo", "Begun", start_date=start)))
        assert ("On the start date" in alice.press("Action").text) is offered


def test_a_mail_that_waits_is_sent_now_and_once(alice, wei, connection, mailbox):
    alice.get(tab(wei))
    alice.press("Action")
    alice.press("Create", {"Send immediately": False, "Date": "2099-01-05", "Time": "08:30"})
    assert "Sent to" in alice.press("Send now").text
    alice.post(f"{at(wei)}/send-mail-now")
    assert len(mailbox.messages) == 1


def test_a_personal_email_that_was_corrected_meanwhile_counts(alice, wei, connection, mailbox):
    alice.get(tab(wei))
    alice.press("Action")
    alice.press("Create", {"Send immediately": False, "Date": "2099-01-05", "Time": "08:30"})
    edit_employee(Employee.get_by_id(wei.id), {"personal_email": "right@home.example"}, by=alice.user)
    assert "To be sent to right@home.example" in alice.get(tab(wei)).text
    assert "Sent to right@home.example" in alice.press("Send now").text
    assert [message["To"] for message in mailbox.messages] == ["right@home.example"]


def test_a_mail_that_waits_says_that_it_is_not_sent_while_the_account_is_deactivated(alice, wei, connection, mailbox):
    alice.get(tab(wei))
    alice.press("Action")
    alice.press("Create", {"Send immediately": False, "Date": "2099-01-05", "Time": "08:30"})
    assert (
        "The login information that waits is not sent while the account is deactivated." in alice.press("Action").text
    )
    alice.press("Confirm")
    page = alice.get(tab(wei))
    assert "Not sent while the account is deactivated. It was to go to" in page.text
    assert not page.has_button("Send now")
    alice.press("Action")
    alice.press("Confirm")
    assert "Sent to" in alice.press("Send now").text


def test_the_form_for_somebody_who_has_left_says_so(alice, cast, acme, connection):
    alice.get(tab(cast.employee(acme, "Lea", "Left", end_date=date(2020, 1, 31))))
    assert "Lea Left has left: the last day was 31 Jan 2020." in alice.press("Action").text


def test_an_email_for_the_start_date_follows_it_and_goes_out_once(alice, cast, acme, connection, mailbox):
    start = now().date() + timedelta(days=40)
    nia = cast.employee(acme, "Nia", "New", start_date=start)
    create_for_the_start_date(alice, nia)
    later = start + timedelta(days=7)
    page = change(alice, nia, {"Start date": later.isoformat()})
    assert f"The login information follows the start date: it goes out on {local_date(later)}, 08:00" in page.text
    assert f"on {local_date(later)}, 08:00" in alice.get(tab(nia)).text
    assert "login information" not in change(alice, nia, {"Job title": "Nurse"}).text
    # Whatever changes the record, and without anybody who looks.
    edit_employee(Employee.get_by_id(nia.id), {"start_date": start}, by="Payroll")
    jobs.send_what_is_due.call_local()
    assert LoginMail.get().send_at == datetime.combine(start, time(8), tzinfo=acme.zone)
    assert mailbox.messages == []
    page = change(alice, nia, {"Start date": (now().date() - timedelta(days=1)).isoformat()})
    assert "The login information goes out now, as the start date has come." in page.text
    lane.join()
    edit_employee(Employee.get_by_id(nia.id), {"start_date": later}, by="Payroll")
    jobs.send_what_is_due.call_local()
    assert LoginMail.get().state == MailState.SENT
    assert "login information" not in alice.get(f"/people/employees/{nia.id}").text
    assert len(mailbox.messages) == 1


def test_an_email_for_a_day_of_its_own_stays_where_it_is_and_the_form_says_so(alice, cast, acme, connection, mailbox):
    start = now().date() + timedelta(days=40)
    nia = cast.employee(acme, "Nia", "New", start_date=start)
    alice.get(tab(nia))
    alice.press("Action")
    alice.press("Create", {"Send immediately": False, "Date": start.isoformat(), "Time": "08:00"})
    page = change(alice, nia, {"Start date": (start + timedelta(days=7)).isoformat()})
    assert "The login information still goes out on" in page.text
    jobs.send_what_is_due.call_local()
    assert LoginMail.get().send_at == datetime.combine(start, time(8), tzinfo=acme.zone)


def test_an_email_that_is_sent_now_after_all_is_not_held_until_a_later_start(alice, cast, acme, connection, mailbox):
    start = now().date() + timedelta(days=40)
    nia = cast.employee(acme, "Nia", "New", start_date=start)
    create_for_the_start_date(alice, nia)
    mailbox.refuse("450 4.2.1 come back later")
    alice.get(tab(nia))
    alice.press("Send now")
    jobs.send_what_is_due.call_local()
    assert LoginMail.get().send_at <= now()


def change(person, employee, fields):
    person.get(f"/people/employees/{employee.id}/edit")
    page = person.press("Save", fields)
    return person.press("Confirm") if page.has_button("Confirm") else page
