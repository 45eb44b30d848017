"""Names that another system keeps in capitals, or in small letters, as people write them."""

import re
from collections.abc import Sequence

from portal.columns.headings import Column
from portal.tables import Line

NAMES = frozenset({"first_name", "last_name", "preferred_name"})
# Small before another part of the name: "Jan van der Berg".
PARTICLES = frozenset({"van", "von", "der", "den", "ter", "ten", "zu", "de", "del", "da", "di", "dos", "du", "y"})
PART = re.compile(r"[^\W\d_]+")
VOWEL = re.compile(r"[aeiouyàâäáåæèéêëìíîïòóôöøœùúûü]", re.IGNORECASE)


def usual(name: str) -> str:
    """ "O'NEIL" as "O'Neil", "van der berg" as "van der Berg"; a name with both kinds of letters stays as it is."""
    if not (name.isupper() or name.islower()) or (not VOWEL.search(name) and len(name) < 4):
        return name
    words = name.split(" ")
    last = len(words) - 1
    return " ".join(
        word.casefold() if word.casefold() in PARTICLES and place < last else PART.sub(_part, word)
        for place, word in enumerate(words)
    )


def _part(found: re.Match[str]) -> str:
    text = found[0]
    if text[:2].casefold() == "mc" and len(text) > 3:
        return f"Mc{text[2].upper()}{text[3:].lower()}"
    return text[0].upper() + text[1:].lower()


def as_usual(lines: Sequence[Line], columns: Sequence[Column]) -> list[Line]:
    """The lines with the names of people as they write them."""
    places = {column.place for column in columns if column.means in NAMES}
    return [
        line._replace(cells=tuple(usual(cell) if place in places else cell for place, cell in enumerate(line.cells)))
        for line in lines
    ]


def unusual(lines: Sequence[Line], columns: Sequence[Column]) -> list[tuple[str, str]]:
    """Each person whose name would be written otherwise: as it came, as it would be; none where they are few.

    A file in which most people have names in both kinds of letters has its reasons for the others.
    """
    places = [column.place for column in columns if column.means in NAMES]
    found = []
    for before, after in zip(lines, as_usual(lines, columns), strict=True):
        if before != after:
            found.append((_named(before, places), _named(after, places)))
    return found if len(found) * 2 > len(lines) else []


def _named(line: Line, places: Sequence[int]) -> str:
    return " ".join(line.cells[place] for place in places if place < len(line.cells) and line.cells[place])
