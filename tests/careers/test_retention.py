"""How long candidates' data is kept: the list, the week, the email, Keep, and erasing."""

from datetime import timedelta

import pytest

from portal.candidate_care import retention
from portal.database import BaseModel, now
from portal.recruitment import actions, choices
from portal.recruitment.files import StoredFile
from portal.recruitment.models import Application, Candidate, Ended, Vacancy
from tests.careers.conftest import send_mails


@pytest.fixture
def ended(zoe, nurse, alice, mailbox, clock):
    """Zoë's application, which has ended today."""
    # From the middle of the day on, so that summer time moves none of the days that are counted.
    clock(hours=(12 - now().hour) % 24)
    zoe.apply(nurse)
    send_mails()
    mailbox.clear()
    actions.end(Application.get(), Ended.NOT_TAKEN, by=alice.user)
    return Application.get()


def test_r60_a_week_before_the_candidate_is_told_and_then_erased(zoe, ended, acme, mailbox, clock, hour):
    hour()
    assert (Candidate.get().erase_on - acme.today).days == 182
    clock(days=174)
    hour()
    assert (list(retention.soon(acme)), mailbox.messages) == ([], [])
    clock(days=1)
    hour()
    hour()
    assert [one.name for one in retention.soon(acme)] == ["Zoë Łukasz"]
    [message] = mailbox.messages
    assert message["Subject"].startswith("Acme deletes your data on ")
    clock(days=6)
    hour()
    assert StoredFile.select().count() == 1
    clock(days=1)
    hour()
    assert (Candidate.get().name, StoredFile.select().count()) == ("Erased candidate", 0)
    assert Application.get().ended == Ended.NOT_TAKEN


def test_r60_keep_on_the_page_in_the_email_moves_the_day(zoe, ended, acme, mailbox, clock, hour):
    clock(days=176)
    hour()
    zoe.open_own_page(mailbox.messages[0])
    zoe.press("Keep")
    clock(days=8)
    hour()
    candidate = Candidate.get()
    assert candidate.name == "Zoë Łukasz"
    assert candidate.erase_on == candidate.talent_until
    assert list(retention.soon(acme)) == []
    clock(days=352)
    hour()
    assert len(mailbox.messages) == 2


def test_who_presses_keep_while_others_are_erased_is_kept(zoe, ended, mailbox, clock, hour, monkeypatch):
    """Erasing may take long: it calls interviews off in calendars first."""
    clock(days=176)
    hour()
    due = retention.due

    def slowly(organisation):
        found = due(organisation)
        monkeypatch.setattr(found, "limit", lambda _: [*due(organisation), zoe.press("Keep")][:1])
        return found

    clock(days=7)
    zoe.open_own_page(mailbox.messages[0])
    monkeypatch.setattr(retention, "due", slowly)
    hour()
    assert Candidate.get().name == "Zoë Łukasz"


def test_r60_an_open_application_keeps_all_and_a_vacancy_may_have_its_own_months(
    zoe, ended, nurse, acme, alice, clock, hour
):
    Vacancy.update(retention_months=12).where(Vacancy.id == nurse.id).execute()
    hour()
    assert (Candidate.get().erase_on - acme.today).days == 365
    actions.reopen(ended, by=alice.user)
    clock(days=800)
    hour()
    assert (Candidate.get().erase_on, Candidate.get().erased_at) == (None, None)


def test_r60_who_was_erased_before_a_copy_was_put_back_goes_at_once_and_without_a_word(zoe, nurse, hour, mailbox):
    zoe.apply(nurse)
    send_mails()
    mailbox.clear()
    Candidate.update(first_name="", last_name="", erase_on=retention.AT_ONCE).execute()
    hour()
    assert (StoredFile.select().count(), mailbox.messages) == (0, [])
    assert Candidate.get().erased_at


def test_r60_every_table_about_a_candidate_is_known_to_the_erasing():
    """A new one must be added to erasing.erase, or to what stays without a name."""
    known = {
        "stored_file", "candidate_mail", "own_link", "erasure_notice", "candidate_address", "note", "message",
        "unassigned", "interview", "attendance", "merged_candidate",
    }  # fmt: skip
    stays = {"application", "stage_move"}
    tables = {
        model._meta.table_name
        for model in BaseModel.__subclasses__()
        for field in model._meta.sorted_fields
        if getattr(field, "rel_model", None) in (Candidate, Application)
    }
    assert tables == known | stays


def test_r60_who_is_told_late_has_a_week_all_the_same(zoe, ended, acme, alice, mailbox, clock, hour):
    clock(days=100)
    choices.change(acme, "acme", {"keep_months": 1}, by=alice.user)
    hour()
    hour()
    assert Candidate.get().name == "Zoë Łukasz"
    until = acme.today + timedelta(days=7)
    assert f"{until.day} {until:%B %Y}" in mailbox.messages[0]["Subject"]
    clock(days=7)
    hour()
    assert Candidate.get().name == "Erased candidate"
