"""Text that a user typed, without invisible characters."""


def printable(text: str | None) -> str:
    """The text without control characters and without spaces around it."""
    return "".join(letter for letter in text or "" if letter.isprintable()).strip()
