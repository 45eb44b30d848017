"""One thing at a time in each mailbox: what is sent, planned and read there takes turns.

Applications refuse many requests at a time to the same mailbox.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from portal.connectors.errors import TryLater
from portal.languages import gettext as _
from portal.mailboxes.models import Mailbox

LOOKS_AGAIN = 0.1


class Occupied(TryLater):
    """The portal does something else in the mailbox."""


@contextmanager
def turn(mailbox: Mailbox, *, patience: float = 2.0) -> Iterator[Mailbox]:
    """Hold the mailbox while something is done in it. patience: seconds to wait while another worker has it.

    Ask `hold_in_time` of what it yields before each request of long work. Raises Occupied.
    """
    held, until = Mailbox.get_by_id(mailbox.id), time.monotonic() + patience
    while held.is_live and not held.claim():
        if time.monotonic() >= until:
            raise Occupied(_("The portal is busy with something else in this mailbox."), retry_after=2)
        time.sleep(LOOKS_AGAIN)
    try:
        yield held
    finally:
        _let_go(held)


def _let_go(held: Mailbox) -> None:
    """Also of one that was disconnected, or waits for its owner, by now."""
    mine = (Mailbox.id == held.id) & (Mailbox.lease_until == held.lease_until)
    if held.is_ours:
        Mailbox.update(lease_until=None).where(mine).execute()
        held.is_ours = False
