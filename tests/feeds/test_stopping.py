"""What stops a feed: it changes nothing, tells the Admins once, and says why."""

import pytest

from portal.audit import AuditEntry
from portal.feeds import jobs
from portal.feeds.models import Feed, FeedRun, RunState
from portal.mail import lane
from portal.notifications.jobs import send_urgent
from portal.people.models import Employee
from tests.feeds.conftest import by_number, of, people, run, work
from tests.feeds.test_runs import approved


def records():
    """Every employee as they are now."""
    return sorted(map(repr, Employee.select().order_by(Employee.id).tuples()))


def lose_rows(company):
    del company.workers[7:]


def lose_a_column(company):
    company.hidden.add("department")


def lose_all_values(company):
    for worker in company.workers:
        worker.title = ""


def lose_the_key(company):
    company.workers[4].number = "E4"


def lose_the_sign_in(company):
    company.key = "another-key"


@pytest.mark.parametrize(
    ("lose", "why"),
    [
        (lose_rows, "The file has 7 records; last time it had 10."),
        (lose_a_column, "The column “Department” is missing. BambooHR does not show “department” to the portal."),
        (lose_all_values, "The column “Job title” had values in the last run, and has none now."),
        (lose_the_key, "several records have the same one: “E4”."),
        (lose_the_sign_in, "BambooHR does not accept the API key."),
    ],
)
def test_o18_a_feed_that_lost_something_changes_nothing_and_says_why_once(alice, company, feed, mailbox, lose, why):
    company.workers = people(10)
    made = feed()
    approved(alice, run(made))
    mailbox.clear()
    before = records()
    company.workers[1].last = "Another"
    lose(company)
    assert run(made).state == RunState.STOPPED
    run(made)
    jobs.sweep_feeds.call_local()
    assert records() == before
    page = alice.get(f"/settings/integrations/feeds/{made.id}")
    assert "Stopped" in page.text
    assert why in page.text
    assert "The feed “HR system” is stopped" in alice.get("/home").text
    send_urgent.call_local()
    lane.join()
    assert [message["Subject"] for message in mailbox.messages] == ["The feed HR system of Acme is stopped"]
    assert why in " ".join(mailbox.text(mailbox.messages[0]).split())
    assert AuditEntry.select().where(AuditEntry.action == "stop feed").exists()


def test_a_stopped_feed_does_not_run_by_schedule_and_goes_on_when_its_file_is_right_again(alice, company, feed):
    company.workers = people(10)
    made = feed()
    approved(alice, run(made))
    kept = company.workers[:]
    lose_rows(company)
    run(made)
    Feed.update(next_at=None).execute()
    before = FeedRun.select().count()
    jobs.sweep_feeds.call_local()
    assert FeedRun.select().count() == before
    company.workers = kept
    alice.get(f"/settings/integrations/feeds/{made.id}")
    alice.press("Run now")
    work()
    assert of(made).stopped_at is None


def test_a_company_that_has_become_smaller_is_believed_once_an_admin_says_so(alice, company, feed):
    company.workers = people(10)
    made = feed()
    approved(alice, run(made))
    lose_rows(company)
    assert approved(alice, run(made)).state == RunState.DONE
    assert (of(made).last_rows, of(made).stopped_at) == (7, None)


def test_more_leavers_than_the_brake_lets_pass_wait_and_can_be_applied(alice, company, feed, acme):
    company.workers = people(12)
    made = feed(brake={"leave": 5, "leave_percent": 20, "move": 20, "move_percent": 100, "rows_percent": 80})
    approved(alice, run(made))
    for worker in company.workers[2:5]:
        worker.end = "2026-12-31"
    stopped = run(made)
    assert stopped.state == RunState.STOPPED
    page = alice.get(f"/settings/integrations/feeds/{made.id}/runs/{stopped.id}")
    assert "3 people would leave: more than 20 % of the 12 in the Employee List." in page.text
    assert "End date: – → 2026-12-31" in page.text
    assert approved(alice, stopped).state == RunState.DONE
    assert str(by_number("E4").end_date) == "2026-12-31"
    assert of(made).stopped_at is None


def test_the_last_leaver_who_stays_is_taken_over_and_many_at_once_wait(alice, company, feed):
    company.workers = people(20)
    for worker in company.workers[2:8]:
        worker.end = "2027-06-30"
    made = feed()
    approved(alice, run(made))
    company.workers[2].end = ""
    assert run(made).state == RunState.DONE
    assert by_number("E3").end_date is None
    for worker in company.workers[3:8]:
        worker.end = ""
    assert "5 people would have no last day any more" in run(made).why
    assert str(by_number("E4").end_date) == "2027-06-30"


def test_a_run_that_another_file_has_overtaken_cannot_be_applied(alice, company, feed):
    company.workers = people(3)
    made = feed(previews=3)
    first = run(made)
    page = alice.get(f"/settings/integrations/feeds/{made.id}/runs/{first.id}")
    company.workers[0].title = "Head"
    run(made)
    answer = alice.post(page.url, {"seen": first.digest})
    assert answer.status == 409
    assert Employee.select().count() == 0
    assert FeedRun.get_by_id(first.id).state == RunState.DISCARDED


def test_no_answer_is_tried_again_and_told_after_the_third_time(alice, company, feed, mailbox, monkeypatch):
    monkeypatch.setattr("portal.feed_sources.calls.PATIENCE", 0.1)
    made = feed()
    for _ in range(4):
        company.fail(503, retry_after="30")
        assert run(made).state == RunState.FAILED
    assert of(made).stopped_at is None
    assert [message["Subject"] for message in mailbox.messages] == ["The feed HR system of Acme gets no answer"]
