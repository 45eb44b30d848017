"""From the file of a run to what it would change: read as an import is, with what the feed knows of its source."""

import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from portal.columns import casing, layouts, words
from portal.columns.answers import Answers, Leavers, Like, Who, WhoQuestion
from portal.columns.headings import IGNORED, NUMBER, STATUS, Column, plain
from portal.columns.known import known
from portal.columns.names import listed
from portal.config import settings
from portal.csv_lines import unguarded
from portal.feeds.models import Feed
from portal.import_plans import planning
from portal.import_plans.plans import ImportPlan
from portal.import_plans.spellings import OWN, READ
from portal.languages import gettext as _
from portal.languages import ngettext
from portal.organisations.models import Organisation
from portal.people import rules
from portal.tables import HowRead, Line, Table, kind_of
from portal.tables import opened as open_table

MOST_NAMED = 5
# A column had many values when every fifth record had one; of these fields it is right when nobody has one.
MANY = 5
OFTEN_EMPTY = frozenset({"end_date", "leave_from", "leave_to"})


class Broken(Exception):
    """The file is not what the feed knows, so nothing of it counts. why, next_step: for an Admin."""

    def __init__(self, why: str, next_step: str):
        super().__init__(why)
        self.why, self.next_step = why, next_step


@dataclass(slots=True)
class FeedAnswers(Answers):
    """The answers to one file of a feed. Who somebody is was answered by number: lines differ from run to run.

    decisions: number -> [answer, whom it is about, *all that were asked about]. settled: an Admin has approved a run.
    usual_names: names in capitals or small letters alone are written as people write them.
    """

    decisions: dict[str, list[str]] = field(default_factory=dict)
    settled: bool = False
    usual_names: bool = False

    def who(self, question: WhoQuestion) -> tuple[Who, Like | None] | None:
        said, about, *asked = self.decisions.get(question.number, ["", ""])
        if self.stands(question, said) and {like.key for like in question.like} <= set(asked):
            return Who(said), next((like for like in question.like if like.key == about), None)
        return None

    def is_spelled(self, name: str, word: str) -> bool:
        # The HR system says what is in the organisation's own lists.
        return name in OWN or f"{name} {word}" in self.spellings


@dataclass
class Reading:
    """What a file says. rows: lines with a person. mapping: plain heading -> [heading, meaning]; filled: how many
    lines have a value in each of its columns. unusual: people whose names are in capitals or small letters alone: as
    they came, as they are written.
    """

    plan: ImportPlan
    rows: int = 0
    mapping: dict[str, list[str]] = field(default_factory=dict)
    filled: dict[str, int] = field(default_factory=dict)
    unusual: list[tuple[str, str]] = field(default_factory=list)


def answers_of(feed: Feed) -> FeedAnswers:
    """What the Admins said about the files of this feed. A person who has left by their status leaves today."""
    answers = FeedAnswers(**feed.answers)
    answers.settled = bool(feed.mapping)
    if not answers.leavers:
        answers.leavers, answers.left_on = Leavers.END, feed.organisation.today.isoformat()
    return answers


def read(feed: Feed, content: bytes) -> Reading:
    """What taking the file over would do. Raises Broken, tables.Unreadable."""
    answers, organisation = answers_of(feed), feed.organisation
    table = _opened(content, answers, organisation)
    if table.how.asks:
        return Reading(planning.read(table, organisation, answers))
    lines = list(table.lines)
    if answers.settled:
        _check_columns(feed, table.header)
        answers.headings = {plain(heading): IGNORED for heading in table.header if heading}
        answers.headings |= {key: means for key, (_heading, means) in feed.mapping.items()}
    layout = layouts.of(table.header, organisation, answers)
    if layout.problem:
        return Reading(planning.read(replace(table, lines=iter(lines)), organisation, answers))
    used = [column for column in layout.columns if column.means != IGNORED]
    unusual = casing.unusual(lines, used)
    if answers.usual_names:
        lines = casing.as_usual(lines, used)
    filled = {plain(column.heading): sum(bool(_cell(line, column)) for line in lines) for column in used}
    _check_values(feed, lines, used, filled)
    # A column in which nobody ever had a value says nothing: it clears no field.
    silent = [key for key, count in filled.items() if lines and not count and not feed.filled.get(key)]
    answers.headings |= dict.fromkeys(silent, IGNORED)
    if answers.settled:
        lines = list(_with_faults(lines, used, answers))
    plan = planning.read(replace(table, lines=iter(lines)), organisation, answers)
    mapping = {plain(column.heading): [column.heading[:200], column.means] for column in used}
    return Reading(plan, len(lines), mapping, filled, unusual)


def _opened(content: bytes, answers: Answers, organisation: Organisation) -> Table:
    how = HowRead(answers.encoding, answers.sheet, organisation.country or "")
    stream = io.BytesIO(content)
    kind = kind_of(stream, "feed.xlsx" if content.startswith(b"PK") else "feed.csv")
    return open_table(stream, kind, knows=known, most_lines=settings().most_lines, how=how)


def _cell(line: Line, column: Column) -> str:
    cell = line.cells[column.place] if column.place < len(line.cells) else ""
    return rules.tidy(unguarded(cell))


def _check_columns(feed: Feed, header: Sequence[str]) -> None:
    """Raises Broken when a column is missing that an Admin has approved."""
    there = {plain(heading) for heading in header}
    missing = [f"“{heading}”" for key, (heading, _means) in feed.mapping.items() if key not in there]
    if missing:
        raise Broken(
            ngettext(
                "The column %(names)s is missing.", "The columns %(names)s are missing.", len(missing),
                names=listed(missing, MOST_NAMED),
            ),
            _("Correct the report in the other system, or press Change the mapping if it is meant to be like this."),
        )  # fmt: skip


def _check_values(feed: Feed, lines: Sequence[Line], used: Sequence[Column], filled: Mapping[str, int]) -> None:
    """Raises Broken when a column has lost all its values, or the key names two people."""
    lost = [column for column in used if not filled[plain(column.heading)] and column.means not in OFTEN_EMPTY]
    full = {key for key, count in feed.filled.items() if count * MANY >= feed.last_rows}
    empty = [f"“{column.heading}”" for column in lost if plain(column.heading) in full]
    if empty:
        raise Broken(
            ngettext(
                "The column %(names)s had values in the last run, and has none now.",
                "The columns %(names)s had values in the last run, and have none now.",
                len(empty),
                names=listed(empty, MOST_NAMED),
            ),
            _("Check in the other system whether the values are there, and whether the portal may read them."),
        )
    key = next(column for column in used if column.means == NUMBER)
    counts = Counter(_cell(line, key) for line in lines)
    twice = [f"“{number[:40]}”" for number, count in counts.items() if number and count > 1]
    if twice:
        raise Broken(
            _(
                "“%(heading)s” says which employee a record is about, but several records have the same one: "
                "%(names)s.",
                heading=key.heading,
                names=listed(twice, MOST_NAMED),
            ),
            _("Correct the records in the other system, or have its report name each person once."),
        )


def _with_faults(lines: Sequence[Line], used: Sequence[Column], answers: Answers) -> Iterator[Line]:
    """The lines, where a word that nobody knows spoils its own record and not the whole run."""
    checks = [column for column in used if column.means == STATUS or column.means in READ]
    seen: dict[tuple[int, str], str] = {}
    for line in lines:
        faults = dict(line.faults)
        for column in checks:
            word = _cell(line, column)
            if (column.place, word) not in seen:
                seen[column.place, word] = _fault(column, word, answers)
            if seen[column.place, word]:
                faults[column.place] = seen[column.place, word]
        if faults == line.faults:
            yield line
        else:
            cells = tuple("" if place in faults else cell for place, cell in enumerate(line.cells))
            yield line._replace(cells=cells, faults=faults)


def _fault(column: Column, word: str, answers: Answers) -> str:
    """What is wrong with a word of a list; empty when it is known."""
    if not word or word.casefold() == words.CLEAR:
        return ""
    if column.means == STATUS:
        known_word = answers.standing(plain(word)) or words.standing(word, inverted=words.is_inverted(column.heading))
        if known_word:
            return ""
        return _(
            "The portal does not know whether “%(word)s” means that somebody has left. Press Change the "
            "mapping to say so.",
            word=word[:60],
        )
    if READ[column.means](word) or answers.is_spelled(column.means, word):
        return ""
    return _("The portal does not know “%(word)s”.", word=word[:60])
