"""Names of people in files: taken apart where a user asked for it, and compared."""

import re
from collections.abc import Iterable, Mapping

from portal.accounts import spelling
from portal.languages import gettext as _
from portal.languages import joined, number

# They belong to the last name that follows.
BEFORE_A_LAST_NAME = frozenset(
    ("af", "al", "av", "bin", "binti", "da", "das", "de", "degli", "dei", "del", "della", "den", "der", "di", "do",
     "dos", "du", "el", "la", "las", "le", "les", "lo", "los", "'t", "ten", "ter", "van", "vom", "von", "y", "zu",
     "zum", "zur")
)  # fmt: skip
NUMBER_BEHIND = re.compile(r"[(\[]\s*+([^()\[\]]{1,40}?)\s*+[)\]]\s*+$")


def number_behind(text: str) -> tuple[str, str]:
    """A name without the number in brackets that some systems write behind it, and that number: "Ana Ruiz (1001)"."""
    found = NUMBER_BEHIND.search(text)
    if found and any(sign.isdigit() for sign in found.group(1)):
        return text[: found.start()].strip(), found.group(1)
    return text, ""


def taken_apart(text: str, *, last_first: bool) -> tuple[str, str]:
    """First and last name of a whole one. last_first: how it is written where there is no comma, "Ruiz Ana"."""
    name, _ = number_behind(text)
    if "," in name:
        last, _, first = name.partition(",")
        return first.strip(), last.strip()
    words = name.split()
    if len(words) < 2:
        return name, ""
    cut = _end_of_last_name(words) if last_first else _beginning_of_last_name(words)
    front, back = " ".join(words[:cut]), " ".join(words[cut:])
    return (back, front) if last_first else (front, back)


def _beginning_of_last_name(words: list[str]) -> int:
    for place, word in enumerate(words[1:-1], 1):
        if word.casefold() in BEFORE_A_LAST_NAME:
            return place
    return len(words) - 1


def _end_of_last_name(words: list[str]) -> int:
    """In capitals, "DE LA TOUR Jean", or the first word with what comes before it, "van Dijk Anna"."""
    capitals = next((place for place, word in enumerate(words) if not word.isupper() or len(word) == 1), 0)
    if 0 < capitals < len(words):
        return capitals
    place = 0
    while place < len(words) - 2 and words[place].casefold() in BEFORE_A_LAST_NAME:
        place += 1
    return place + 1


def whole_names(first: str, last: str, preferred: str = "") -> set[str]:
    """The person's name with the first name and with the preferred one, folded as `spelling` does; never one word."""
    found = spelling.whole_names(first, last)
    return found | spelling.whole_names(preferred, last) if preferred else found


def like_names(first: str, last: str, preferred: str = "") -> set[str]:
    """The same, with parts missing and as it sounds: Bill Stone, William J. Stone."""
    found = spelling.like_names(first, last)
    return found | spelling.like_names(preferred, last) if preferred else found


def whole_name(record: Mapping[str, str]) -> str:
    """What colleagues call the person of a record."""
    parts = (record["preferred_name"] or record["first_name"], record["last_name"])
    return " ".join(part for part in parts if part)


def listed(names: Iterable[str], most: int = 5) -> str:
    """The first few of the names as words: "Ana Ruiz, Wei Zhang and 3 more"."""
    every = list(names)
    shown = joined(*every[:most], by=", ")
    return (
        _("%(names)s and %(number)s more", names=shown, number=number(len(every) - most))
        if len(every) > most
        else shown
    )
