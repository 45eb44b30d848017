"""The engine of deliveries: what `carrying/engine.py` has to know of mailboxes to do something in them.

A verb registers itself, and says what holds at its end:

    DELIVERIES.register("invite", VerbPlan("invite to an interview", (StepPlan("event", "Make the event", make), …)))

    @DELIVERIES.when_ended("invite", state=State.DONE)
    def note_invited(delivery): ...

A step is a function that is given a `MailWork` and returns an `Outcome`. When `work.interrupted` is true an earlier try
may have worked, so it looks before it acts: the delivery's `marker` is a random word to find our own by. Name the
module of the verb in `subjects.VERBS`. To begin: in one transaction write your row and `begin(…)`; after it,
`jobs.carry_on(delivery, ours=True)`. A row of an interview has its id in `interview_id`: one open delivery each.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from portal import audit
from portal.auth.models import User
from portal.carrying.engine import PATIENCE_IN_REQUEST, Engine
from portal.carrying.holding import LostLease
from portal.carrying.journal import Journal
from portal.carrying.models import State
from portal.carrying.registry import Registry
from portal.carrying.work import VerbPlan
from portal.connectors.errors import ConnectorError, TryLater
from portal.connectors.personal import PersonalMailbox
from portal.database import now
from portal.languages import gettext as _
from portal.languages import joined
from portal.mailboxes import opening
from portal.mailboxes.models import Mailbox
from portal.mailboxes.turns import Occupied, turn
from portal.messages.models import Delivery, DeliveryStep

# What each verb does, in words.
WORDS: dict[str, str] = {}
DELIVERIES = Registry[Delivery](WORDS)
JOURNAL = Journal(DeliveryStep, DeliveryStep.delivery, DELIVERIES)


class NotYet(TryLater):
    """What was done does not show in the mailbox yet. It is looked for again after `retry_after` seconds."""


@dataclass(frozen=True)
class MailWork:
    """A delivery under way. interrupted: an earlier try of this step got no answer, so it may have worked."""

    delivery: Delivery
    mailbox: PersonalMailbox
    line: DeliveryStep
    interrupted: bool = False

    @property
    def last_try(self) -> datetime:
        """When this step last tried to change something, as far as the journal knows."""
        writes = [call["at"] for call in self.line.calls if call["method"] != "GET"]
        return datetime.fromisoformat(writes[-1]) if writes else self.line.started_at


class OfDeliveries(Engine[Delivery]):
    """Carries deliveries out. A step works with the mailbox, and one piece of work at a time does."""

    never_given_up = (*opening.NEEDS_A_PERSON, Occupied, NotYet)

    def why_over(self, delivery: Delivery, verb: VerbPlan) -> str:
        mailbox = delivery.mailbox
        if mailbox.is_off:
            return joined(_("The mailbox was disconnected."), mailbox.problem)
        if verb.feature and not delivery.organisation.has(verb.feature) and not JOURNAL.may_have_changed(delivery):
            return _("%(feature)s is no longer part of your plan.", feature=_(verb.feature.capitalize()))
        return ""

    @contextmanager
    def opened(self, delivery: Delivery) -> Iterator[PersonalMailbox]:
        with turn(delivery.mailbox) as held, opening.opened(held) as mailbox:
            delivery.mailbox = held
            yield mailbox

    def hold_in_time(self, delivery: Delivery) -> None:
        super().hold_in_time(delivery)
        held = delivery.mailbox
        if held.is_ours and not held.hold_in_time() and Mailbox.get_by_id(held.id).is_live:
            raise LostLease()

    def work(self, delivery: Delivery, tool: Any, line: Any, *, interrupted: bool) -> MailWork:
        return MailWork(delivery, tool, line, interrupted)

    def went_wrong(self, delivery: Delivery, error: ConnectorError) -> None:
        if not isinstance(error, NotYet):
            opening.note(delivery.mailbox, error)

    def pause(self, delivery: Delivery, error: ConnectorError) -> timedelta:
        if isinstance(error, NotYet | Occupied):
            return timedelta(seconds=error.retry_after or 0)
        return super().pause(delivery, error)

    def _must_go_on(self, task: Delivery, plan: Any, step: Any, error: ConnectorError, interrupted: bool) -> bool:
        needs_a_person = isinstance(error, opening.NEEDS_A_PERSON)
        return needs_a_person or super()._must_go_on(task, plan, step, error, interrupted)

    def ended(self, delivery: Delivery, words: dict[str, Any]) -> None:
        audit.record(
            delivery.by or delivery.by_name or "portal", f"{WORDS[delivery.verb]}: {delivery.state}",
            delivery.mail.candidate if delivery.mail else delivery.mailbox.user, organisation=delivery.organisation,
            delivery=delivery.id, reason=words["message"],
        )  # fmt: skip


ENGINE = OfDeliveries(Delivery, DELIVERIES, JOURNAL)
claim, due, cancel = ENGINE.claim, ENGINE.due, ENGINE.cancel


def begin(verb: str, mailbox: Mailbox, *, by: User, **about: Any) -> Delivery:
    """Within a transaction: write a delivery down, in our hands. about: `mail` or `interview_id`, `requested` …

    Raises IntegrityError while another one is open about the same.
    """
    made: Delivery = Delivery.create_held(
        organisation=mailbox.organisation_id, mailbox=mailbox, verb=verb, state=State.RUNNING, attempts=1,
        by=by, by_name=by.display_name, **about,
    )  # fmt: skip
    return made


def carry_out(delivery: Delivery, *, ours: bool = False, patience: float = PATIENCE_IN_REQUEST) -> Delivery:
    """See Engine.carry_out."""
    return ENGINE.carry_out(delivery, ours=ours, patience=patience)


def go_on(mailbox: Mailbox) -> int:
    """Within a transaction: what waits in a mailbox is tried again at once. Returns how many wait."""
    waits = (Delivery.mailbox == mailbox.id) & (Delivery.state == State.WAITING)
    return Delivery.update(not_before=now()).where(waits).execute()
