"""Sending at every point of trouble: exactly one mail, or a clear "not sent", and nothing unknown after an hour.

The sample has every fault at the sending itself and a lost answer and a kill at each other step; `make soak` has every
fault at every step, of a new mail and of an answer, with and without a file.
"""

import os
import uuid
from contextlib import suppress

import pytest

from portal.candidate_care import letters  # noqa: F401 - what a message is filled in with
from portal.carrying.models import OPEN
from portal.connectors.microsoft365 import mailbox_client
from portal.messages import actions, engine
from portal.messages.actions import Written
from portal.messages.models import Delivery, Message, MessageState
from portal.recruitment import files
from portal.recruitment.files import FileKind
from tests.careers.conftest import clock  # noqa: F401
from tests.messages.conftest import ZOE

SOAK = bool(os.environ.get("SOAK"))
SEND = {"method": "POST", "path": "/send$"}
STEPS = {
    "draft": {"method": "POST", "path": "/messages$"}, "reply": {"method": "POST", "path": "/createReply$"},
    "rewrite": {"method": "PATCH", "path": "/me/messages/"}, "attach": {"method": "POST", "path": "/attachments$"},
    "list": {"method": "GET", "path": "/attachments$"}, "send": SEND,
    "confirm": {"method": "GET", "path": "/me/messages$"},
}  # fmt: skip
FAULTS = {
    "lost before": {"kind": "reset"}, "lost after": {"kind": "lost answer"},
    "429": {"status": 429, "retry_after": 1}, "503": {"status": 503},
    "504, not done": {"status": 504}, "504, done": {"kind": "done but refused", "status": 504},
}  # fmt: skip
OF_SENDING = {"202 and Retry-After": {"kind": "done but refused", "status": 202, "retry_after": 1, "body": "empty"}}
KILLS = ("killed before the request", "killed after the answer")
# How a sent mail gets to Sent Items: at once, and after a while.
DELAYS = (0, 45)


class Killed(BaseException):
    """The worker is gone."""


@pytest.fixture
def world(omars, alice, zoe, sandbox, clock, monkeypatch):  # noqa: F811
    monkeypatch.setitem(engine.carry_out.__kwdefaults__, "patience", 0.0)
    monkeypatch.setattr(mailbox_client, "PATIENCE", 0.0)
    # All these mails go out within a minute.
    monkeypatch.setattr(mailbox_client, "WRITES", 10**6)
    monkeypatch.setattr(mailbox_client, "_pacers", {})
    return World(omars, alice.user, zoe, sandbox, clock)


class World:
    def __init__(self, mailbox, user, candidate, sandbox, clock):  # noqa: F811
        self.mailbox, self.user, self.candidate, self.sandbox, self.clock = mailbox, user, candidate, sandbox, clock

    def written(self, *, answers=None, file=False):
        kept = [files.store(self.candidate.organisation, FileKind.SENT, "a.txt", b"Hello")] if file else []
        return Written(subject="Hello", text="Hello Zoë", key=uuid.uuid4().hex, mailbox=self.mailbox, answers=answers,
                       files=kept)  # fmt: skip

    def send(self, **values):
        """Write and let an hour and a half go by; returns the message."""
        with suppress(Killed):
            actions.write(self.candidate, self.written(**values), by=self.user)
        for _ in range(45):
            if not Delivery.select().where(Delivery.state.in_(OPEN)).exists():
                break
            self.clock(minutes=2)
            self.sandbox.advance(120)
            for delivery in engine.due():
                engine.carry_out(delivery)
        return Message.select().order_by(Message.id.desc()).get()

    def problems(self, what, **values):
        """What is wrong with how the trouble ends; the trouble is gone afterwards."""
        before = len(self.sandbox.outside(ZOE))
        message = self.send(**values)
        self.sandbox.clear_faults()
        self.sandbox.advance(120)
        sent, open_ones = len(self.sandbox.outside(ZOE)) - before, Delivery.select().where(Delivery.state.in_(OPEN))
        right = {MessageState.CONFIRMED: (1,), MessageState.FAILED: (0,), MessageState.UNCONFIRMED: (0, 1)}
        found = [] if sent in right.get(message.state, ()) else [f"{what}: {sent} mails, {message.state}"]
        drafts = [item for item in self.sandbox.messages("omar.ordinary@acme.example") if item["folder"] == "drafts"]
        return found + (["still open"] if open_ones.exists() else []) + [f"{what}: a draft is left" for _ in drafts]


def points():
    for step, place in STEPS.items():
        faults = {**FAULTS, **(OF_SENDING if step == "send" else {})}
        for name, fault in faults.items():
            if SOAK or step == "send" or name == "lost after":
                yield step, name, {**place, **fault}


def kinds(world, first):
    """A new mail and an answer, with a file: both have all steps between them."""
    both = [{"file": True}, {"file": True, "answers": first}]
    return [*both, {}, {"answers": first}] if SOAK else both


def test_r43_whatever_happens_at_a_step_there_is_one_mail_or_it_says_that_there_is_none(world, record_property):
    first, found, count = world.send(), [], 0
    assert first.state == MessageState.CONFIRMED
    for step, name, fault in points():
        for delay in DELAYS if SOAK or step == "send" else DELAYS[:1]:
            for values in kinds(world, first):
                if (step in ("reply", "rewrite")) != ("answers" in values) and step in ("reply", "rewrite", "draft"):
                    continue
                world.sandbox.timing(sent_items=delay)
                world.sandbox.fault(**fault)
                found += world.problems(f"{step}, {name}, {delay} s, {sorted(values)}", **values)
                count += 1
                if not SOAK:
                    break
    record_property("points of sending", count)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("how", KILLS)
def test_r43_a_worker_that_is_killed_at_a_step_is_followed_by_another(world, monkeypatch, how):
    """Before each request, and after the answer to each step, before its outcome is written down."""
    place = "hold_in_time" if how == KILLS[0] else "_done"
    usual, found = getattr(engine.ENGINE, place), []
    for number in range(1, 8 if place == "hold_in_time" else 5):
        left = [number]

        def killed(*values, left=left):
            left[0] -= 1
            if left[0] == 0:
                raise Killed()
            return usual(*values)

        monkeypatch.setattr(engine.ENGINE, place, killed)
        found += world.problems(f"{how}, {number}", file=True)
    assert not found, "\n".join(found)


def test_r43_what_never_appears_is_not_confirmed_and_not_sent_again(world, alice, zoe):
    world.sandbox.timing(sent_items=10**6)
    message = world.send()
    assert message.state == MessageState.UNCONFIRMED
    page = alice.get(f"/recruitment/candidates/{zoe.id}")
    assert "Not confirmed, look in Outlook" in page.text
    assert "Look in Outlook at Hello, in a new window" in page.text
    assert sum("/send" in call["path"] for step in Delivery.get().steps for call in step.calls) == 1
