"""Words of a file that are none of a list, or nearly one: a user says what each means, and the portal guesses nothing.

Employment types and time zones are lists of the portal's. Departments and locations are the organisation's own: a new
one is taken, unless it is written almost like another one ("SALES" beside "Sales").
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from portal.columns import words
from portal.columns.answers import Answers, Spelled
from portal.columns.headings import plain
from portal.languages import N_
from portal.languages import gettext as _
from portal.people import rules
from portal.people.searching import departments, locations
from portal.tables import Day

# Field of the portal's own lists -> the words in it; field of the organisation's -> what it has.
KNOWN: dict[str, Callable[[], Iterable[str]]] = {
    "employment_type": lambda: rules.EMPLOYMENT_TYPES, "time_zone": rules.time_zones,
}  # fmt: skip
OWN: dict[str, Callable[..., list[str]]] = {"department": departments, "location": locations}
READ = {"employment_type": words.employment_type, "time_zone": words.time_zone}
MOST_COMPARED = 10_000
ALMOST_LIKE = {
    "department": N_("The department “%(word)s” is written almost like “%(like)s”."),
    "location": N_("The location “%(word)s” is written almost like “%(like)s”."),
}
NOT_KNOWN = {
    "employment_type": N_("“%(word)s” is not an employment type that the portal knows."),
    "time_zone": N_("“%(word)s” is not a time zone that the portal knows."),
}


@dataclass(frozen=True, slots=True)
class Spelling:
    """A word about which a user has to say what it means. like: what it may be; empty where it may be any of KNOWN."""

    field: str
    word: str
    lines: int
    like: tuple[str, ...] = ()

    @property
    def is_capitals(self) -> bool:
        """Whether it differs from one other word alone, and only in capital letters."""
        return len(self.like) == 1 and self.word.lower() == self.like[0].lower()

    @property
    def sentence(self) -> str:
        if self.like:
            return _(ALMOST_LIKE[self.field], word=self.word[:60], like=self.like[0][:60])
        return _(NOT_KNOWN[self.field], word=self.word[:60])

    def allows(self, answer: str) -> bool:
        """Whether it is an answer to the question."""
        if self.like:
            return answer == Spelled.KEEP or answer in self.like
        return answer == Spelled.EMPTY or answer in KNOWN[self.field]()


def questions(texts: Callable[[str], Iterable[str]], people: Any, answers: Answers) -> Iterator[Spelling]:
    """The words without an answer. texts: gives what is in the column of a field. people: whose words are known."""
    for field in (*KNOWN, *OWN):
        said: Any = Counter(word for word in texts(field) if word and not isinstance(word, Day) and word != words.CLEAR)
        if not said:
            continue
        open_words = {word: count for word, count in said.items() if not answers.is_spelled(field, word)}
        if field in KNOWN:
            yield from (Spelling(field, word, n) for word, n in open_words.items() if READ[field](word) is None)
        else:
            yield from _near(field, said, open_words, people)


def _near(field: str, said: Counter[str], open_words: dict[str, int], people: Any) -> Iterator[Spelling]:
    there = OWN[field](people, MOST_COMPARED)
    alike: dict[str, list[str]] = {}
    for word in there:
        alike.setdefault(plain(word), []).append(word)
    # Of several new spellings, the most frequent one counts as the known one.
    for word, _count in said.most_common():
        if plain(word) and plain(word) not in alike:
            alike[plain(word)] = [word]
    for word, count in open_words.items():
        like = alike.get(plain(word), [])
        if like and word not in like:
            yield Spelling(field, word, count, tuple(like[:5]))
