"""Automatic replies and rules that forward mail, at the sandbox's Exchange."""

from datetime import UTC, datetime

import pytest

from portal.connectors import SERVICES
from portal.connectors.errors import NoMailbox, NotFound, Refused
from portal.connectors.mailboxes import Audience, Purpose, Reply, ReplyStatus
from portal.people.models import Employee
from portal.people.reply_texts import as_html, filled, problem_of, values_of

OMAR, MONA, UMA = "omar.ordinary@acme.example", "mona.manager@acme.example", "uma.unlicensed@acme.example"
ON = Reply(ReplyStatus.ON, Audience.EVERYBODY, "<html><body>Inside</body></html>", "<html><body>Out</body></html>")
TEXT = "{first_name} left on {last_day}.\nAsk {successor} <b>now</b> & {first_name}."


@pytest.fixture
def microsoft(app, sandbox):
    sandbox.grant_consent("Acme")
    tenant = next(item["id"] for item in sandbox.tenants if item["name"] == "Acme")
    return SERVICES["microsoft-365"].connector(tenant, patience=0.0)


@pytest.fixture
def omar(sandbox):
    return sandbox.user(OMAR).id


def test_l11_both_texts_audience_and_status_are_sent_and_the_reply_before_comes_back(microsoft, sandbox, omar):
    before = Reply(ReplyStatus.ON, Audience.CONTACTS, "<html><body>Ski</body></html>", "<html><body>Snow</body></html>")
    microsoft.set_reply(omar, before)
    noted = microsoft.mailbox(omar).reply
    microsoft.set_reply(omar, ON)
    assert sandbox.user(OMAR).reply == {
        "status": "alwaysEnabled", "externalAudience": "all", "internalReplyMessage": ON.inside,
        "externalReplyMessage": ON.outside, "scheduledStartDateTime": None, "scheduledEndDateTime": None,
    }  # fmt: skip
    microsoft.set_reply(omar, noted)
    assert microsoft.mailbox(omar).reply == before


def test_l11_a_reply_without_texts_does_not_send_those_of_the_reply_before(microsoft, omar):
    microsoft.set_reply(omar, ON)
    microsoft.set_reply(omar, Reply(ReplyStatus.ON, Audience.NOBODY))
    assert microsoft.mailbox(omar).reply == Reply(ReplyStatus.ON, Audience.NOBODY)


def test_l11_the_text_is_escaped_and_what_is_filled_in_is_not_read_again():
    mary = Employee(first_name="<i>Mary</i>", last_name="O’Brien")
    successor = Employee(first_name="{last_day}", last_name="")
    text = filled(TEXT, values_of(mary, successor, datetime(2026, 11, 27, tzinfo=UTC).date()))
    assert as_html(text) == (
        "<html><body>&lt;i&gt;Mary&lt;/i&gt; left on 27 November 2026.<br>"
        "Ask {last_day} &lt;b&gt;now&lt;/b&gt; &amp; &lt;i&gt;Mary&lt;/i&gt;.</body></html>"
    )
    assert problem_of(TEXT) == ""
    assert "{surname} is not a placeholder" in problem_of("{surname} left.")


def test_l11_without_a_mailbox_there_is_none(microsoft, sandbox):
    uma = sandbox.user(UMA).id
    assert not microsoft.mailbox(uma).exists
    for change in (lambda: microsoft.set_reply(uma, ON), lambda: microsoft.set_forward(uma, MONA)):
        with pytest.raises(NoMailbox, match="There is no mailbox"):
            change()
    microsoft.clear_forward(uma, "any")
    with pytest.raises(NotFound):
        microsoft.mailbox("00000000-0000-4000-8000-000000000000")


def test_a_scheduled_reply_keeps_its_moments(microsoft, omar):
    begins, ends = datetime(2027, 1, 1, 18, tzinfo=UTC), datetime(2027, 2, 1, 6, tzinfo=UTC)
    away = Reply(ReplyStatus.SCHEDULED, Audience.CONTACTS, ON.inside, ON.outside, begins, ends)
    microsoft.set_reply(omar, away)
    assert microsoft.mailbox(omar).reply == away


@pytest.mark.parametrize(
    "address", ["someone@gmail.example", "gus@partner.example", "all.staff@acme.example", "dora.deleted@acme.example"]
)
def test_l12_mail_is_sent_on_to_accounts_of_the_tenant_only(microsoft, sandbox, omar, address):
    """A stranger, a guest with an account, a group, and one that was deleted."""
    with pytest.raises(Refused, match="only be forwarded to a colleague") as caught:
        microsoft.set_forward(omar, address)
    assert "outside the company" in caught.value.next_step
    assert sandbox.user(OMAR).rules == []


def test_l12_mail_is_not_sent_on_to_the_mailbox_it_comes_from(microsoft, sandbox, omar):
    with pytest.raises(Refused, match="mailbox that it comes from"):
        microsoft.set_forward(omar, OMAR)


def test_l12_undo_deletes_only_our_rule(microsoft, sandbox, omar):
    hers = {"id": "hers", "displayName": "Hers", "sequence": 2, "isEnabled": True, "hasError": False}
    sandbox.change_mailbox(OMAR, rules=[{**hers, "isReadOnly": True}])
    rule = microsoft.set_forward(omar, "office@acme.example")
    assert microsoft.set_forward(omar, MONA) == rule
    assert [(item.to, item.ours) for item in microsoft.mailbox(omar).forwards] == [(MONA, True)]
    microsoft.clear_forward(omar, rule)
    microsoft.clear_forward(omar, rule)
    assert [item["id"] for item in sandbox.user(OMAR).rules] == ["hers"]


def test_l12_a_rule_whose_making_was_not_answered_is_not_made_twice(microsoft, sandbox, omar):
    sandbox.fault(method="POST", path="messageRules", kind="lost answer")
    with pytest.raises(Exception) as caught:
        microsoft.set_forward(omar, MONA)
    assert caught.value.unknown
    microsoft.set_forward(omar, MONA)
    assert len(sandbox.user(OMAR).rules) == 1


def test_a_shared_mailbox_is_told_from_that_of_a_person(microsoft, sandbox, omar):
    assert microsoft.mailbox(omar).purpose is Purpose.PERSON
    sandbox.change_mailbox(OMAR, purpose="shared")
    assert microsoft.mailbox(omar).purpose is Purpose.SHARED
