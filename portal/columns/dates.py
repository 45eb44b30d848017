"""Dates as people and other systems write them. One order of day and month counts for a whole file, never a guess."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cache, lru_cache

from anyascii import anyascii
from babel import Locale

from portal.languages import N_
from portal.languages import gettext as _
from portal.people import rules

LANGUAGES = ("en", "de", "fr", "es", "nl", "it", "pt", "pl", "sv", "da", "nb", "fi", "cs", "ro", "ru", "uk")
# What systems write for no date, and the last day of their calendars.
NOTHING = frozenset(
    {"-", "–", "—", "n/a", "na", "none", "null", "nil", "00/00/0000", "0000-00-00", "00.00.0000", "00000000"}
    | {"00:00:00", "00.01.1900", "00/01/1900", "01/00/1900", "1900-01-00"}
)  # fmt: skip
# The days from which databases and spreadsheets count, where nothing was entered, and the last ones of calendars.
NO_DAY = frozenset(
    {date(9999, 12, 31), date(2999, 12, 31), date(4712, 12, 31)}
    | {date(1, 1, 1), date(1753, 1, 1), date(1899, 12, 30), date(1899, 12, 31), date(1900, 1, 1)}
)  # fmt: skip
# The day from which Excel counts, as its own mistake about 1900 leaves it; and which counts can be days of employees.
EXCEL_DAY_0, EXCEL = date(1899, 12, 30), range(15_000, 80_000)
TWO_DIGITS_UP_TO = 68
LONGEST = 60

# As in Japanese, Chinese and Korean: 2026年4月1日, 2026년 4월 1일.
EASTERN = re.compile(r"(\d{4})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日일]")
# As Japanese offices count years: 令和8年4月1日, R8.4.1.
ERAS = {"令和": 2018, "r": 2018, "平成": 1988, "h": 1988, "昭和": 1925, "s": 1925}
OF_AN_ERA = re.compile(r"(令和|平成|昭和|[rhs])\s*(\d{1,2}|元)\s*[年./-]\s*(\d{1,2})\s*[月./-]\s*(\d{1,2})\s*日?")
YEAR_FIRST = re.compile(r"(\d{4})[-/.] ?(\d{1,2})[-/.] ?(\d{1,2})\.?|(\d{4})(\d{2})(\d{2})")
NUMBERS = re.compile(r"(\d{1,2})\s?([-/. ])\s?(\d{1,2})\s?\2\s?(\d{4}|\d{2})\.?")
DAY_WORD = re.compile(
    r"(\d{1,2})(?:\s?(?:st|nd|rd|th|er|\.|º))?[-/., ]*(?:de |of )?([^\W\d]+)\.?[-/., ]*(?:de |of )?(\d{4}|\d{2})"
)
WORD_DAY = re.compile(r"([^\W\d]+)\.?[-/. ]*(\d{1,2})(?:st|nd|rd|th)?[-/., ]+(\d{4}|\d{2})")
TIME = re.compile(r"[T ]+\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?( ?[ap]\.?m\.?)?( ?(z|utc|[+-]\d{2}:?\d{2}))?$", re.IGNORECASE)
# A day of XML with its zone: 2026-03-31Z, 2026-03-31-07:00.
ZONE = re.compile(r"(?<=\d{4}-\d{2}-\d{2})(?:Z|[+-]\d{2}:\d{2})$")
# Programs write a midnight of theirs in UTC, where it may be on the day before.
MOMENT = re.compile(r"[T ](?!00:00|23:59)\d{1,2}:\d{2}[:.\d]* ?(?:z|utc|[+-]00:?00)$", re.IGNORECASE)
WEEKDAY = re.compile(r"^[^\W\d]{2,12}\.?,\s+")
SERIAL = re.compile(r"(\d{5})([.,]\d+)?")
DIGITS_OF_A_DATE = re.compile(r"[dmyj]{1,4}([-/. ])[dmyj]{1,4}\1[dmyj]{1,4}")


class Order(StrEnum):
    """Whether the day or the month comes first, where both are numbers."""

    DAY_FIRST = "dmy"
    MONTH_FIRST = "mdy"


@dataclass(frozen=True, slots=True)
class Written:
    """A date as it is written. day: what it is in the one order and in the other; the same where there is no doubt."""

    day_first: date | None
    month_first: date | None
    kind: str = ""

    @property
    def doubtful(self) -> bool:
        return self.day_first is not None and self.month_first is not None and self.day_first != self.month_first

    def settled(self, order: Order | None) -> date | None:
        if order is Order.MONTH_FIRST:
            return self.month_first
        return self.day_first if order else self.day_first or self.month_first


@dataclass
class Evidence:
    """What the dates of a file show about the order of day and month. doubtful: the first that allows both."""

    votes: dict[Order, str]
    doubtful: str = ""
    serial: str = ""
    short_year: str = ""

    @property
    def order(self) -> Order | None:
        """The order, where the file shows one and only one."""
        return next(iter(self.votes)) if len(self.votes) == 1 else None

    @property
    def example(self) -> str:
        """A date about which a user has to say which day it is."""
        return self.doubtful or next(iter(self.votes.values()), "")

    @property
    def must_ask(self) -> bool:
        return len(self.votes) > 1 or (bool(self.doubtful) and not self.votes)


def evidence(texts: Iterable[str], headings: Iterable[str] = ()) -> Evidence:
    """Look through the dates of a file. headings: of their columns, which may say it: "Start date (DD/MM/YYYY)"."""
    found = Evidence({})
    for heading in headings:
        shown = DIGITS_OF_A_DATE.search(heading.casefold())
        if shown and shown.group()[0] in "dm":
            found.votes[Order.DAY_FIRST if shown.group()[0] == "d" else Order.MONTH_FIRST] = heading
    for text in texts:
        written = _written(text)
        if written is None:
            continue
        if written.kind == "serial":
            found.serial = found.serial or text
        elif written.kind.startswith("numbers"):
            _vote(found, written, text)
        if written.kind.endswith("short"):
            found.short_year = found.short_year or text
    return found


def _vote(found: Evidence, written: Written, text: str) -> None:
    if written.doubtful:
        # In a date with dots between the numbers, the day comes first.
        if "." in text:
            found.votes.setdefault(Order.DAY_FIRST, text)
        found.doubtful = found.doubtful or text
    elif written.month_first is None:
        found.votes.setdefault(Order.DAY_FIRST, text)
    elif written.day_first is None:
        found.votes.setdefault(Order.MONTH_FIRST, text)


def read(text: str, order: Order | None) -> date | None:
    """The date in a tidy text, None for none. Raises ValueError with what is wrong."""
    if not text or TIME.sub("", text.casefold()) in NOTHING:
        return None
    written = _written(text)
    day = written.settled(order) if written else None
    if day in NO_DAY:
        return None
    if day is not None and MOMENT.search(text):
        raise ValueError(
            _(
                "“%(text)s” is a moment in UTC, and may be another day where you are: give the day alone, such as "
                "2026-03-31.",
                text=text[:30],
            )
        )
    if day is None and written is not None and (written.day_first or written.month_first):
        if order is Order.DAY_FIRST:
            words = N_("“%(text)s” is not a date when the day comes first, as in the other lines: correct it.")
        else:
            words = N_("“%(text)s” is not a date when the month comes first, as in the other lines: correct it.")
        raise ValueError(_(words, text=text[:30]))
    if day is None:
        raise ValueError(_("“%(text)s” is not a date: enter year, month and day, such as 2026-03-31.", text=text[:30]))
    if not rules.EARLIEST <= day <= rules.LATEST:
        raise ValueError(_("This is in the year %(year)s: check the year.", year=day.year))
    return day


@lru_cache(maxsize=5_000)
def _written(text: str) -> Written | None:
    if len(text) > LONGEST:
        return None
    bare = WEEKDAY.sub("", ZONE.sub("", TIME.sub("", text.strip().removeprefix("'")))).strip()
    if found := YEAR_FIRST.fullmatch(bare) or EASTERN.fullmatch(bare):
        year, month, day = (int(part) for part in found.groups() if part)
        return _same(_day(year, month, day))
    if found := OF_AN_ERA.fullmatch(bare.casefold()):
        era, count = found.group(1, 2)
        first = ERAS[era] + (1 if count == "元" else int(count))
        return _same(_day(first, int(found.group(3)), int(found.group(4))))
    if found := SERIAL.fullmatch(bare):
        count = int(found.group(1))
        return _same(EXCEL_DAY_0 + timedelta(count), "serial") if count in EXCEL else None
    if found := NUMBERS.fullmatch(bare):
        first, second, year = int(found.group(1)), int(found.group(3)), _year(found.group(4))
        kind = "numbers" if len(found.group(4)) == 4 else "numbers short"
        return Written(_day(year, second, first), _day(year, first, second), kind)
    return _with_word(bare)


def _with_word(text: str) -> Written | None:
    """The 15th of March, in any language and any order."""
    if found := DAY_WORD.fullmatch(text):
        day, word, year = found.groups()
    elif found := WORD_DAY.fullmatch(text):
        word, day, year = found.groups()
    else:
        return None
    month = _months().get(_plain(word), 0)
    return _same(_day(_year(year), month, int(day)), "" if len(year) == 4 else "words short")


def _same(day: date | None, kind: str = "") -> Written | None:
    return Written(day, day, kind) if day else None


def _year(digits: str) -> int:
    if len(digits) == 4:
        return int(digits)
    return int(digits) + (2000 if int(digits) <= TWO_DIGITS_UP_TO else 1900)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _plain(word: str) -> str:
    return anyascii(word.casefold()).rstrip(".")


@cache
def _months() -> dict[str, int]:
    """The name of a month, short or long, to its number; without those that are other months in other languages."""
    months: dict[str, set[int]] = {}
    for language in LANGUAGES:
        for use in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, word in Locale(language).months[use][width].items():
                    months.setdefault(_plain(word), set()).add(number)
    for word, number in (("sept", 9), ("mrz", 3), ("mar", 3), ("maerz", 3), ("jaen", 1), ("jaenner", 1)):
        months[word] = {number}
    return {word: numbers.pop() for word, numbers in months.items() if len(numbers) == 1 and word.isalpha()}
