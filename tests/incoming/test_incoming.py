"""What another system says becomes differences, stops at the brake, and is applied one person at a time."""

from datetime import timedelta

import pytest

from portal.audit import AuditEntry
from portal.incoming import applying, brake, proposals
from portal.incoming.applying import Source
from portal.incoming.brake import Limits
from portal.incoming.differences import Kind, compare
from portal.incoming.said import Said
from portal.people.models import Employee

PAGE = "/people/proposed-leavers"
THEIRS = Source("Feed Payroll")


@pytest.fixture
def wei(cast, acme):
    return cast.employee(acme, "Wei", "Zhang", employee_number="E7", job_title="Clerk")


def only(acme, **said):
    return compare(acme, [Said("E7", **said)])[0]


def test_what_it_says_is_compared_with_the_record_and_applied_with_a_receipt(acme, wei):
    found = only(acme, values={"job_title": "Lead", "start_date": "2026-02-30", "mobile": "1E+05"})
    assert found.kinds == {Kind.CHANGED}
    assert found.changes == {"job_title": ["Clerk", "Lead"]}
    assert found.notes.keys() == {"start_date", "mobile"}
    applying.apply(acme, found, THEIRS)
    assert Employee.get_by_id(wei.id).job_title == "Lead"
    assert AuditEntry.select().order_by(AuditEntry.id.desc()).first().by_name == "Feed Payroll"
    assert only(acme, values={"job_title": "Lead"}).kinds == {Kind.SAME}


def test_one_person_who_cannot_be_told_stops_nobody_else(acme, wei):
    new, lost, left = compare(
        acme, [Said("E8", {"first_name": "Ada"}), Said("", {"first_name": "Bo"}), Said("E9", active=False)]
    )
    assert [new.kinds, lost.kinds, left.kinds] == [{Kind.NEW}, {Kind.REFUSED}, {Kind.SAME}]
    assert applying.apply(acme, new, THEIRS).first_name == "Ada"
    assert applying.apply(acme, lost, THEIRS) is None
    assert applying.apply(acme, left, THEIRS) is None
    assert not Employee.select().where(Employee.employee_number == "E9").exists()


def test_a_taken_number_and_a_loop_of_managers_leave_their_fields_as_they_are(cast, acme, wei):
    cast.employee(acme, "Ada", "Byron", employee_number="E8", manager=wei)
    found = compare(acme, [Said("E8", {"job_title": "Lead"}, manager="E8", employee_id=wei.id)])[0]
    assert "Ada Byron already has the number E8" in found.notes["employee_number"]
    applying.apply(acme, found, THEIRS)
    assert "reports to Wei Zhang" in found.notes["manager"]
    changed = Employee.get_by_id(wei.id)
    assert (changed.job_title, changed.employee_number, changed.manager_id) == ("Lead", "E7", None)


def test_above_a_limit_each_kind_says_why_it_stops(acme, wei):
    coming = brake.count(compare(acme, [Said(f"N{n}", {"first_name": "N"}) for n in range(3)]))
    assert brake.reasons(coming, Limits(3, 3, 3)) == []
    assert "4 people would be added" in brake.reasons(coming, Limits(3, 3, 3), {Kind.NEW: 1})[0]


def test_a_leaver_is_proposed_and_nothing_happens_before_a_person_enters_the_last_day(alice, acme, wei):
    applying.apply(acme, only(acme, active=False), THEIRS)
    applying.apply(acme, only(acme, active=False), THEIRS)
    assert Employee.get_by_id(wei.id).end_date is None
    assert "1 person is leaving: this waits for you Wei Zhang" in alice.get("/home").text
    alice.get(PAGE)
    alice.press("Enter the last day Wei Zhang")
    assert "What follows" in alice.page.text
    page = alice.press("Enter the last day", {"Last day": "2026-02-31"})
    assert page.status == 422
    assert page.value("Last day") == "2026-02-31"
    day = acme.today + timedelta(days=3)
    alice.press("Enter the last day", {"Last day": day.isoformat()})
    alice.press("Enter the last day")
    assert Employee.get_by_id(wei.id).end_date == day
    assert "Nobody waits for you" in alice.get(PAGE).text


def test_what_was_dismissed_is_not_asked_again_and_what_was_taken_back_is_gone(alice, acme, wei):
    applying.apply(acme, only(acme, active=False), THEIRS)
    alice.get(PAGE)
    alice.press("Dismiss Wei Zhang")
    applying.apply(acme, only(acme, active=False), THEIRS)
    assert not proposals.waiting(acme).exists()
    applying.apply(acme, only(acme, values={"end_date": "2031-01-01"}), THEIRS)
    assert proposals.waiting(acme).get().day.isoformat() == "2031-01-01"
    applying.apply(acme, only(acme, active=True), THEIRS)
    assert not proposals.waiting(acme).exists()


def test_a_source_that_may_end_people_at_once_enters_the_day_itself(acme, wei):
    applying.apply(acme, only(acme, active=False), Source("Feed Payroll", leaves_at_once=True))
    assert Employee.get_by_id(wei.id).end_date == acme.today
    assert only(acme, active=False).kinds == {Kind.SAME}
    assert not proposals.waiting(acme).exists()
