"""What the worker does, without its pauses."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from portal.hand_over import delivery
from portal.hand_over.models import LoginMail
from portal.mail import lane
from portal.operations import engine, registry
from portal.operations.models import Operation

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
TRIES = 8


def latest() -> Operation:
    return Operation.select().order_by(Operation.id.desc()).get()


def carry_on(operation: Operation | None = None) -> Operation:
    """The next try of the operation, as if its time had come and the process that held it were dead."""
    operation = operation or latest()
    Operation.update(not_before=LONG_AGO, lease_until=None).where(Operation.id == operation.id).execute()
    return engine.carry_out(operation)


def finish(operation: Operation | None = None) -> Operation:
    """Try until the operation has ended, or for as long as a test has patience."""
    operation = operation or latest()
    for _ in range(TRIES):
        if not operation.is_open:
            break
        operation = carry_on(operation)
    return operation


def follow(app, operation: Operation | None = None) -> list[int]:
    """What the sweep does once the operation is done: its mail, and the operations that it started.

    Returns the ids of these.
    """
    with app.app_context():
        started = list(registry.follow(operation or latest()))
        for further in started:
            finish(Operation.get_by_id(further))
        deliver(app)
    return started


def deliver(app) -> None:
    """Send every mail whose time has come, and try those again that failed."""
    lane.join()
    with app.app_context():
        LoginMail.update(lease_until=None, not_before=None).execute()
        for login_mail in delivery.due():
            delivery.deliver(login_mail)


def meanwhile(sandbox: Any, send: Callable[[], Any], act: Callable[[], Any], **call: Any) -> None:
    """Send, and act each time the tenant is busy with a call of this kind: it answers only after a while."""
    sandbox.fault(kind="slow", seconds=0.3, **call)
    sending, seen = threading.Thread(target=send), 0
    sending.start()
    while sending.is_alive():
        hits = sum(fault["hits"] for fault in sandbox.faults())
        if hits > seen:
            seen = hits
            act()
    sending.join()


def password_in(mailbox, number: int = -1) -> str:
    """The temporary password in a mail that arrived."""
    return mailbox.text(mailbox.messages[number]).split("Temporary password:")[1].split()[0]
