"""Which names Google accepts before the @.

https://support.google.com/a/answer/9193374
"""

import re

from portal.languages import gettext as _

LONGEST = 64
ALLOWED = "a-z0-9._'-"
NOT_ALLOWED = re.compile(r"[^A-Za-z0-9._'-]")
RESERVED = frozenset({"abuse", "postmaster"})


def local_part_problem(local_part: str) -> str | None:
    """What is wrong with the part before the @, as a sentence; None when Google accepts it."""
    if not local_part:
        return _("Enter a username.")
    if len(local_part) > LONGEST:
        return _(
            "The username has %(length)s characters; at most %(longest)s are possible.",
            length=len(local_part),
            longest=LONGEST,
        )
    wrong = NOT_ALLOWED.search(local_part)
    if wrong:
        return _(
            "The username cannot have %(character)s. Use letters without accents, digits, and . - _ '.",
            character=_shown(wrong.group()),
        )
    if local_part.startswith(".") or local_part.endswith("."):
        return _("The username cannot begin or end with a full stop.")
    if ".." in local_part:
        return _("The username cannot have two full stops in a row.")
    if local_part.casefold() in RESERVED:
        return _("Google keeps the name %(local_part)s for itself: choose another username.", local_part=local_part)
    return None


def _shown(character: str) -> str:
    if character.isspace():
        return _("a space")
    return (
        _("“%(character)s”", character=character) if character.isprintable() else _("a character that cannot be seen")
    )
