"""Which applications have mail that no user has seen."""

from collections.abc import Iterable

from portal.messages.models import Direction, Message
from portal.recruitment.models import Application


def of(applications: Iterable[Application]) -> set[int]:
    """The ids of those of these applications about which a candidate wrote what no user has seen."""
    ids = [one.id for one in applications]
    rows = Message.select(Message.application).where(
        Message.application.in_(ids), Message.direction == Direction.IN, Message.seen_at.is_null()
    )
    return {one.application_id for one in rows}
