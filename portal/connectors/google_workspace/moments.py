"""Google's way of writing a moment."""

from datetime import UTC, datetime


def moment(text: str | None) -> datetime | None:
    """RFC 3339; None for nothing, and for 1970, which stands for never. Raises ValueError."""
    if not text:
        return None
    found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    found = found if found.tzinfo else found.replace(tzinfo=UTC)
    return found if found.year > 1970 else None
