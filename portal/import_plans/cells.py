"""What cells say that can only be told beside the others of their file or column: nothing at all, figures, groups."""

import re
import unicodedata
from typing import TYPE_CHECKING

from portal.columns import words
from portal.columns.headings import FULL_NAME, LAST_FIRST, NUMBER, STATUS
from portal.columns.known import MANAGER, SECOND
from portal.columns.names import number_behind
from portal.languages import gettext as _
from portal.people import rules

if TYPE_CHECKING:
    from portal.import_plans.lines import Lines

# In these, figures are figures in whatever script they are.
FIGURES = frozenset({NUMBER, MANAGER, SECOND, "mobile", *rules.EMAILS})
# Here a word for nothing may be a name.
NAMES = frozenset({NUMBER, "first_name", "last_name", "preferred_name", FULL_NAME, LAST_FIRST, STATUS})
# What a pivot table groups people by.
GROUPS = frozenset({"department", "location", "country", MANAGER, SECOND})
# How far the wide letters of East Asia are from their usual forms.
WIDE = 0xFEE0
# In a name: what is no part of a name, and becomes part of the username; a whole name may have a comma.
TITLES = r"^(?:dr|prof|ing|mag|dott|mr|mrs|ms|miss|herr|frau|hr|fr|mme|mlle|sr|sra|dipl)\b\.? |^m\. "
ODD = re.compile(r"[()\[\]{}<>\"“”„@/|;:]|\d|" + TITLES, re.IGNORECASE)
PARTS_OF_NAMES = ("first_name", "last_name", "preferred_name")
WITH_POINT = re.compile(r"^(\d+)\.0$")


def understand(found: "Lines") -> None:
    """Empty the cells whose word says that there is nothing, and write figures of other scripts as 0 to 9."""
    nothing = [words.SIGNS_FOR_NOTHING if column.means in NAMES else words.NOTHING for column in found.columns]
    _take_points_away(found)
    _notice_odd_names(found)
    figures_at = [at for at, column in enumerate(found.columns) if column.means in FIGURES]
    for at, (line, cells, faults) in enumerate(found.raw):
        changed = cells
        if not words.NOTHING.isdisjoint(map(str.casefold, cells)) or "." in cells:
            changed = tuple("" if c.casefold() in no else c for c, no in zip(cells, nothing, strict=True))
            if changed != cells:
                found.nothing = found.nothing or next(a for a, b in zip(cells, changed, strict=True) if a != b)
        if any(not changed[place].isascii() for place in figures_at):
            changed = tuple(in_ascii(c) if place in figures_at else c for place, c in enumerate(changed))
        if changed is not cells:
            found.raw[at] = line, changed, faults


def _take_points_away(found: "Lines") -> None:
    """Programs that calculate with employee numbers write 1234.0, each of them."""
    numbers = [text for text in found.texts(NUMBER) if text]
    if len(numbers) < 2 or not all(map(WITH_POINT.fullmatch, numbers)):
        return
    found.with_point = numbers[0]
    places = [at for at, column in enumerate(found.columns) if column.means in (NUMBER, MANAGER, SECOND)]
    for at, (line, cells, faults) in enumerate(found.raw):
        whole = tuple(WITH_POINT.sub(r"\1", c) if place in places else c for place, c in enumerate(cells))
        found.raw[at] = line, whole, faults


def _notice_odd_names(found: "Lines") -> None:
    """Names are taken as they are; a title, a nickname or a remark beside them is worth a look."""
    parts = [at for at, column in enumerate(found.columns) if column.means in PARTS_OF_NAMES]
    whole = [at for at, column in enumerate(found.columns) if column.means in (FULL_NAME, LAST_FIRST)]
    for line, cells, _faults in found.raw:
        odd = next((cells[at] for at in parts if ODD.search(cells[at]) or "," in cells[at]), "")
        odd = odd or next((cells[at] for at in whole if ODD.search(number_behind(cells[at])[0])), "")
        if odd:
            found.counts["odd name"] += 1
            found.odd_name = found.odd_name or (odd[:60], line)


def in_ascii(text: str) -> str:
    """With the figures of all scripts, and the wide letters of East Asia, as they are on every keyboard."""
    return "".join(
        chr(ord(c) - WIDE) if "！" <= c <= "～" else str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text
    )


def refuse_groups(found: "Lines") -> None:
    """Refuse the empty cells of a first column in which each value is there once, as a pivot table shows it."""
    if not found.raw or found.columns[0].means not in GROUPS or NUMBER not in found.fields[1:]:
        return
    said = [cells[0] for _line, cells, _faults in found.raw]
    values = [text for text in said if text]
    if not said[0] or len(values) < 2 or len(set(values)) < len(values) or len(said) < 2 * len(values):
        return
    above = ""
    for at, (line, cells, faults) in enumerate(found.raw):
        above = cells[0] or above
        if not cells[0]:
            sentence = _(
                "It is empty below “%(above)s”, as a pivot table leaves it: repeat the value in each line, or write "
                "<<clear>> where there is none.",
                above=above[:40],
            )
            found.raw[at] = line, cells, {**faults, 0: sentence}
