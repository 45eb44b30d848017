"""Pictures of people: the one that was set last, as soon as everything shows it."""

from portal.sandbox.state import State
from portal.sandbox.state.models import Picture


def keep(state: State, user_id: str, content: bytes) -> None:
    """Set the picture; with no content, take it away. Reads follow after a while."""
    Picture.create(user=user_id, content=content, since=state.clock.time() + state.timing.pictures)


def shown(state: State, user_id: str) -> bytes:
    """The picture that reads show; empty when there is none."""
    seen = Picture.select().where(Picture.user == user_id, Picture.since <= state.clock.time())
    found = seen.order_by(Picture.seq.desc()).first()
    return bytes(found.content) if found is not None else b""
