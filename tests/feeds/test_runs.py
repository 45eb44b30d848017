"""From the fetched records to the Employee List: shown first, taken over, and never twice."""

import os
from datetime import timedelta

import pytest

from portal.audit import AuditEntry
from portal.columns.casing import usual
from portal.database import now
from portal.feeds import jobs, running
from portal.feeds.models import Feed, FeedIssue, FeedPart, FeedRun, How, RunState, next_run
from portal.people.models import Employee
from tests.feeds.conftest import by_number, numbers, of, people, run, work


def approved(alice, run):
    """The outcome once Alice has looked and pressed Apply."""
    alice.get(f"/settings/integrations/feeds/{run.feed_id}/runs/{run.id}")
    alice.press("Apply")
    work()
    return FeedRun.get_by_id(run.id)


def test_the_first_runs_are_shown_and_change_nothing_before_an_admin_applies_them(alice, company, feed, mailbox):
    company.workers = people(3)
    made = feed(previews=3)
    alice.get(f"/settings/integrations/feeds/{made.id}")
    alice.press("Run now")
    work()
    page = alice.get(alice.page.url)
    assert "Apply these changes?" in page.text
    assert "E2 First2 Last2" in page.text
    assert numbers() == []
    alice.press("Apply")
    work()
    assert numbers() == ["E1", "E2", "E3"]
    assert by_number("E2").manager == by_number("E1")
    assert "3 added." in alice.get(alice.page.url).text
    assert [of(made).previews, len(mailbox.messages)] == [2, 1]
    assert AuditEntry.get(AuditEntry.action == "add employee").by_name == "Feed HR system"


def test_the_same_file_is_not_read_twice_and_a_change_is_taken_over_without_a_person(alice, company, feed):
    company.workers = people(3)
    made = feed()
    assert approved(alice, run(made)).state == RunState.DONE
    assert run(made).state == RunState.SAME
    company.workers[2].title = "Head clerk"
    done = run(made)
    assert (done.state, done.counts["changed"], done.counts["unchanged"]) == (RunState.DONE, 1, 2)
    assert by_number("E3").job_title == "Head clerk"
    assert done.found["changed_lines"][0]["words"] == ["Job title: Clerk → Head clerk"]


def test_files_are_kept_sealed_and_not_for_ever(company, feed):
    company.workers = people(2)
    made = feed()
    done = run(made)
    kept = FeedPart.get()
    assert "First1" not in kept.encrypted_data
    assert len(done.sha256) == 64
    FeedRun.update(created_at=now() - timedelta(days=31)).execute()
    jobs.forget_old_files.call_local()
    assert FeedPart.select().count() == 0


def test_a_list_that_changed_meanwhile_is_shown_again(alice, company, feed, cast, acme):
    company.workers = people(2)
    waiting = run(feed(previews=3))
    cast.employee(acme, "First2", "Last2", employee_number="E2", personal_email="h2@home.example")
    again = approved(alice, waiting)
    assert (again.state, Employee.select().count()) == (RunState.PREVIEW, 1)
    assert "has changed since you looked" in alice.get(alice.page.url).text
    assert approved(alice, again).state == RunState.DONE


def test_what_a_worker_that_died_has_left_is_done_to_the_end(company, feed, cast, acme):
    company.workers = people(3)
    made = feed()
    waiting = run(made)
    one = company.workers[0]
    cast.employee(
        acme, one.first, one.last, employee_number="E1", job_title="Clerk", department="Sales", start_date=one.start,
        personal_email=one.home,
    )  # fmt: skip
    FeedRun.update(state=RunState.APPLYING, begun=True, approved_by_name="Alice").execute()
    company.workers = []
    jobs.sweep_feeds.call_local()
    work()
    assert FeedRun.get_by_id(waiting.id).state == RunState.DONE
    assert len(numbers()) == 3


def test_o20_one_bad_record_stops_no_other_and_is_told_once(alice, company, feed, mailbox):
    many = 5_000 if "SOAK" in os.environ else 60
    company.workers = people(many)
    company.workers[6].start = "sometime"
    made = feed()
    done = approved(alice, run(made))
    assert (done.counts["added"], done.counts["refused"], len(numbers())) == (many - 1, 1, many - 1)
    issue = FeedIssue.get()
    assert (issue.key, issue.field) == ("E7", "Start date")
    assert "sometime" in issue.reason
    page = alice.get(f"/settings/integrations/feeds/{made.id}")
    assert "Needs you" in page.text
    assert "“sometime” is not a date" in page.text
    company.workers[7].title = "Buyer"
    assert run(made).counts["changed"] == 1
    told = [message["Subject"] for message in mailbox.messages if "has records for you" in message["Subject"]]
    assert told == ["The feed HR system of Acme has records for you"]
    company.workers[6].start = "2024-02-01"
    run(made)
    assert (FeedIssue.select().count(), len(numbers())) == (0, many)


def test_a_word_that_nobody_knows_spoils_its_own_record_only(alice, company, feed):
    company.workers = people(20)
    made = feed()
    approved(alice, run(made))
    from portal.sandbox.hr import app as stand_in

    stand_in.STATUS["strange"] = ("Sabbatical-ish", "strange")
    try:
        company.workers[3].status = "strange"
        company.workers[4].title = "Buyer"
        run(made)
    finally:
        del stand_in.STATUS["strange"]
    assert by_number("E5").job_title == "Buyer"
    assert "Sabbatical-ish" in FeedIssue.get().reason


def test_who_may_be_known_under_another_number_is_asked_and_the_answer_counts(alice, company, feed, cast, acme):
    cast.employee(acme, "First2", "Last2", employee_number="77", personal_email="h2@home.example")
    company.workers = people(2)
    made = feed()
    approved(alice, run(made))
    assert numbers() == ["77", "E1"]
    alice.get(f"/settings/integrations/feeds/{made.id}")
    alice.press("Save answer", {"The same person: update First2 Last2, and change the number to E2": True})
    approved_now = run(made)
    assert (approved_now.state, numbers()) == (RunState.DONE, ["E1", "E2"])


def test_a_person_who_has_left_by_their_status_gets_a_last_day_once(alice, company, feed, acme):
    company.workers = people(30)
    made = feed()
    approved(alice, run(made))
    company.workers[4].status = "left"
    run(made)
    assert by_number("E5").end_date == acme.today
    Employee.update(end_date=acme.today - timedelta(days=3)).where(Employee.employee_number == "E5").execute()
    company.workers[5].title = "Buyer"
    run(made)
    assert by_number("E5").end_date == acme.today - timedelta(days=3)


def test_o19_who_is_missing_is_listed_and_at_most_proposed(alice, company, feed):
    company.workers = people(12)
    made = feed(propose_end=True)
    approved(alice, run(made))
    del company.workers[11]
    run(made)
    run(made)
    page = alice.get(f"/settings/integrations/feeds/{made.id}")
    assert "Not in the last 3 runs" not in page.text
    run(made)
    assert by_number("E12").end_date is None
    page = alice.get(f"/settings/integrations/feeds/{made.id}")
    assert "Not in the last 3 runs" in page.text
    assert "First12 Last12" in alice.get("/people/proposed-leavers").text
    alice.get(page.url)
    alice.press("Still works here First12 Last12")
    assert "Not in the last 3 runs" not in alice.get(page.url).text
    assert "First12 Last12" not in alice.get("/people/proposed-leavers").text


def test_o19_nobody_is_proposed_unless_that_is_switched_on(alice, company, feed):
    company.workers = people(12)
    made = feed()
    approved(alice, run(made))
    del company.workers[11]
    for _ in range(3):
        run(made)
    assert "First12 Last12" in alice.get(f"/settings/integrations/feeds/{made.id}").text
    assert "First12 Last12" not in alice.get("/people/proposed-leavers").text


def test_an_erased_person_is_in_nothing_that_feeds_keep(alice, company, feed, acme, tables):
    from portal.erasure import erasing

    company.workers = people(3)
    company.workers[2].home = "nonsense"
    made = feed()
    approved(alice, run(made))
    Employee.update(end_date=acme.today - timedelta(days=9)).where(Employee.employee_number == "E2").execute()
    two = by_number("E2")
    two.organisation = acme
    erasing.erase(two, by=alice.user)
    kept = "".join(
        str(tables.execute_sql(f'SELECT * FROM "{name}"').fetchall())  # noqa: S608
        for name in ("feed", "feed_run", "feed_part", "feed_person", "feed_issue")
    )
    assert "First2" not in kept
    assert FeedPart.select().count() == 0


def test_the_schedule_begins_each_run_once_and_none_of_a_paused_feed(company, feed):
    company.workers = people(2)
    made = feed(every=4, hour=5, next_at=now() - timedelta(minutes=1))
    jobs.sweep_feeds.call_local()
    jobs.sweep_feeds.call_local()
    assert [found.how for found in FeedRun.select()] == [How.SCHEDULE]
    assert of(made).next_at > now()
    Feed.update(paused_at=now(), next_at=now() - timedelta(minutes=1)).execute()
    FeedRun.delete().execute()
    jobs.sweep_feeds.call_local()
    assert FeedRun.select().count() == 0


@pytest.mark.parametrize(
    ("moment", "every", "expected"),
    [
        ("2026-11-29T03:30:00+00:00", 24, "2026-11-29T04:00:00+00:00"),
        ("2026-11-29T04:00:00+00:00", 24, "2026-11-30T04:00:00+00:00"),
        ("2026-11-29T09:10:00+00:00", 4, "2026-11-29T12:00:00+00:00"),
        ("2026-07-01T00:30:00+00:00", 24, "2026-07-01T03:00:00+00:00"),
    ],
)
def test_the_hour_is_that_of_the_organisations_clock(moment, every, expected):
    from datetime import datetime
    from zoneinfo import ZoneInfo

    found = next_run(datetime.fromisoformat(moment), every, 5, ZoneInfo("Europe/Berlin"))
    assert found == datetime.fromisoformat(expected)


def test_a_second_press_finds_the_run_under_way(company, feed):
    made = feed()
    assert running.begin(made, How.HAND) == running.begin(made, How.HAND)


def test_names_in_capitals_are_offered_as_people_write_them_and_shown_before_they_count(alice, company, feed):
    company.workers = people(3)
    for worker, (first, last) in zip(
        company.workers, (("MARIE-CLAIRE", "O'NEIL"), ("jan", "van der berg"), ("LI", "MCDONALD")), strict=True
    ):
        worker.first, worker.last = first, last
    made = run(feed(previews=3))
    page = alice.get(f"/settings/integrations/feeds/{made.feed_id}/runs/{made.id}")
    assert "MARIE-CLAIRE O'NEIL → Marie-Claire O'Neil" in page.text
    alice.press("Write names as people do")
    work()
    assert numbers() == []
    approved(alice, FeedRun.get_by_id(made.id))
    assert [by_number(f"E{one}").name for one in (1, 2, 3)] == [
        "Marie-Claire O'Neil",
        "Jan van der Berg",
        "Li McDonald",
    ]


def test_names_with_both_kinds_of_letters_and_initials_stay_as_they_are():
    assert [usual(name) for name in ("McKenzie", "JP", "de Souza", "NG", "李", "LE")] == [
        "McKenzie", "JP", "de Souza", "NG", "李", "Le",
    ]  # fmt: skip


def test_a_file_that_the_source_has_taken_back_is_not_applied_any_more(alice, company, feed):
    company.workers = people(3)
    made = feed()
    approved(alice, run(made))
    Feed.update(previews=1).execute()
    company.workers[2].title = "Mistake"
    wrong = run(made)
    alice.get(f"/settings/integrations/feeds/{made.id}/runs/{wrong.id}")
    company.workers[2].title = "Clerk"
    assert run(made).state == RunState.SAME
    assert alice.press("Apply").status == 409
    work()
    assert by_number("E3").job_title == "Clerk"


def test_the_email_about_a_feed_that_waits_is_tried_again_and_comes_once(alice, company, feed, mailbox):
    company.workers = people(3)
    made = feed(previews=3)
    mailbox.refuse("451 try again later")
    run(made)
    assert not mailbox.messages
    for _minute in range(2):
        jobs.sweep_feeds.call_local()
        work()
    assert [message["Subject"] for message in mailbox.messages] == ["The feed HR system of Acme waits for you"]
