"""A setting that holds people back is strengthened at once, and weakened only with a second Admin."""

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from portal.audit import AuditEntry
from portal.auth.models import AccessLevel, Session, User
from portal.controls.models import ChangeState, PendingChange
from portal.database import now
from portal.mail import choices, lane
from portal.organisations.models import Organisation
from tests.cast import PASSWORD, Person
from tests.cli import commands
from tests.provisioning.conftest import connect

GENERAL, USERS, MAIL, APPROVALS = "/settings/general", "/settings/users", "/settings/mail", "/settings/approvals"
LIMIT = "Ask a second Admin to approve bulk actions for more than"
BY_LINK = "By a link in the email that shows it once"


def limit(organisation):
    return Organisation.get_by_id(organisation.id).approval_above


def raise_limit(person, number="1000"):
    person.get(GENERAL)
    return person.press("Save", {LIMIT: number})


def trail():
    return [entry.action for entry in AuditEntry.select().order_by(AuditEntry.number)]


def test_lowering_the_limit_works_at_once_and_raising_it_waits_for_another_admin(alice, ada, acme):
    raise_limit(alice, "5")
    assert limit(acme) == 5
    page = raise_limit(alice)
    assert limit(acme) == 5
    assert page.value(LIMIT) == "5"
    assert "Alice asked on" in page.text
    assert "from 5 people to 1,000 people" in page.text
    assert "1 to approve" in ada.get(GENERAL).text
    ada.press("Go to Approvals")
    assert "approved" in ada.press(f"Approve {LIMIT}").text
    assert limit(acme) == 1000
    assert trail()[-2:] == ["ask to weaken setting", "approve change of setting"]


def test_what_became_of_a_change_is_said_in_the_language_of_the_reader(alice, ada, acme):
    ada.user.language = "de"
    ada.user.save()
    raise_limit(alice, "5")
    raise_limit(alice)
    ada.get(APPROVALS)
    page = ada.press(next(tag for tag in labels(ada.page) if tag.startswith("Freigeben")))
    assert "freigegeben. Die Einstellung ist geändert." in page.text


def test_nobody_approves_what_they_asked_for_themselves(alice, ada, acme):
    raise_limit(alice)
    asked = PendingChange.get()
    page = alice.get(APPROVALS)
    assert not page.has_button("Approve Ask a second Admin to approve bulk actions for more than")
    page = alice.post(f"{APPROVALS}/{asked.id}/approve")
    assert page.status == 403
    assert "You asked for this yourself" in page.text
    assert limit(acme) == 100


def test_another_admin_declines_and_the_one_who_asked_withdraws(alice, ada, acme):
    raise_limit(alice)
    ada.get(APPROVALS)
    ada.press("Decline Ask a second Admin to approve bulk actions for more than")
    raise_limit(alice)
    alice.get(APPROVALS)
    alice.press("Withdraw Ask a second Admin to approve bulk actions for more than")
    assert limit(acme) == 100
    states = [asked.state for asked in PendingChange.select().order_by(PendingChange.id)]
    assert states == [ChangeState.DECLINED, ChangeState.WITHDRAWN]
    assert {"decline change of setting", "withdraw change of setting"} <= set(trail())
    assert "Declined" in alice.get(APPROVALS).text


@pytest.fixture
def all_strong(alice, ada, acme, sandbox, mailbox):
    """Acme with every control as strong as it gets."""
    connect(sandbox, alice.user)
    Organisation.update(admins_need_second_factor=True, approval_above=5).where(Organisation.id == acme.id).execute()
    User.update(encrypted_totp="set up").where(User.organisation == acme).execute()
    choices.change(acme, by="test", hand_over=choices.BY_LINK)
    alice.get("/settings/add-ons/microsoft-365/licences")
    alice.press("Save", {"Take licences away when an account is deactivated": True})
    return alice


WEAKER = {
    "approval_above": (GENERAL, "Save", {LIMIT: "6"}),
    "admins_need_second_factor": (USERS, "Required for Admins", {}),
    "outside_sign_in microsoft-365": (USERS, "Sign in with Microsoft", {}),
    "hand_over": (MAIL, "Save", {"In the email": choices.IN_MAIL}),
    "licences_go_on_deactivate microsoft-365": (
        "/settings/add-ons/microsoft-365/licences", "Save", {"Take licences away when an account is deactivated": False}
    ),
}  # fmt: skip


@pytest.mark.parametrize("key", WEAKER)
@pytest.mark.parametrize("htmx", [True, False])
def test_each_setting_that_holds_people_back_is_weakened_by_two(key, htmx, all_strong, ada):
    address, button, fields = WEAKER[key]
    all_strong.htmx = htmx
    all_strong.get(address)
    assert "Waiting for a second Admin" in all_strong.press(button, fields).text
    asked = PendingChange.get()
    assert asked.control == key
    assert "Waiting for a second Admin" in ada.get(address).text
    ada.get(APPROVALS)
    ada.press(next(tag for tag in labels(ada.page) if tag.startswith("Approve ")))
    assert PendingChange.get().state == ChangeState.APPROVED
    assert "Waiting for a second Admin" not in all_strong.get(address).text


def labels(page):
    return [" ".join(tag.get_text(" ", strip=True).split()) for tag in page.soup.select("button")]


def test_the_password_is_asked_for_and_what_was_entered_is_not_lost(alice, ada, acme):
    Session.update(checked_at=now() - timedelta(minutes=11)).execute()
    alice.get(GENERAL)
    page = alice.press("Save", {LIMIT: "1000", "Country": "FR"})
    assert page.title == "Confirm your password"
    page = alice.press("Continue", {"Password": PASSWORD})
    assert "from “100 people” to “1,000 people”" in page.text
    alice.press("Ask for approval")
    assert PendingChange.get().after == 1000
    assert Organisation.get_by_id(acme.id).country == "FR"
    Session.update(checked_at=now() - timedelta(minutes=11)).execute()
    ada.get(APPROVALS)
    ada.press("Approve Ask a second Admin to approve bulk actions for more than")
    assert PendingChange.get().is_waiting


def test_an_account_that_the_asker_has_just_let_in_does_not_count(app, alice, acme, cast, mailbox):
    alice.get(f"{USERS}/invite")
    alice.press("Send invitation", {"Email": "eve@home.example", "Access level": "Admin"})
    link = next(word for word in mailbox.text(mailbox.messages[-1]).split() if "set-password" in word)
    eve = Person(app)
    eve.get(link)
    eve.press("Set the password", {"New password": PASSWORD, "New password again": PASSWORD})
    eve.sign_in("eve@home.example")
    raise_limit(alice)
    asked = PendingChange.get()
    page = eve.get(APPROVALS)
    assert "gave you access within the last 7 days" in page.text
    assert eve.post(f"{APPROVALS}/{asked.id}/approve").status == 403
    assert limit(acme) == 100


def test_who_became_an_admin_afterwards_does_not_count(alice, ada, acme, cast):
    raise_limit(alice)
    late = cast.person(acme, "Late", AccessLevel.ADMIN)
    page = late.get(APPROVALS)
    assert "before you became an Admin" in page.text
    assert late.post(f"{APPROVALS}/{PendingChange.get().id}/approve").status == 403


def test_whom_one_that_was_let_in_lets_in_does_not_count_either(alice, acme, cast, tables):
    from portal.auth import users

    eve, fay = (cast.person(acme, name, AccessLevel.MANAGER) for name in ("Eve", "Fay"))
    users.change_user(eve.user, name="Eve", access_level=AccessLevel.ADMIN, by=alice.user)
    users.change_user(fay.user, name="Fay", access_level=AccessLevel.ADMIN, by=eve.user)
    raise_limit(alice)
    assert "gave you access" in fay.get(APPROVALS).text
    assert fay.post(f"{APPROVALS}/{PendingChange.get().id}/approve").status == 403


def test_the_only_admin_waits_a_day_and_everybody_concerned_hears_of_it(alice, ada, acme, mailbox, later):
    ada.get(f"{USERS}/{ada.user.id}")
    alice.get(f"{USERS}/{ada.user.id}/deactivate")
    alice.post(f"{USERS}/{ada.user.id}/deactivate")
    assert "takes effect in 24 hours" in raise_limit(alice).text
    later(timedelta(hours=23))
    assert limit(acme) == 100
    told = {message["X-Recipients"] for message in mailbox.messages}
    assert told == {alice.user.email, ada.user.email}
    assert "after 24 hours" in mailbox.text(mailbox.messages[0])
    later(timedelta(hours=25))
    assert limit(acme) == 1000
    assert trail()[-1] == "change of setting takes effect"
    assert len(mailbox.messages) == 2


def test_whoever_runs_the_portal_approves_where_no_second_admin_can(alice, acme):
    raise_limit(alice)
    number, environment = str(PendingChange.get().id), dict(os.environ)
    command = ("organisation", "approve", acme.key)
    listed = commands.run(*command, environment=environment).stdout
    assert listed == f"{number}: {LIMIT}, from 100 people to 1,000 people, asked for by Alice\n"
    assert commands.run(*command, number, environment=environment).returncode == 0
    assert limit(acme) == 1000
    assert AuditEntry.get(AuditEntry.action == "approve change of setting").by_name == "command line"
    assert commands.run(*command, number, environment=environment).returncode == 1


def test_what_nobody_approves_expires(alice, ada, acme, mailbox, later):
    raise_limit(alice)
    later(timedelta(days=6))
    assert PendingChange.get().is_waiting
    later(timedelta(days=8))
    assert (PendingChange.get().state, limit(acme)) == (ChangeState.EXPIRED, 100)


def test_what_somebody_asked_for_ends_with_their_rights(alice, ada, acme):
    raise_limit(alice)
    ada.get(f"{USERS}/{alice.user.id}/deactivate")
    assert "can no longer sign in" in ada.press("Confirm").text
    assert (PendingChange.get().state, limit(acme)) == (ChangeState.WITHDRAWN, 100)


def test_what_was_asked_for_with_rights_that_are_gone_is_not_approved(alice, ada, acme, later):
    raise_limit(alice)
    User.update(enabled=False).where(User.id == alice.user.id).execute()
    ada.get(APPROVALS)
    page = ada.press("Approve Ask a second Admin to approve bulk actions for more than")
    assert "no longer an Admin" in page.text
    later(timedelta(0))
    assert (PendingChange.get().state, limit(acme)) == (ChangeState.WITHDRAWN, 100)


def test_a_setting_that_was_strengthened_meanwhile_is_not_weakened_by_an_older_wish(alice, ada, acme):
    raise_limit(alice)
    raise_limit(ada, "5")
    assert PendingChange.get().state == ChangeState.OVERTAKEN
    assert ada.post(f"{APPROVALS}/{PendingChange.get().id}/approve").status == 409
    assert limit(acme) == 5


def test_two_wishes_for_one_setting_are_decided_on_one_after_the_other(alice, ada, acme):
    raise_limit(alice)
    page = raise_limit(ada, "2000")
    assert "Another Admin has already asked" in page.text
    raise_limit(alice, "3000")
    waiting = [asked.after for asked in PendingChange.select() if asked.is_waiting]
    assert waiting == [3000]


def test_what_is_decided_in_two_ways_at_the_same_moment_is_decided_once(alice, ada, acme):
    """No one waits for two rows in two orders: each hears the outcome."""
    for number in range(5):
        raise_limit(alice, str(1000 + number))
        asked, before = PendingChange.select().order_by(PendingChange.id.desc()).get(), limit(acme)
        ada.get(APPROVALS)
        alice.get(APPROVALS)
        together = Barrier(2)
        pages = press_at_once(
            together, (ada, f"{APPROVALS}/{asked.id}/approve"), (alice, f"{APPROVALS}/{asked.id}/withdraw")
        )
        assert sorted(page.status for page in pages) == [200, 409]
        taken = PendingChange.get_by_id(asked.id).state == ChangeState.APPROVED
        assert limit(acme) == (1000 + number if taken else before)


def press_at_once(together, *people_and_addresses):
    def press(person, address):
        together.wait()
        return person.post(address)

    with ThreadPoolExecutor(len(people_and_addresses)) as pool:
        return list(pool.map(lambda pair: press(*pair), people_and_addresses))


def test_nobody_of_another_organisation_sees_or_decides(alice, ada, mallory, acme):
    raise_limit(alice)
    assert "Alice" not in mallory.get(APPROVALS).text
    for act in ("approve", "decline", "withdraw"):
        assert mallory.post(f"{APPROVALS}/{PendingChange.get().id}/{act}").status == 404
    assert PendingChange.get().is_waiting


@pytest.mark.parametrize(
    "query",
    ["control=plan&value=1", "control=approval_above&value=x", "control=approval_above",
     f"control=approval_above&value={10**30}", "control=outside_sign_in+microsoft-365&value=maybe"],
)  # fmt: skip
def test_what_is_no_setting_cannot_be_asked_for(alice, query):
    assert alice.get(f"{APPROVALS}/ask?{query}").status == 404


def test_who_could_not_be_told_yet_is_told_later_and_nobody_twice(alice, ada, acme, mailbox, later):
    mailbox.refuse("451 try again later")
    raise_limit(alice)
    lane.join()
    for _minute in range(2):
        later(timedelta())
    assert sorted(message["X-Recipients"] for message in mailbox.messages) == [ada.user.email, alice.user.email]
