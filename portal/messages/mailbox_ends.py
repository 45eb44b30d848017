"""What becomes of messages that wait when their mailbox is disconnected, or connected again."""

from typing import Any

from portal.carrying.models import State
from portal.languages import gettext as _
from portal.languages import joined
from portal.mailboxes import connecting, ending
from portal.mailboxes.models import Mailbox
from portal.messages import engine
from portal.messages.models import Delivery, Message


def waiting_in(mailbox: Mailbox) -> Any:
    """The messages that wait in the mailbox, as a select: the oldest first."""
    waits: Any = Delivery.select(Delivery.mail).where(Delivery.mailbox == mailbox.id, Delivery.state == State.WAITING)
    return Message.select().where(Message.id.in_(waits)).order_by(Message.id)


def cancel_all(mailbox: Mailbox) -> None:
    """Within a transaction: nothing goes out from a mailbox that is disconnected."""
    for delivery in Delivery.select().where(Delivery.mailbox == mailbox.id, Delivery.state == State.WAITING):
        engine.cancel(delivery, joined(_("The mailbox was disconnected."), mailbox.problem))


ending.WHEN_OFF.append(cancel_all)
connecting.WHEN_CONNECTED.append(engine.go_on)
