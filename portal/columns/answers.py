"""What is asked about a file before it is imported, and what was answered."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from portal.columns.dates import Order
from portal.columns.words import Standing
from portal.languages import begun, joined
from portal.languages import gettext as _

NONE = "none"
# How a file is read; and what is taken over from an earlier file.
HOW_READ = ("columns", "encoding", "sheet", "earlier")
TAKEN_OVER = ("headings", "dates", "zeros", "words", "spellings", "leavers", "left_on", "people")


class Zeros(StrEnum):
    """Numbers that look as if a spreadsheet took their zeros away: put them back, or take the numbers as they are."""

    RESTORE = "restore"
    KEEP = "keep"


class Leavers(StrEnum):
    """People who have left, by the file, and have no end date: skipped, imported without one, or with one."""

    SKIP = "skip"
    AS_THEY_ARE = "as they are"
    END = "end"


class Spelled(StrEnum):
    """What an unknown word of a list is, when it is none of those offered: kept as it is, or left out."""

    KEEP = "=keep"
    EMPTY = "=empty"


class Who(StrEnum):
    """Whether a line that would add a person is about a known one. RENUMBER: and they get the line's number."""

    SAME = "same"
    RENUMBER = "renumber"
    OTHER = "add"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class Like:
    """A person whom a line may be about. key: the row of an employee, or "line 3" of a file. why: what is alike."""

    key: str
    number: str
    name: str
    why: tuple[str, ...]
    start_date: str = ""

    @property
    def in_list(self) -> bool:
        return self.key.isdigit()

    @property
    def shown(self) -> str:
        """The key as a person reads it. There are many lines, and few of them are shown."""
        return self.key if self.in_list else _("line %(line)s", line=self.key.removeprefix("line "))


@dataclass(frozen=True, slots=True)
class WhoQuestion:
    """A line that would add a person who may be known. alike: the numbers differ only by how they are written.

    still: the line has the number of a known person, and may be about another one.
    """

    line: int
    number: str
    name: str
    like: tuple[Like, ...]
    alike: bool = False
    still: bool = False

    @property
    def sentence(self) -> str:
        first = self.like[0]
        if self.still:
            return _(
                "Is %(name)s still the same person as %(known)s (%(number)s)? %(why)s.",
                name=self.name,
                known=first.name,
                number=first.number,
                why=begun(first.why[0]),
            )
        where = (
            f"{first.name} ({first.number})"
            if first.in_list
            else _("%(name)s (%(number)s) on %(key)s", name=first.name, number=first.number, key=first.shown)
        )
        return _("This may be %(where)s: %(why)s.", where=where, why=joined(*first.why, by=", "))


@dataclass(slots=True)
class Answers:
    """What a user answered about a file. Everything is empty until then.

    encoding, sheet: how the file is read.
    columns: what each column means, by its place; headings: by its plain heading. words: what status words say.
    spellings: field, space, word of the file -> what is stored, or a Spelled.
    people: number and name of a line to [answer, whom it is about, *all that were asked about], so that it counts for a
    corrected file too. everybody: for all lines without an answer.
    earlier: when the file was uploaded from which answers were taken over, as ISO text; NONE to take over none.
    """

    columns: dict[str, str] = field(default_factory=dict)
    headings: dict[str, str] = field(default_factory=dict)
    dates: str = ""
    zeros: str = ""
    words: dict[str, str] = field(default_factory=dict)
    spellings: dict[str, str] = field(default_factory=dict)
    leavers: str = ""
    left_on: str = ""
    people: dict[str, list[str]] = field(default_factory=dict)
    everybody: str = ""
    encoding: str = ""
    sheet: str = ""
    earlier: str = ""

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "Answers":
        return cls(**stored)

    def stored(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def any(self) -> bool:
        """Whether the user answered anything besides what the columns mean."""
        return self != replace(Answers(), **{name: getattr(self, name) for name in HOW_READ})

    def again(self) -> "Answers":
        """Those with which everything is asked again, except for what the columns mean."""
        return replace(Answers(), **{name: getattr(self, name) for name in HOW_READ} | {"earlier": NONE})

    def add(self, before: "Answers", moment: str) -> None:
        """Take over what was answered about an earlier file, but for the answer to all its lines.

        moment: when that was uploaded, as ISO text.
        """
        for name in TAKEN_OVER:
            setattr(self, name, getattr(self, name) or getattr(before, name))
        self.earlier = moment

    @property
    def earlier_at(self) -> datetime | None:
        """When the file was uploaded from which answers were taken over."""
        return datetime.fromisoformat(self.earlier) if self.earlier not in ("", NONE) else None

    @property
    def order(self) -> Order | None:
        return Order(self.dates) if self.dates else None

    @property
    def last_day(self) -> date | None:
        return date.fromisoformat(self.left_on) if self.left_on else None

    def standing(self, word: str) -> Standing | None:
        return Standing(self.words[word]) if word in self.words else None

    def is_spelled(self, name: str, word: str) -> bool:
        """Whether the user answered what the word of this field is."""
        return f"{name} {word}" in self.spellings

    def spell(self, name: str, word: str, answer: str) -> None:
        self.spellings[f"{name} {word}"] = answer

    def spelled(self, name: str, word: str) -> str:
        """The word of this field as it is to be stored."""
        said = self.spellings.get(f"{name} {word}", Spelled.KEEP)
        return word if said == Spelled.KEEP else "" if said == Spelled.EMPTY else said

    def who(self, question: WhoQuestion) -> tuple[Who, Like | None] | None:
        """The answer about the line, if it covers everybody whom the line may mean now."""
        key, now_asked = _key(question.number, question.name), [_asked_of(like) for like in question.like]
        said, about, *asked = self.people.get(key, ["", ""])
        if self.stands(question, said) and set(now_asked) <= set(asked):
            return Who(said), next((like for like in question.like if like.key == about), None)
        found = self._for_all(question) if self.everybody else None
        if found is not None:
            self.people[key] = [found[0], found[1].key if found[1] else "", *now_asked]
        return found

    @staticmethod
    def stands(question: WhoQuestion, said: str) -> bool:
        """Whether it is an answer to the question: no person can be added with the number of a known one."""
        return bool(said) and not (question.still and said == Who.OTHER)

    def _for_all(self, question: WhoQuestion) -> tuple[Who, Like | None] | None:
        """An answer for everybody says "the same person" only of those who may be one person of the list."""
        who, known = Who(self.everybody), [like for like in question.like if like.in_list]
        if question.still:
            # One answer for all lines cannot say that each is another person.
            return (who, None) if who is Who.SKIP else None
        if who in (Who.SAME, Who.RENUMBER):
            return (who, known[0]) if len(known) == 1 else None
        return who, None

    def say(self, asked: Iterable[Mapping[str, Any]], said: Mapping[str, str]) -> None:
        """Note answers. asked: what the page asked, as `summary.summary_of` has it. said: line to "add", "skip", or
        "same" or "renumber" and whom it is about: "same 12".
        """
        for question in asked:
            line = str(question["line"])
            word, _, about = said.get(line, "").partition(" ")
            about_whom = [
                like["key"] if like["in_list"] else _key(like["number"], like["name"]) for like in question["like"]
            ]
            known = [like["key"] for like in question["like"] if like["in_list"]]
            if word in (Who.OTHER, Who.SKIP) or (word in (Who.SAME, Who.RENUMBER) and about in known):
                self.people[_key(question["number"], question["name"])] = [word, about, *about_whom]


def _asked_of(like: Like) -> str:
    """Whom an answer is about: lines of a file may stand elsewhere in the corrected one."""
    return like.key if like.in_list else _key(like.number, like.name)


def _key(number: str, name: str) -> str:
    return f"{number} {name}".casefold()
