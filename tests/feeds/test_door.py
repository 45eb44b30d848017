"""The door of feeds on Integrations: made behind the password, paused with one press, and in the audit log."""

from datetime import timedelta

from portal.audit import AuditEntry
from portal.database import now
from portal.feeds import jobs
from portal.feeds.models import Feed, FeedRun
from tests.feeds.conftest import ENTERED, of, people, run
from tests.feeds.test_runs import approved

PAGE = "/settings/integrations"


def actions_of(kind="Feed"):
    """What the audit log has of feeds, in its order."""
    mine = AuditEntry.select().where(AuditEntry.subject_kind == kind)
    return [entry.action for entry in mine.order_by(AuditEntry.id)]


def test_o32_a_feed_is_paused_with_one_press_and_its_life_is_in_the_audit_log(alice, company):
    company.workers = people(2)
    alice.get(f"{PAGE}/feeds/new/bamboohr")
    alice.press("Make feed", ENTERED["bamboohr"])
    made = Feed.get()
    approved(alice, run(made))
    company.workers[1].title = "Buyer"
    approved(alice, run(made))
    run(made)
    alice.get(PAGE)
    alice.press("Pause BambooHR")
    assert "Paused" in alice.get(PAGE).text
    Feed.update(next_at=now() - timedelta(hours=1)).execute()
    before = FeedRun.select().count()
    jobs.sweep_feeds.call_local()
    assert FeedRun.select().count() == before
    alice.press("Resume BambooHR")
    alice.get(f"{PAGE}/feeds/{made.id}/edit")
    alice.press("Save", {"Name": "HR"})
    assert (of(made).name, of(made).encrypted_secrets != "") == ("HR", True)
    alice.get(f"{PAGE}/feeds/{made.id}/remove")
    alice.press("Remove feed")
    expected = ["make feed", "apply changes of feed", "use feed", "apply changes of feed", "use feed", "pause feed"]
    assert actions_of() == [*expected, "resume feed", "change feed", "remove feed"]
    assert (Feed.select().count(), FeedRun.select().count()) == (0, 0)
    lines = alice.get("/settings/audit-log").text
    assert "Feed BambooHR" in lines


def test_making_and_changing_a_feed_asks_for_the_password(alice, company, feed, monkeypatch):
    made = feed()
    monkeypatch.setattr("portal.auth.actions.password_is_fresh", lambda user: False)
    for address in (f"{PAGE}/feeds/new/bamboohr", f"{PAGE}/feeds/{made.id}/edit"):
        page = alice.get(address)
        assert "password" in page.title.casefold()
        assert "API key" not in page.text


def test_the_door_says_why_a_feed_is_stopped_and_that_one_waits(alice, company, feed):
    company.workers = people(2)
    made = feed(previews=3)
    run(made)
    page = alice.get(PAGE)
    assert "Waits for you" in page.text
    assert "Has not run yet" in page.text
    company.key = "another-key"
    run(made)
    page = alice.get(PAGE)
    assert "Stopped" in page.text
    assert "BambooHR does not accept the API key." in page.text


def test_a_secret_is_never_shown_again_and_stays_when_it_is_not_entered(alice, company, feed):
    made = feed()
    page = alice.get(f"{PAGE}/feeds/{made.id}/edit")
    assert "good-key" not in page.html
    sealed = of(made).encrypted_secrets
    alice.press("Save", {"Name": "Other"})
    assert of(made).encrypted_secrets == sealed
    assert "good-key" not in str(list(AuditEntry.select().dicts()))
