"""Brings the messages to their receivers: two at a time to each, so that one who hangs holds up nobody else."""

import random
import time
from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from prometheus_client import Counter

from portal import audit, vault
from portal.connectors.pace import retry_after
from portal.database import lock_row, now, transaction
from portal.guard import calls
from portal.guard.calls import Answer
from portal.languages import gettext as _
from portal.logs import log
from portal.mail.lane import Lane
from portal.organisations.plans import Feature
from portal.problems import Problem
from portal.webhooks import signing, telling
from portal.webhooks.models import Delivery, Kind, Receiver, State, free

# Waits before each attempt, in seconds; after the last one the receiver is paused.
SCHEDULE = (0, 5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
LONGEST_WAIT_ASKED = 3600
# To one receiver, and to all of one organisation: the others need threads too.
MOST_OPEN, MOST_OF_ONE = 2, 8
# Seconds until a receiver is looked at again of which nothing could be taken, because others hold it.
LATER = 2.0
GONE, TOO_MANY, UNAVAILABLE = HTTPStatus.GONE, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE
# An attempt that has not ended by then has died with its process.
LOST_AFTER = timedelta(minutes=2)
KEPT_OF_ANSWER = 64_000
# What one thread sends to one receiver before others have their turn.
TURN = timedelta(seconds=30)
LANE = Lane("webhooks", 32)
DELIVERIES = Counter("portal_webhook_deliveries", "Messages to other systems, by what became of them", ["result"])


def _signed(receiver: Receiver, delivery: Delivery, moment: int) -> dict[str, str]:
    return signing.headers(receiver.secrets, delivery.message_id, moment, delivery.body.encode())


# The headers of one attempt at a message, by the kind of the receiver; those that are signed.
HEADERS: dict[str, Callable[[Receiver, Delivery, int], dict[str, str]]] = {Kind.WEBHOOK: _signed}


def send_all(receiver_id: int) -> float | None:
    """Send what is due to the receiver, one message after the other. Returns in how many seconds the next one is due.

    None when there is none, and when others send to the receiver already.
    """
    until = now() + TURN
    while now() < until:
        delivery = _claimed(receiver_id)
        if delivery is None:
            wait = _next(receiver_id)
            return wait if wait is None else max(wait, LATER)
        attempt(delivery)
    return 0.0


def _claimed(receiver_id: int) -> Delivery | None:
    """The oldest message that is due, taken for this thread; None when there is none or two are under way already."""
    with transaction():
        lock_row(Receiver, receiver_id)
        receiver = _listening(receiver_id)
        if receiver is None:
            return None
        mine = Delivery.receiver == receiver_id
        under_way = Delivery.select().where(Delivery.state == State.SENDING, Delivery.until >= now())
        theirs = Receiver.select(Receiver.id).where(Receiver.organisation == receiver.organisation_id)
        if under_way.where(mine).count() >= MOST_OPEN:
            return None
        if under_way.where(Delivery.receiver.in_(theirs)).count() >= MOST_OF_ONE:
            return None
        delivery: Delivery | None = Delivery.select().where(mine, free(now())).order_by(Delivery.id).first()
        if delivery is None:
            return None
        delivery.receiver, delivery.attempts = receiver, delivery.attempts + 1
        Delivery.update(
            state=State.SENDING, until=now() + LOST_AFTER, attempts=delivery.attempts, tried_at=now()
        ).where(Delivery.id == delivery.id).execute()
        return delivery


def _listening(receiver_id: int) -> Receiver | None:
    """The receiver, unless it is gone, paused, or its organisation has no plan for it."""
    found: Receiver | None = Receiver.get_or_none(Receiver.id == receiver_id, Receiver.paused_at.is_null())
    return found if found is not None and found.organisation.has(Feature.ACCOUNT_PROVISIONING) else None


def _next(receiver_id: int) -> float | None:
    if _listening(receiver_id) is None:
        return None
    query = Delivery.select().where(Delivery.receiver == receiver_id, Delivery.state == State.WAITING)
    first = query.order_by(Delivery.not_before).first()
    return None if first is None else max(0.0, (first.not_before - now()).total_seconds())


def attempt(delivery: Delivery) -> None:
    """One call, and what became of it."""
    receiver = delivery.receiver
    try:
        answer = _called(receiver, delivery)
    except (Problem, vault.CannotOpen) as problem:
        said = problem.message if isinstance(problem, Problem) else _("Its address can no longer be decrypted.")
        _note(delivery, None, said)
        return
    _note(delivery, answer, "" if answer.good else _("It answered %(status)s.", status=answer.status))


def _called(receiver: Receiver, delivery: Delivery) -> Answer:
    signed = HEADERS.get(receiver.kind)
    headers = signed(receiver, delivery, int(time.time())) if signed else {}
    return calls.send(
        "POST", receiver.address, data=delivery.body.encode(), largest=KEPT_OF_ANSWER,
        headers={"Content-Type": "application/json", "User-Agent": "account-portal-webhooks/1", **headers},
    )  # fmt: skip


def _note(delivery: Delivery, answer: Answer | None, problem: str) -> None:
    receiver, moment = delivery.receiver, now()
    changes: dict[str, Any] = {"until": None, "problem": problem, "not_before": None, "state": State.DONE}
    changes |= {"status": None, "answer": "", "milliseconds": None, "public": False}
    if answer is not None:
        text = answer.body.decode("utf-8", "replace").replace("\x00", "�")
        changes |= {"status": answer.status, "answer": text, "public": answer.public}
        changes["milliseconds"] = round(answer.seconds * 1000)
    over = bool(problem) and (_is_gone(answer) or delivery.attempts >= len(SCHEDULE))
    if problem:
        changes["state"] = State.FAILED
    if problem and not over:
        changes |= {"state": State.WAITING, "not_before": moment + timedelta(seconds=_wait(delivery, answer))}
    with audit.turn(receiver.organisation_id):
        Delivery.update(changes).where(Delivery.id == delivery.id).execute()
        known: dict[str, Any] = {"problem": problem} if problem else {"problem": "", "last_ok_at": moment}
        Receiver.update(known).where(Receiver.id == receiver.id).execute()
        if not problem:
            _note_use(receiver)
        if over:
            pause_for(receiver, _why(answer))
    DELIVERIES.labels("done" if not problem else "failed" if over else "again").inc()
    if problem:
        log.info("message not delivered", receiver=receiver.id, attempt=delivery.attempts, reason=problem)


def _is_gone(answer: Answer | None) -> bool:
    return answer is not None and answer.status == GONE


def _why(answer: Answer | None) -> str:
    if _is_gone(answer):
        return _("It answered that it is gone for good.")
    return _("It accepted none of %(number)s attempts to send a message.", number=len(SCHEDULE))


def _wait(delivery: Delivery, answer: Answer | None) -> float:
    """Seconds before the next attempt: as the receiver asks, else as the schedule has it, a little uneven."""
    if answer is not None and answer.status in (TOO_MANY, UNAVAILABLE):
        asked = retry_after(answer.headers)
        if asked is not None:
            return min(asked, LONGEST_WAIT_ASKED)
    return SCHEDULE[delivery.attempts] * random.uniform(1.0, 1.1)


def _note_use(receiver: Receiver) -> None:
    """A line of the audit log for the first message of a day."""
    today = receiver.organisation.today.isoformat()
    mine = Receiver.update(used_on=today).where(Receiver.id == receiver.id, Receiver.used_on != today)
    if mine.execute():
        audit.record("portal", f"use {receiver.kind}", receiver)


def pause_for(receiver: Receiver, why: str) -> None:
    """Stop the receiver because it does not work, and have its Admins told."""
    mine = (Receiver.id == receiver.id) & Receiver.paused_at.is_null()
    if Receiver.update(paused_at=now(), paused_why=why, told=False).where(mine).execute():
        audit.record("portal", f"pause {receiver.kind}", receiver, reason=why)
        telling.soon(Receiver, receiver.id, telling.tell_paused)
