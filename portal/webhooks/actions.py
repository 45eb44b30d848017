"""Entering, pausing, testing and removing receivers, and sending messages once more."""

import json
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from portal import audit, vault
from portal.auth import proof
from portal.auth.models import User
from portal.database import database, now
from portal.guard import turns
from portal.guard.addresses import Address
from portal.happenings import Happening
from portal.languages import gettext as _
from portal.organisations.models import Organisation
from portal.problems import Problem
from portal.webhooks import delivering, jobs, outbox, signing
from portal.webhooks.kinds import TEST
from portal.webhooks.models import Delivery, Kind, Receiver, State

MOST_RECEIVERS = 20
# Of the kinds of receivers that are not sent what webhooks are.
TEST_BODIES: dict[str, Callable[[Receiver], str]] = {}
OLD_LIVES = timedelta(hours=24)
SHOWN = 200


class TooManyReceivers(Problem):
    message = _("Your organisation cannot have more receivers.")
    next_step = _("Remove one that is no longer used.")


class IsPaused(Problem):
    message = _("It is paused, so nothing is sent.")
    next_step = _("Press Resume first.")


def make(
    organisation: Organisation,
    *,
    name: str,
    address: Address,
    kinds: Iterable[str],
    by: User,
    kind: Kind = Kind.WEBHOOK,
) -> tuple[Receiver, str]:
    """Enter a receiver; returns it and its secret, which is shown this once. Raises TooManyReceivers."""
    secret = signing.new_secret() if kind == Kind.WEBHOOK else ""
    with audit.turn(organisation.id):
        proof.hold_actor(by)
        if Receiver.select().where(Receiver.organisation == organisation).count() >= MOST_RECEIVERS:
            raise TooManyReceivers()
        receiver = Receiver.create(
            organisation=organisation, kind=kind, name=name, host=address.netloc,
            encrypted_address=vault.encrypt(address.text), encrypted_secret=vault.encrypt(secret) if secret else "",
            kinds=sorted(kinds), made_by=by, made_by_name=by.display_name,
        )  # fmt: skip
        audit.record(by, f"add {kind}", receiver, host=receiver.host, types=receiver.kinds)
    return receiver, secret


def change(receiver: Receiver, *, name: str, kinds: Iterable[str], by: User) -> None:
    """Change what it is called and which messages it gets. Its address cannot be changed: the secret was for that."""
    with audit.turn(receiver.organisation_id):
        proof.hold_actor(by)
        before = [receiver.name, receiver.kinds]
        receiver.name, receiver.kinds = name, sorted(kinds)
        if before != [receiver.name, receiver.kinds]:
            receiver.save(only=[Receiver.name, Receiver.kinds])
            audit.record(by, f"change {receiver.kind}", receiver, types=receiver.kinds)


def remove(receiver: Receiver, *, by: User) -> None:
    """Take the receiver away, with what is kept of its messages."""
    with audit.turn(receiver.organisation_id):
        proof.hold_actor(by)
        audit.record(by, f"remove {receiver.kind}", receiver, host=receiver.host)
        receiver.delete_instance()


def rotate(receiver: Receiver, *, by: User) -> str:
    """Give it another secret, and return it. For 24 hours each message is signed with both."""
    secret = signing.new_secret()
    with audit.turn(receiver.organisation_id):
        proof.hold_actor(by)
        fresh = {
            "encrypted_old_secret": receiver.encrypted_secret, "encrypted_secret": vault.encrypt(secret),
            "old_until": now() + OLD_LIVES,
        }  # fmt: skip
        Receiver.update(fresh).where(Receiver.id == receiver.id).execute()
        audit.record(by, "rotate secret of webhook", receiver)
    return secret


def pause(receiver: Receiver, *, by: User) -> None:
    """Send nothing more until an Admin resumes it; what happens meanwhile is kept."""
    with audit.turn(receiver.organisation_id):
        proof.hold_actor(by)
        mine = (Receiver.id == receiver.id) & Receiver.paused_at.is_null()
        why = _("%(name)s paused it.", name=by.display_name)
        if Receiver.update(paused_at=now(), paused_why=why).where(mine).execute():
            audit.record(by, f"pause {receiver.kind}", receiver)


def resume(receiver: Receiver, *, by: User) -> None:
    """Send again, first what was kept."""
    with audit.turn(receiver.organisation_id):
        proof.hold_actor(by)
        mine = (Receiver.id == receiver.id) & Receiver.paused_at.is_null(False)
        if Receiver.update(paused_at=None, paused_why="", problem="", told=True).where(mine).execute():
            audit.record(by, f"resume {receiver.kind}", receiver)
            database.after_commit(lambda: jobs.deliver(receiver.id))


def test_message(receiver: Receiver) -> str:
    """The body of a test."""
    make = TEST_BODIES.get(receiver.kind)
    return (
        make(receiver)
        if make
        else outbox.body_of(Happening(TEST, {"message": _("A test of %(receiver)s.", receiver=receiver.name)}))
    )


def say_arrived(receiver: Receiver, arrived: bool, *, by: User) -> None:
    """What an Admin saw of the latest test, where the other system cannot say whether it arrived."""
    with audit.turn(receiver.organisation_id):
        proof.hold_actor(by)
        problem = "" if arrived else _("An Admin said that the latest test did not arrive.")
        Receiver.update(arrived=arrived, problem=problem).where(Receiver.id == receiver.id).execute()
        audit.record(by, f"say whether test of {receiver.kind} arrived", receiver, arrived=arrived)


def test(receiver: Receiver, body: str, *, by: User) -> Delivery:
    """Send a message of the type `test` at once; returns what became of it. Raises IsPaused, StillWaiting."""
    if receiver.paused_at is not None:
        raise IsPaused()
    with turns.turn(receiver.organisation_id):
        return _test(receiver, body, by=by)


def _test(receiver: Receiver, body: str, *, by: User) -> Delivery:
    with audit.turn(receiver.organisation_id):
        proof.hold_actor(by)
        outbox.put(receiver, [(TEST, body)])
        delivery = receiver.deliveries.order_by(Delivery.id.desc()).first()
        taken = {"state": State.SENDING, "until": now() + delivering.LOST_AFTER, "attempts": 1, "tried_at": now()}
        Delivery.update(taken).where(Delivery.id == delivery.id).execute()
        Receiver.update(arrived=None).where(Receiver.id == receiver.id).execute()
        audit.record(by, f"test {receiver.kind}", receiver)
    delivery = Delivery.get_by_id(delivery.id)
    delivering.attempt(delivery)
    # A test is not tried again: who pressed the button sees how it went.
    ended = Delivery.update(state=State.FAILED, not_before=None)
    ended.where(Delivery.id == delivery.id, Delivery.state == State.WAITING).execute()
    return Delivery.get_by_id(delivery.id)


def send_again(receiver: Receiver, *, by: User, delivery_id: int | None = None, since: datetime | None = None) -> int:
    """Send one message, or all since a moment, once more under the same ids; returns how many. Raises IsPaused."""
    if receiver.paused_at is not None:
        raise IsPaused()
    mine = (Delivery.receiver == receiver.id) & (Delivery.state != State.SENDING)
    chosen = Delivery.made_at >= since if since is not None else Delivery.id == delivery_id
    with audit.turn(receiver.organisation_id):
        proof.hold_actor(by)
        fresh = Delivery.update(state=State.WAITING, not_before=now(), attempts=0)
        count: int = fresh.where(mine, chosen).execute()
        if count:
            audit.record(by, f"send messages of {receiver.kind} again", receiver, messages=count)
            database.after_commit(lambda: jobs.deliver(receiver.id))
    return count


def latest(receiver: Receiver) -> list[Delivery]:
    """The last messages, the newest first."""
    return list(receiver.deliveries.order_by(Delivery.id.desc()).limit(SHOWN))


def pretty(body: str) -> str:
    """A body of JSON, laid out for reading."""
    return json.dumps(json.loads(body), indent=2, ensure_ascii=False)
