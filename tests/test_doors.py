"""The doors to other systems as one: each is listed with its health, stops with one press, and leaves its lines."""

import pytest

from portal.audit import AuditEntry
from portal.feeds import jobs as feed_jobs
from portal.feeds.models import Feed, FeedRun
from portal.notifications import jobs as notices
from portal.organisations import setup
from tests.api.conftest import payroll, system  # noqa: F401
from tests.feeds.conftest import company, feed, people, run  # noqa: F401
from tests.notifications.conftest import channel  # noqa: F401
from tests.provisioning.conftest import connection, impatient  # noqa: F401
from tests.scim.conftest import entra, pusher, somebody  # noqa: F401
from tests.siem.conftest import collector, push, target  # noqa: F401
from tests.webhooks.conftest import allowed, authority, deliver, listening, receiver  # noqa: F401

PAGE = "/settings/integrations"


@pytest.fixture
def doors(payroll, feed, entra, target, collector, channel, receiver):  # noqa: F811
    """One of each, by the name that the pages show."""
    feed()
    target("syslog", f"tls://localhost:{collector.port}")
    channel("teams")
    return ("Payroll", "HR in teams", "HR system", "SOC", "Entra")


def doctor(person):
    """The rows of Connection doctor."""
    person.get(PAGE)
    page = person.press("Connection doctor")
    return [row.get_text(" ", strip=True) for row in page.soup.select("tbody tr")]


def test_o32_every_door_is_in_the_connection_doctor_and_is_paused_with_one_press(alice, doors):
    assert {name for name in doors if not any(row.startswith(name) for row in doctor(alice))} == set()
    assert any("API token" in row for row in doctor(alice))
    for name in doors:
        alice.get(PAGE)
        alice.press(f"Pause {name}")
    rows = doctor(alice)
    assert {name for name in doors if not any(row.startswith(name) and "Paused" in row for row in rows)} == set()
    for name in doors:
        alice.get(PAGE)
        alice.press(f"Resume {name}")
    assert not any("Paused" in row for row in doctor(alice))


def lines():
    return {entry.action for entry in AuditEntry.select()}


def test_o32_each_door_leaves_lines_for_its_set_up_its_use_its_changes_and_its_end(
    alice, acme, doors, payroll, entra, receiver, deliver, listening  # noqa: F811
):  # fmt: skip
    payroll.get("me")
    entra.post(somebody("7"))
    deliver(receiver)
    alice.get(f"{PAGE}/receivers/{receiver.id}/edit")
    alice.press("Save", {"Name": "Wages"})
    alice.get(f"{PAGE}/scim/{entra.row.id}")
    alice.press("Save", {"Enter the last day at once": True})
    alice.get(PAGE)
    alice.press("Rotate Entra")
    alice.press("Rotate", within="main")
    alice.get(PAGE)
    alice.press("Revoke Entra")
    alice.press("Revoke", within="main")
    alice.get(f"{PAGE}/scim/{entra.row.id}")
    alice.press("Remove Entra")
    alice.press("Remove")
    for name in ("Wages", "HR in teams"):
        alice.get(PAGE)
        alice.press(name)
        alice.press("Remove")
        alice.press("Remove", within="main")
    assert lines() >= {
        "make API token", "use API token", "rotate API token", "revoke API token",
        "change SCIM client", "remove SCIM client",
        "add webhook", "use webhook", "change webhook", "remove webhook", "add teams", "remove teams",
    }  # fmt: skip


def test_o05_on_another_plan_no_door_works_by_itself(
    app, alice, acme, doors, company, push, collector, mailbox, entra, payroll  # noqa: F811
):  # fmt: skip
    company.workers = people(3)
    Feed.update(next_at=acme.created_at).execute()
    alice.get(f"{PAGE}/emails")
    alice.press("Save", {"Every day at 07:30": True})
    setup.set_plan(acme, "Standard")
    feed_jobs.sweep_feeds.call_local()
    notices.send_digests.call_local()
    assert not FeedRun.select().exists()
    assert not collector.frames
    assert not mailbox.messages
    for answer in (entra.get("/Users"), payroll.get("me")):
        assert answer.status_code == 403
        assert "plan" in answer.json["detail"]
    assert "Upgrade" in alice.get(PAGE).text
