"""What the pages list: vacancies with their counts, a vacancy's board, and candidates. A few queries for any number."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from peewee import JOIN, Select, fn

from portal.auth.models import User
from portal.filters import Filter, that, words
from portal.paging import Page, page_of
from portal.people.models import searchable
from portal.recruitment import candidates, sight, stages
from portal.recruitment.models import Application, Candidate, Ended, Stage, Vacancy, VacancyState

# Of a column: the board names the rest by their number, and the list of candidates shows them.
MOST_CARDS = 25
CURRENT, CLOSED = "current", "closed"
MOST_WORDS = 8


@dataclass
class VacancyRow:
    """A vacancy on the list. stages: (name, how many) where there is somebody. oldest: since when somebody waits."""

    vacancy: Vacancy
    stages: list[tuple[str, int]] = field(default_factory=list)
    hired: int = 0
    oldest: datetime | None = None


def vacancy_page(user: User, show: str, *, after: int | None) -> Page[VacancyRow]:
    """One page of the vacancies that the user sees, newest first. show: CURRENT or CLOSED."""
    closed = Vacancy.state == VacancyState.CLOSED
    some = page_of(
        sight.vacancies(user).where(closed if show == CLOSED else ~closed), Vacancy.id, after, newest_first=True
    )
    for vacancy in some.rows:
        vacancy.organisation = user.organisation
    return Page(_with_counts(user, some.rows), some.start, some.further)


def _with_counts(user: User, vacancies: list[Vacancy]) -> list[VacancyRow]:
    ids = [one.id for one in vacancies]
    mine = sight.applications(user).where(Application.vacancy.in_(ids))
    counted = mine.select(
        Application.vacancy, Application.ended, Application.stage, fn.COUNT(Application.id), fn.MIN(Application.since)
    ).group_by(Application.vacancy, Application.ended, Application.stage)
    rows = {one.id: VacancyRow(one) for one in vacancies}
    there: dict[int, tuple[int, Any]] = {}
    for vacancy_id, ended, stage_id, count, since in counted.tuples():
        if ended is None:
            there[stage_id] = count, _moment(since)
        elif ended == Ended.HIRED:
            rows[vacancy_id].hired += count
    for stage in Stage.select().where(Stage.vacancy.in_(ids)).order_by(Stage.position, Stage.id):
        if stage.id in there:
            row, (count, since) = rows[stage.vacancy_id], there[stage.id]
            row.stages.append((stage.name, count))
            row.oldest = min(row.oldest or since, since)
    return list(rows.values())


def _moment(value: Any) -> datetime:
    """The moment that an aggregate is: SQLite gives its text."""
    found: datetime = Application.since.python_value(value)
    return found


@dataclass
class Column:
    """A stage on the board. count: of all that are there; cards: of those who wait longest."""

    stage: Stage
    count: int
    cards: list[Application]


@dataclass
class Board:
    """A vacancy's columns. ended: how many applications ended in which way."""

    columns: list[Column]
    ended: Counter[str]

    @property
    def total(self) -> int:
        return sum(column.count for column in self.columns) + self.ended.total()

    @property
    def cards(self) -> list[Application]:
        return [card for column in self.columns for card in column.cards]


def board(vacancy: Vacancy, user: User) -> Board:
    """The board as the user sees it: their own application is not on it."""
    mine = sight.applications(user).where(Application.vacancy == vacancy)
    counted = mine.select(Application.ended, Application.stage, fn.COUNT(Application.id)).group_by(
        Application.ended, Application.stage
    )
    counts: dict[int, int] = {}
    ended: Counter[str] = Counter()
    for how, stage_id, count in counted.tuples():
        if how is None:
            counts[stage_id] = count
        else:
            ended[how] += count
    cards: dict[int | None, list[Application]] = {}
    for one in _first_of_each(mine.where(Application.ended.is_null())):
        cards.setdefault(one.stage_id, []).append(one)
    columns = [Column(one, counts.get(one.id, 0), cards.get(one.id, [])) for one in stages.of(vacancy)]
    return Board(columns, ended)


def _first_of_each(applications: Any) -> Iterable[Application]:
    """Those of each stage who wait longest, with their candidates."""
    place = fn.ROW_NUMBER().over(partition_by=[Application.stage], order_by=[Application.since, Application.id])
    ranked = applications.select(Application.id.alias("id"), place.alias("place"))
    ids = Select([ranked], [ranked.c.id]).where(ranked.c.place <= MOST_CARDS)
    rows: Any = Application.select(Application, Candidate).join(Candidate).where(Application.id.in_(ids))
    found: Iterable[Application] = rows.order_by(Application.since, Application.id)
    return found


@dataclass(frozen=True)
class CandidateFilter(Filter):
    """What the list of candidates is narrowed to. vacancy, stage: ids. ended: how their application ended."""

    q: str = words(most=200)
    vacancy: str = that(lambda value: value.isascii() and value.isdigit() and len(value) < 10)
    stage: str = that(lambda value: value.isascii() and value.isdigit() and len(value) < 10)
    ended: str = that(lambda value: value in [*Ended])


@dataclass
class CandidateRow:
    """A candidate on the list, with those of their applications that the user sees, newest first."""

    candidate: Candidate
    addresses: list[str]
    applications: list[Application]


def candidate_page(user: User, chosen: CandidateFilter, *, after: int | None) -> Page[CandidateRow]:
    """One page of the candidates whom the user sees, newest first."""
    some = page_of(matching(user, chosen), Candidate.id, after, newest_first=True)
    theirs = applications_of(user, some.rows)
    addresses = candidates.addresses_of(some.rows)
    rows = [CandidateRow(one, addresses.get(one.id, []), theirs.get(one.id, [])) for one in some.rows]
    return Page(rows, some.start, some.further)


def matching(user: User, chosen: CandidateFilter) -> Any:
    """The candidates whom the user sees and the filter lets through, as a select."""
    found = sight.candidates(user)
    for word in searchable(chosen.q).split()[:MOST_WORDS]:
        found = found.where(Candidate.search_text.contains(word))
    applied = _applied(user, chosen)
    if applied is not None:
        found = found.where(Candidate.id.in_(applied.select(Application.candidate)))
    return found


def _applied(user: User, chosen: CandidateFilter) -> Any:
    """The applications that the filter asks for; None when it asks for none."""
    if not (chosen.vacancy or chosen.stage or chosen.ended):
        return None
    found = sight.applications(user)
    if chosen.vacancy:
        found = found.where(Application.vacancy == int(chosen.vacancy))
    if chosen.stage:
        found = found.where(Application.stage == int(chosen.stage), Application.ended.is_null())
    return found.where(Application.ended == chosen.ended) if chosen.ended else found


def applications_of(user: User, people: list[Candidate]) -> dict[int, list[Application]]:
    """The applications of these candidates that the user sees, newest first, with vacancy and stage; by candidate."""
    rows: Any = (
        sight.applications(user)
        .select(Application, Candidate, Vacancy, Stage)
        .switch(Application)
        .join(Vacancy)
        .switch(Application)
        .join(Stage, JOIN.LEFT_OUTER)
        .where(Application.candidate.in_([one.id for one in people]))
    )
    found: dict[int, list[Application]] = {}
    for one in rows.order_by(Application.applied_at.desc(), Application.id.desc()):
        one.vacancy.organisation = user.organisation
        found.setdefault(one.candidate_id, []).append(one)
    return found
