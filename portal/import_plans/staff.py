"""The organisation's people before an import: who reports to whom, and who is meant by an address or a name."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, NamedTuple

from peewee import chunked

from portal.accounts.spelling import sounds_in, whole_names, words_of
from portal.columns import names
from portal.languages import gettext as _
from portal.organisations.models import Organisation
from portal.people import rules
from portal.people.models import Employee

FACTS = (
    "id",
    "employee_number",
    "first_name",
    "last_name",
    "preferred_name",
    "personal_email",
    "company_email",
    "start_date",
)
ADDRESSES = ("personal_email", "company_email")


class Facts(NamedTuple):
    """By what a person can be told. key: the row of an employee, or the line of a file."""

    key: str
    employee_number: str
    first_name: str
    last_name: str
    preferred_name: str
    personal_email: str
    company_email: str
    start_date: Any

    @classmethod
    def of(cls, key: str, record: Mapping[str, Any]) -> "Facts":
        """From a record, or from a part of one."""
        values = {name: record.get(name) or "" for name in FACTS if name not in ("id", "start_date")}
        return cls(key, **values, start_date=record.get("start_date"))

    @property
    def name(self) -> str:
        return " ".join(part for part in (self.preferred_name or self.first_name, self.last_name) if part)

    @property
    def addresses(self) -> set[str]:
        return {address.casefold() for address in (self.personal_email, self.company_email) if address}

    @property
    def whole_names(self) -> set[str]:
        return names.whole_names(self.first_name, self.last_name, self.preferred_name)

    @property
    def like_names(self) -> set[str]:
        return names.like_names(self.first_name, self.last_name, self.preferred_name)

    @property
    def sounds(self) -> frozenset[str]:
        """Every word of the name as it sounds. Two without a word in common have other names."""
        return sounds_in(self.first_name, self.preferred_name, self.last_name)


class Staff:
    """The numbers and reporting lines of the people whom an import can be about, as they are before it.

    people: a select of them, who are all of the organisation or a part of it.
    """

    def __init__(self, organisation: Organisation, people: Any):
        self._mine, self._people = Employee.organisation == organisation, people
        columns = (Employee.id, Employee.employee_number, Employee.manager, Employee.second_manager)
        staff: Any = list(people.select(*columns).tuples())
        self.number_of = {row_id: number for row_id, number, *_ in staff}
        # A manager of theirs may be in another part.
        above = {one for _, _, *managers in staff for one in managers} - {None, *self.number_of}
        over = self.number_of | self._numbers(Employee.id, sorted(above))
        self.manager_of = {number: over.get(manager_id, "") for _, number, manager_id, _ in staff}
        self.second_of = {number: over.get(second_id, "") for _, number, _, second_id in staff}

    def _numbers(self, column: Any, values: Iterable[Any]) -> dict[int, str]:
        """The employees of the whole organisation with these values: number of the row to employee number."""
        found: dict[int, str] = {}
        for some in chunked(values, 500):
            rows: Any = Employee.select(Employee.id, Employee.employee_number).where(self._mine, column.in_(some))
            found |= dict(rows.tuples())
        return found

    def of_others(self, numbers: Iterable[str]) -> set[str]:
        """Those of the numbers that employees have whom the import cannot be about."""
        unknown = [number for number in numbers if number not in self.manager_of]
        return set(self._numbers(Employee.employee_number, unknown).values())

    def size(self) -> int:
        """How many employees the whole organisation has."""
        return Employee.select().where(self._mine).count()

    @cached_property
    def id_of(self) -> dict[str, int]:
        return {number: row_id for row_id, number in self.number_of.items()}

    def rename(self, renamed: Mapping[str, str]) -> None:
        """Look at the reporting lines with the numbers that some people get now. renamed: old number to new."""
        if renamed:
            above = self.manager_of.items()
            self.manager_of = {renamed.get(number, number): renamed.get(boss, boss) for number, boss in above}
            beside = self.second_of.items()
            self.second_of = {renamed.get(number, number): renamed.get(boss, boss) for number, boss in beside}

    def facts(self) -> Iterator[Facts]:
        """Everybody, one by one."""
        fields = [getattr(Employee, name) for name in FACTS]
        query = self._people.select(*fields).order_by(Employee.id)
        # Read whole: on SQLite a connection that still reads cannot write.
        people: Any = list(query.tuples())
        for row_id, *rest in people:
            yield Facts(str(row_id), *rest)


class LostZeros:
    """Numbers of a file that look as if a spreadsheet took away their zeros, and what they were."""

    def __init__(self, known: Iterable[str], in_file: Iterable[str]):
        known, in_file = set(known), dict.fromkeys(in_file)
        with_zeros = {number for number in (*known, *in_file) if _digits(number) and number.startswith("0")}
        widths = {len(number) for number in with_zeros}
        others = {len(number) for number in known - with_zeros if _digits(number)}
        # Where shorter numbers are usual, only those are suspicious that a known person has with zeros.
        width = widths.pop() if len(widths) == 1 and with_zeros else 0
        width = 0 if any(length < width for length in others) else width
        whole: dict[str, set[str]] = {}
        for number in with_zeros:
            whole.setdefault(number.lstrip("0"), set()).add(number)
        self.restored: dict[str, str] = {}
        for number in in_file:
            if _digits(number) and number not in known and number not in with_zeros:
                same = whole.get(number, set())
                was = next(iter(same)) if len(same) == 1 else number.zfill(width)
                if was != number:
                    self.restored[number] = was


def _digits(number: str) -> bool:
    return len(number) <= rules.LONGEST["employee_number"] and number.isascii() and number.isdigit()


class Managers:
    """Who is meant by the text in a manager column: a number, an address, or a name."""

    def __init__(self, texts: Iterable[str], numbers: set[str]):
        """numbers: of all people, known and in the file. `learn` gives those among whom addresses and names are."""
        self.numbers = numbers
        self.wanted = {key: set[str]() for text in texts if text and text not in numbers for key in _keys(text)}
        self.by_words = 0

    def learn(self, people: Iterable[Facts]) -> None:
        if not self.wanted:
            return
        for person in people:
            for key in person.addresses | person.whole_names:
                if key in self.wanted:
                    self.wanted[key].add(person.employee_number)

    def number(self, text: str) -> str:
        """The manager's employee number; empty for none. Raises ValueError when that is not clear."""
        if not text or text in self.numbers:
            return text
        behind = names.number_behind(text)[1]
        if behind in self.numbers:
            self.by_words += 1
            return behind
        found = sorted(set[str]().union(*(self.wanted.get(key, set()) for key in _keys(text))))
        if len(found) > 1:
            raise ValueError(
                _(
                    "“%(text)s” could be %(listed)s: enter the employee number instead.",
                    text=text[:100],
                    listed=names.listed(found),
                )
            )
        if not found and _is_one_word(text):
            raise ValueError(
                _(
                    "“%(text)s” is only one word of a name: enter the whole name or the employee number.",
                    text=text[:100],
                )
            )
        if not found:
            raise ValueError(
                _("“%(text)s” is neither in the file nor in the Employee List: correct it.", text=text[:100])
            )
        self.by_words += 1
        return found[0]


def _is_one_word(text: str) -> bool:
    """Whether it is a name of one word, and neither an address nor a number."""
    text = names.number_behind(text)[0]
    return text.replace("-", "").isalpha() and len(words_of(text)) == 1


def _keys(text: str) -> set[str]:
    """By what an address or a name in a manager column is found."""
    text = text[:300]
    if "@" in text:
        return {text.casefold()}
    return whole_names(names.number_behind(text)[0])
