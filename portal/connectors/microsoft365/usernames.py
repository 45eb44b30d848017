"""Which names Microsoft accepts before the @.

https://learn.microsoft.com/graph/api/resources/user, userPrincipalName
"""

import re

LONGEST = 64
NOT_ALLOWED = re.compile(r"[^A-Za-z0-9'.\-_!#^~]")


def local_part_problem(local_part: str) -> str | None:
    """What is wrong with the part before the @, as a sentence; None when Microsoft accepts it."""
    if not local_part:
        return "Enter a username."
    if len(local_part) > LONGEST:
        return f"The username has {len(local_part)} characters; at most {LONGEST} are possible."
    wrong = NOT_ALLOWED.search(local_part)
    if wrong:
        return f"The username cannot have {shown(wrong.group())}. Use letters without accents, digits, and . - _ '."
    if local_part.startswith(".") or local_part.endswith("."):
        return "The username cannot begin or end with a full stop."
    if ".." in local_part:
        return "The username cannot have two full stops in a row."
    return None


def shown(character: str) -> str:
    """A character as a person can read it in a sentence."""
    if character.isspace():
        return "a space"
    return f"“{character}”" if character.isprintable() else "a character that cannot be seen"
