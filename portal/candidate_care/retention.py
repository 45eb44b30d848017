"""How long candidates' data is kept: until when, whom that concerns soon, and erasing it on its day.

A week before, the candidate is on a list for Admins and has an email with a link to the page with Keep.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from portal import audit
from portal.candidate_care import erasing, letters
from portal.candidate_care.models import ErasureNotice
from portal.candidate_care.texts import Kind
from portal.database import now, transaction
from portal.logs import log
from portal.mail import texts as mail_texts
from portal.organisations.models import Organisation
from portal.recruitment import choices
from portal.recruitment.actions import DAYS_OF_A_MONTH
from portal.recruitment.models import Application, Candidate, Vacancy
from portal.worker import for_each

BEFORE = timedelta(days=7)
BY = "retention"
# The day of those who were erased before a backup was put back: they go at once, and without a word.
AT_ONCE = date(1970, 1, 1)
MOST_AT_ONCE = 500


def keep_up() -> None:
    """What is done each hour: work out the days, tell of those that are near, erase on those that have come."""
    with_candidates: Any = Candidate.select(Candidate.organisation).where(Candidate.erased_at.is_null()).distinct()
    for_each(Organisation.select().where(Organisation.id.in_(with_candidates)), _keep_up)
    letters.sweep()


def _keep_up(organisation: Organisation) -> None:
    note_days(organisation)
    for_each(_to_tell(organisation), tell)
    for_each(due(organisation).limit(MOST_AT_ONCE), _erase)


def _erase(candidate: Candidate) -> None:
    # Erasing others took its time: meanwhile this one may have pressed Keep, or applied again.
    for current, day in days(candidate.organisation, only=candidate):
        if current.erase_on != AT_ONCE and (day is None or day > current.organisation.today):
            return
    erasing.tell_and_erase(candidate, by=BY)
    log.info("candidate erased", candidate=candidate.id)


def note_days(organisation: Organisation) -> None:
    """Work out each candidate's day again: applications end, begin again, and people agree or change their minds."""
    for candidate, day in days(organisation):
        if candidate.erase_on != day and candidate.erase_on != AT_ONCE:
            with transaction():
                Candidate.update(erase_on=day).where(Candidate.id == candidate.id).execute()
                # An email about another day no longer counts.
                ErasureNotice.update(day=None, told_at=None).where(
                    ErasureNotice.candidate == candidate, ErasureNotice.day != day
                ).execute()


def days(organisation: Organisation, *, only: Candidate | None = None) -> Iterator[tuple[Candidate, date | None]]:
    """Each candidate with the day on which their data goes; None while an application of theirs is open."""
    months = choices.of(organisation).keep_months
    rows: Any = Application.select(Application.candidate, Application.ended_at, Vacancy.retention_months).join(Vacancy)
    candidates = _living(organisation)
    if only is not None:
        rows, candidates = rows.where(Application.candidate == only), candidates.where(Candidate.id == only.id)
    theirs: dict[int, list[date | None]] = {}
    for candidate_id, ended_at, own in rows.where(Application.organisation == organisation).tuples():
        day = _later(ended_at, months if own is None else own, organisation) if ended_at else None
        theirs.setdefault(candidate_id, []).append(day)
    for candidate in list(candidates):
        found = theirs.get(candidate.id) or [_later(candidate.created_at, months, organisation)]
        ended = [day for day in found if day is not None]
        if len(ended) < len(found):
            yield candidate, None
        else:
            yield candidate, max([*ended, *([candidate.talent_until] if candidate.talent_until else [])])


def _later(moment: datetime, months: int, organisation: Organisation) -> date:
    day = moment.astimezone(organisation.zone).date()
    return day + timedelta(days=round(months * DAYS_OF_A_MONTH))


def _living(organisation: Organisation) -> Any:
    return Candidate.select().where(Candidate.organisation == organisation, Candidate.erased_at.is_null())


def soon(organisation: Organisation) -> Any:
    """The candidates whose data goes within a week, and those who were hired and ask for it; soonest first."""
    near = Candidate.erase_on <= organisation.today + BEFORE
    asked: Any = ErasureNotice.select(ErasureNotice.candidate).where(
        ErasureNotice.organisation == organisation, ErasureNotice.asked_at.is_null(False)
    )
    return _living(organisation).where(near | Candidate.id.in_(asked)).order_by(Candidate.erase_on, Candidate.id)


def _to_tell(organisation: Organisation) -> Any:
    told: Any = ErasureNotice.select(ErasureNotice.candidate).where(ErasureNotice.told_at.is_null(False))
    near = Candidate.erase_on.between(AT_ONCE + timedelta(days=1), organisation.today + BEFORE)
    return _living(organisation).where(near, Candidate.id.not_in(told))


def tell(candidate: Candidate) -> None:
    """Put the candidate on the list, and write to them. Somebody who is told late still has a whole week."""
    organisation, planned = candidate.organisation, candidate.erase_on or candidate.organisation.today
    values: dict[str, Any] = {"day": planned, "told_at": now()}
    with audit.turn(organisation.id):
        ErasureNotice.insert(organisation=organisation, candidate=candidate).on_conflict_ignore().execute()
        ErasureNotice.update(values).where(ErasureNotice.candidate == candidate).execute()
        language = letters.language_of(candidate, None)
        day = max(planned, organisation.today + BEFORE)
        letters.write(candidate, Kind.KEEP, day=mail_texts.long_date(day, language))


def due(organisation: Organisation) -> Any:
    """The candidates whose data goes now: their day has come, and they have known of it for a week; a select."""
    known: Any = ErasureNotice.select(ErasureNotice.candidate).where(ErasureNotice.told_at <= now() - BEFORE)
    come = (Candidate.erase_on <= organisation.today) & Candidate.id.in_(known)
    return _living(organisation).where(come | (Candidate.erase_on == AT_ONCE))
