"""Which names Google accepts before the @.

https://support.google.com/a/answer/9193374
"""

import re

LONGEST = 64
ALLOWED = "a-z0-9._'-"
NOT_ALLOWED = re.compile(r"[^A-Za-z0-9._'-]")
RESERVED = frozenset({"abuse", "postmaster"})


def local_part_problem(local_part: str) -> str | None:
    """What is wrong with the part before the @, as a sentence; None when Google accepts it."""
    if not local_part:
        return "Enter a username."
    if len(local_part) > LONGEST:
        return f"The username has {len(local_part)} characters; at most {LONGEST} are possible."
    wrong = NOT_ALLOWED.search(local_part)
    if wrong:
        return f"The username cannot have {_shown(wrong.group())}. Use letters without accents, digits, and . - _ '."
    if local_part.startswith(".") or local_part.endswith("."):
        return "The username cannot begin or end with a full stop."
    if ".." in local_part:
        return "The username cannot have two full stops in a row."
    if local_part.casefold() in RESERVED:
        return f"Google keeps the name {local_part} for itself: choose another username."
    return None


def _shown(character: str) -> str:
    if character.isspace():
        return "a space"
    return f"“{character}”" if character.isprintable() else "a character that cannot be seen"
