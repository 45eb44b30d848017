"""Graph's way of writing a moment."""

from datetime import UTC, datetime


def moment(text: str | None) -> datetime | None:
    """Graph's time: UTC, with or without a Z. Raises ValueError."""
    if not text:
        return None
    found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return found if found.tzinfo else found.replace(tzinfo=UTC)
