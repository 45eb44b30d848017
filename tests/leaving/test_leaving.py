import pytest

from portal.accounts.place import Place
from portal.hand_over.actions import take_password_once
from portal.leaving import actions
from portal.leaving.models import Snapshot
from portal.leaving.snapshots import contents_of
from portal.operations.models import State
from portal.provisioning import actions as provisioning
from portal.sandbox.state.catalogue import BUSINESS_STANDARD, POWER_BI_FREE
from tests.leaving.conftest import OMAR, changes, linked
from tests.provisioning.conftest import tab
from tests.provisioning.worker import finish


def request_for(place):
    return actions.request_for(place, inside="Ask {successor} <b>now</b>.", outside="Gone.", forward=True)


def test_l05_block_revoke_password_reply_forward_and_groups_happen_in_this_order(alice, place, sandbox):
    sandbox.clear_requests()
    assert actions.leave(place, request_for(place), by=alice.user).state == State.DONE
    kinds = [method for method, _ in changes(sandbox)]
    assert kinds == ["PATCH", "POST", "PATCH", "PATCH", "POST", "DELETE"]
    assert [end for _, end in changes(sandbox)][1] == "revokeSignInSessions"
    assert [end for _, end in changes(sandbox)][3:] == ["mailboxSettings", "messageRules", "$ref"]
    omar = sandbox.user(OMAR)
    assert omar.sign_in_blocked
    assert set(omar.plans) == {BUSINESS_STANDARD, POWER_BI_FREE}


def test_what_the_account_has_is_noted_sealed_before_anything_is_taken(alice, place, sandbox):
    operation = actions.leave(place, request_for(place), by=alice.user)
    snapshot = Snapshot.get()
    assert "omar" not in snapshot.encrypted_contents.casefold()
    noted = contents_of(snapshot)
    assert (noted.username, list(noted.licences), noted.inherited) == (OMAR, [BUSINESS_STANDARD], [POWER_BI_FREE])
    assert noted.reply is not None
    receipt = alice.get(f"/provisioning/operations/{operation.id}")
    assert "Note what the account has" in receipt.text


def test_l11_the_reply_is_escaped_and_names_who_takes_over(alice, place, sandbox):
    actions.leave(place, request_for(place), by=alice.user)
    reply = sandbox.user(OMAR).reply
    assert "Ask Mona Manager &lt;b&gt;now&lt;/b&gt;." in reply["internalReplyMessage"]
    assert (reply["status"], reply["externalAudience"]) == ("alwaysEnabled", "all")


def test_a_password_that_was_known_opens_nothing_afterwards(alice, place, inside, sandbox):
    provisioning.resend_login_information(place, how="show", by=alice.user)
    password = take_password_once(place.account, by=alice.user)
    assert sandbox.sign_in(OMAR, password) == "must change password"
    actions.leave(place, request_for(place), by=alice.user)
    sandbox.patch_user(OMAR, accountEnabled=True)
    assert sandbox.sign_in(OMAR, password) == "wrong password"


def test_a_password_that_waits_to_be_shown_is_withdrawn_when_it_stops_working(alice, place, inside):
    provisioning.resend_login_information(place, how="show", by=alice.user)
    assert "Show the password once" in alice.get(tab(place.employee)).text
    actions.leave(place, request_for(place), by=alice.user)
    assert "Show the password once" not in alice.get(tab(place.employee)).text
    assert take_password_once(place.account, by=alice.user) is None


def test_what_is_refused_on_the_way_is_told_and_the_rest_goes_on(alice, place, sandbox):
    sandbox.fault(method="POST", path="messageRules$", status=403, code="ErrorAccessDenied")
    operation = actions.leave(place, request_for(place), by=alice.user)
    assert operation.state == State.DONE
    assert operation.message
    assert sandbox.user(OMAR).sign_in_blocked


def test_an_account_without_a_mailbox_leaves_without_a_reply(alice, cast, acme, connection, sandbox, mona):
    uma = linked(alice, cast.employee(acme, "Uma", "Unlicensed", manager=mona), "uma.unlicensed@acme.example")
    operation = actions.leave(Place.of(uma, connection), request_for(Place.of(uma, connection)), by=alice.user)
    assert operation.state == State.DONE
    assert "There is no mailbox." in alice.get(f"/provisioning/operations/{operation.id}").text


def test_l06_licences_stay_until_the_mailbox_is_converted_or_that_is_skipped(alice, place, sandbox):
    actions.leave(place, actions.request_for(place, shared_mailbox=True), by=alice.user)
    place = place.as_it_is()
    with pytest.raises(actions.WaitsForMailbox):
        actions.take_licences(place, by="Timeline")
    assert BUSINESS_STANDARD in sandbox.user(OMAR).plans
    sandbox.change_mailbox(OMAR, purpose="shared")
    assert actions.take_licences(place, by="Timeline").state == State.DONE
    assert BUSINESS_STANDARD not in sandbox.user(OMAR).plans
    assert Snapshot.get().shared_mailbox == "verified"


def test_licences_of_an_account_that_is_not_blocked_are_never_taken(alice, place, sandbox):
    with pytest.raises(actions.NothingToDo):
        actions.take_licences(place, by=alice.user)
    assert BUSINESS_STANDARD in sandbox.user(OMAR).plans


def test_l21_a_leave_of_absence_blocks_and_replies_and_ends_with_everything_as_before(alice, place, sandbox):
    before, reply = sandbox.user(OMAR), actions.request_for(place, inside="Away.").reply
    assert actions.begin_absence(place, reply=reply, by="Timeline").state == State.DONE
    away = sandbox.user(OMAR)
    assert (away.sign_in_blocked, away.reply["status"], away.plans) == (True, "alwaysEnabled", before.plans)
    assert actions.end_absence(place.as_it_is(), by="Timeline").state == State.DONE
    back = sandbox.user(OMAR)
    assert (back.sign_in_blocked, back.reply["status"], back.plans) == (False, "disabled", before.plans)


@pytest.mark.parametrize("what", ["mailboxSettings", "memberOf/graph.group"])
def test_a_leaver_is_blocked_though_what_is_to_be_noted_cannot_be_read(app, alice, place, sandbox, impatient, what):
    """Exchange may be out for hours, while the sign-in works for everybody else."""
    sandbox.fault(method="GET", path=f"/{what}", status=503, times=None)
    operation = actions.leave(place, request_for(place), by=alice.user)
    assert operation.state == State.WAITING
    assert sandbox.user(OMAR).sign_in_blocked
    sandbox.clear_faults()
    assert finish(operation).state == State.DONE
    noted = contents_of(Snapshot.get())
    assert (noted.enabled, list(noted.licences)) == (True, [BUSINESS_STANDARD])
    with app.app_context():
        actions.undo(place.as_it_is(), by=alice.user)
    assert not sandbox.user(OMAR).sign_in_blocked
