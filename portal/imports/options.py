"""What the command line says about a file that it imports, as answers."""

from collections.abc import Iterable, Iterator

from portal.columns.answers import Answers, Leavers
from portal.columns.dates import Order
from portal.columns.headings import IGNORED, plain
from portal.columns.known import MANAGER, SECOND
from portal.columns.layouts import CHOICES
from portal.columns.words import Standing
from portal.import_plans.spellings import KNOWN, OWN, Spelling
from portal.people import rules
from portal.problems import Problem
from portal.tables import NAMES

ORDERS = {"day-first": Order.DAY_FIRST, "month-first": Order.MONTH_FIRST}
FIELDS = {name.lstrip("="): name for name in CHOICES} | {
    "ignore": IGNORED,
    "manager": MANAGER,
    "second-manager": SECOND,
}


class WrongOption(Problem):
    """An option that cannot be understood."""

    status = 422


def answers_of(
    *,
    columns: Iterable[str] = (),
    dates: str | None = None,
    zeros: str | None = None,
    statuses: Iterable[str] = (),
    spellings: Iterable[str] = (),
    leavers: str | None = None,
    known: str | None = None,
    encoding: str | None = None,
    sheet: str | None = None,
) -> Answers:
    """The options as answers. Raises WrongOption."""
    if encoding and encoding not in NAMES:
        raise WrongOption(f"There is no encoding “{encoding}”: it is one of {', '.join(NAMES)}.")
    answers = Answers(
        dates=ORDERS[dates] if dates else "", zeros=zeros or "", everybody=known or "", encoding=encoding or "",
        sheet=sheet or "",
    )  # fmt: skip
    for heading, field in _pairs(columns):
        if field not in FIELDS:
            raise WrongOption(f"There is no field “{field}”: it is one of {', '.join(sorted(FIELDS))}.")
        answers.headings[plain(heading)] = FIELDS[field]
    for word, meaning in _pairs(statuses):
        if meaning not in list(Standing):
            raise WrongOption(f"“{meaning}” is not one of {', '.join(Standing)}.")
        answers.words[plain(word)] = meaning
    for field_and_word, meaning in _pairs(spellings):
        field, colon, word = field_and_word.partition(":")
        meaning = f"={meaning}" if meaning in ("keep", "empty") else meaning
        spelling = Spelling(FIELDS.get(field, ""), word, 0, (meaning,) if field in OWN else ())
        if not colon or field not in (*OWN, *KNOWN) or not spelling.allows(meaning):
            raise WrongOption(f"“{field_and_word}={meaning}” is no spelling: write FIELD:WORD=WHAT IT IS.")
        answers.spell(field, word, meaning)
    if leavers in ("skip", "as-they-are"):
        answers.leavers = leavers.replace("-", " ")
    elif leavers:
        answers.leavers, answers.left_on = Leavers.END, _day(leavers)
    return answers


def _pairs(options: Iterable[str]) -> Iterator[tuple[str, str]]:
    for option in options:
        before, sign, after = option.rpartition("=")
        if not sign or not before:
            raise WrongOption(f"“{option}” has no “=” in it: write what is in the file, =, and what it means.")
        yield before, after.strip()


def _day(text: str) -> str:
    try:
        day = rules.read_date(text)
    except ValueError as error:
        raise WrongOption(str(error)) from None
    return day.isoformat() if day else ""
