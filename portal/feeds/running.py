"""A run of a feed, from the fetched file to what it changed. Every kind of source comes through here.

fetch -> the same as last time? -> read -> differences -> preview or brake -> taken over -> report
"""

import hashlib
from collections.abc import Mapping
from typing import Any

from portal import audit, vault
from portal.connectors.http import before_each
from portal.database import lock_row, now, transaction
from portal.feed_sources import Fetched, HostKeyProblem, SourceProblem, fetch
from portal.feeds import changes, models, telling
from portal.feeds.applying import Applying, Lost
from portal.feeds.changes import Trouble
from portal.feeds.models import ASKED, MISSED, OPEN, Feed, FeedIssue, FeedPart, FeedPerson, FeedRun, How, RunState
from portal.feeds.reading import Broken, Reading, read
from portal.import_plans.plans import ImportPlan
from portal.import_plans.summary import counts_of, summary_of
from portal.incoming import proposals
from portal.languages import gettext as _
from portal.languages import joined, stored
from portal.languages import read as read_sentence
from portal.logs import log
from portal.people.models import Employee
from portal.tables import Unreadable

# Names that a page shows as they would be written.
MOST_EXAMPLES = 5
UNEXPECTED = _("The portal met an error it did not expect. IT can find it in the log.")
CHANGED = _("The Employee List has changed since you looked. Look at the differences again.")


def begin(feed: Feed, how: How, *, by: str = "", content: bytes | None = None, file_name: str = "") -> FeedRun:
    """Write a run down, for a worker to do; the one under way when there is one. content: of an uploaded file."""
    with transaction():
        lock_row(Feed, feed.id)
        under_way = FeedRun.select().where(FeedRun.feed == feed, FeedRun.state.in_(OPEN)).first()
        if under_way is not None:
            return under_way
        state = RunState.WAITING if content is None else RunState.READING
        run = FeedRun.create(
            organisation=feed.organisation_id, feed=feed, how=how, by_name=by, state=state, file_name=file_name[:200],
            sha256=hashlib.sha256(content).hexdigest() if content is not None else "",
        )  # fmt: skip
        if content is not None:
            models.keep(run, content)
    return run


def carry_on(run: FeedRun) -> None:
    """Do what the run waits for. Its row says what became of it."""
    if not run.claim():
        return
    feed = run.feed
    feed.organisation = run.organisation
    try:
        _carry_on(run, feed)
    except Lost:
        return
    except Exception:
        log.exception("feed failed", feed=feed.id, run=run.id)
        run.release(state=RunState.FAILED, finished_at=now(), why=UNEXPECTED)
    telling.tell(feed)


def _carry_on(run: FeedRun, feed: Feed) -> None:
    """Raises Lost."""
    try:
        for state, step in ((RunState.WAITING, _fetch), (RunState.READING, _read), (RunState.APPLYING, _apply)):
            if run.state == state:
                step(run, feed)
    except SourceProblem as problem:
        _not_fetched(run, feed, problem)
    except Broken as broken:
        _stop(run, feed, joined(broken.why, *run.lacking_words), broken.next_step)
    except Unreadable as problem:
        _stop(run, feed, problem.message, problem.next_step)
    except vault.CannotOpen:
        _stop(
            run,
            feed,
            _("The portal can no longer read what it keeps for this feed."),
            _("Enter the credentials again."),
        )


def _end(run: FeedRun, state: RunState, **values: Any) -> None:
    """Raises Lost."""
    if not run.release(state=state, finished_at=now(), **values):
        raise Lost()


def _fetch(run: FeedRun, feed: Feed) -> None:
    def still_ours() -> None:
        if not run.hold_in_time():
            raise Lost()

    # Thousands of people come in many answers.
    with before_each(still_ours):
        found: Fetched = fetch(feed.kind, Access(feed))
    digest = hashlib.sha256(found.content).hexdigest() if not found.unchanged else feed.last_sha256
    waiting = FeedRun.select().where(FeedRun.feed == feed, FeedRun.state.in_(ASKED), FeedRun.sha256 == digest).exists()
    with transaction():
        _update(feed, failures=0)
        if digest == feed.last_sha256 or waiting:
            _note_missing(feed, None)
            _end(
                run,
                RunState.SAME,
                sha256=digest,
                why=_("The file that waits for you has not changed.") if waiting else "",
            )
            if not waiting:
                _update(feed, last_good_at=now(), told="", stopped_at=None, stopped_why="")
            _note_use(feed)
            return
        models.keep(run, found.content)
        FeedRun.update(state=RunState.DISCARDED, finished_at=now(), why=_("A newer file took its place.")).where(
            FeedRun.feed == feed, FeedRun.state.in_(ASKED)
        ).execute()
        if not run.hold(
            state=RunState.READING,
            sha256=digest,
            file_name=found.name[:200],
            marks=found.marks,
            lacking=list(map(stored, found.lacking)),
        ):
            raise Lost()


class Access:
    """What a source may ask of its feed: how to reach it, and to keep a credential that has changed."""

    def __init__(self, feed: Feed):
        self.feed = feed
        self.options, self.host_key = feed.options, feed.host_key
        # Where the latest file is to be read again, none is the same as that.
        self.marks = feed.marks if feed.last_sha256 else {}
        self.secrets: Mapping[str, str] = models.secrets_of(feed)

    def keep(self, **secrets: str) -> None:
        """Keep credentials that the other system has replaced; they count from this moment on."""
        self.secrets = {**self.secrets, **secrets}
        with transaction():
            _update(self.feed, encrypted_secrets=models.sealed(self.secrets))


def _update(feed: Feed, **values: Any) -> None:
    Feed.update(**values).where(Feed.id == feed.id).execute()
    for name, value in values.items():
        setattr(feed, name, value)


def _read(run: FeedRun, feed: Feed) -> None:
    content = models.content_of(run)
    if content is None:
        _end(run, RunState.DISCARDED, why=_("The file is no longer kept."))
        return
    reading = read(feed, content)
    plan = reading.plan
    if plan.asks in ("encoding", "columns", "file") or (plan.layout and plan.layout.problem):
        found = summary_of(plan)
        _end(run, RunState.TRIED if run.is_trial else RunState.ASKS, found=found, rows=reading.rows)
        return
    changes.settle(feed, plan, feed.organisation.today)
    beyond, lost = changes.beyond_brake(feed, plan), changes.lost_rows(feed, reading)
    values: dict[str, Any] = {
        "found": {**summary_of(plan), "unusual": [len(reading.unusual), *reading.unusual[:MOST_EXAMPLES]]},
        "rows": reading.rows,
        "digest": plan.digest,
        "brake": list(map(stored, beyond + [lost] * bool(lost))),
    }
    if run.is_trial:
        _end(run, RunState.TRIED, **values)
        return
    _note_troubles(feed, list(changes.troubles(plan)))
    if not plan.added and not plan.changed and not lost:
        _finish(run, feed, reading, counts_of(plan), **values)
    elif lost or (beyond and not feed.previews):
        _stop(
            run,
            feed,
            joined(*map(read_sentence, values["brake"])),
            _("Look at the differences, and apply them if they are right."),
            **values,
        )
    elif feed.previews or not feed.mapping:
        _end(run, RunState.PREVIEW, **values)
    elif not run.hold(state=RunState.APPLYING, **values):
        raise Lost()


def _apply(run: FeedRun, feed: Feed) -> None:
    content = models.content_of(run)
    if content is None:
        _end(run, RunState.DISCARDED, why=_("The file is no longer kept."))
        return
    reading = read(feed, content)
    plan = reading.plan
    changes.settle(feed, plan, feed.organisation.today)
    if not run.begun and plan.digest != run.digest:
        shown: dict[str, Any] = {"found": summary_of(plan), "digest": plan.digest, "approved_by_name": ""}
        _end(run, RunState.PREVIEW, brake=list(map(stored, changes.beyond_brake(feed, plan))), why=CHANGED, **shown)
        return
    if not run.hold(begun=True):
        raise Lost()
    applying = Applying(feed, plan)
    applying.carry_out(run.hold_in_time)
    troubles = [*changes.troubles(plan), *applying.troubles]
    _note_troubles(feed, troubles)
    counts = {**counts_of(plan), "added": applying.added, "changed": applying.changed, "refused": len(troubles)}
    _finish(run, feed, reading, counts, again=bool(applying.troubles))


def _finish(
    run: FeedRun, feed: Feed, reading: Reading, counts: dict[str, int], *, again: bool = False, **values: Any
) -> None:
    """The run is over, and the next one is held against it. again: the same file may do more the next time."""
    with transaction():
        _end(run, RunState.DONE, counts=counts, **values)
        previews = max(feed.previews - 1, 0) if counts["added"] or counts["changed"] else feed.previews
        answers = {**feed.answers, "dates": feed.answers.get("dates") or reading.plan.order}
        _update(
            feed, last_sha256="" if again else run.sha256, last_rows=reading.rows, last_good_at=now(),
            previews=previews, mapping=feed.mapping or reading.mapping, filled=reading.filled, answers=answers,
            stopped_at=None, stopped_why="", told="", marks={} if again else run.marks,
        )  # fmt: skip
        _note_missing(feed, reading.plan)
        _note_use(feed, counts)


def _stop(run: FeedRun, feed: Feed, why: str, next_step: str = "", **values: Any) -> None:
    """The feed changes nothing any more until an Admin has looked."""
    if run.is_trial:
        _end(run, RunState.TRIED, why=why, next_step=next_step, **values)
        return
    with transaction():
        _end(run, RunState.STOPPED, why=why, next_step=next_step, **values)
        _update(feed, stopped_at=now(), stopped_why=why)
        telling.tell_stopped(feed)
        audit.record(feed.actor, "stop feed", feed, organisation=feed.organisation, why=why)


def _not_fetched(run: FeedRun, feed: Feed, problem: SourceProblem) -> None:
    """The source said no, which only a person can change; or it did not answer, and the next run asks again."""
    if isinstance(problem, HostKeyProblem):
        _update(feed, offered_key=problem.host_key)
    if problem.permanent:
        _stop(run, feed, problem.message, problem.next_step)
        return
    _end(run, RunState.FAILED, why=problem.message, next_step=problem.next_step)
    _update(feed, failures=feed.failures + 1)


def _note_use(feed: Feed, counts: dict[str, int] | None = None) -> None:
    """A line of the audit log for a run that changed something, and one a day for the others."""
    counts = counts or {}
    changed = {name: counts[name] for name in ("added", "changed") if counts.get(name)}
    today = feed.organisation.today
    latest = (
        FeedRun.select(FeedRun.finished_at)
        .where(FeedRun.feed == feed, FeedRun.state.in_((RunState.DONE, RunState.SAME)))
        .order_by(FeedRun.id.desc())
        .offset(1)
        .first()
    )
    used = latest is not None and latest.finished_at.astimezone(feed.organisation.zone).date() == today
    if changed or not used:
        audit.record(feed.actor, "use feed", feed, organisation=feed.organisation, **changed)


def _note_troubles(feed: Feed, found: list[Trouble]) -> None:
    """Keep what needs a person: what is known already stays as it is, and what is over goes."""
    with transaction():
        known = {
            (issue.key, issue.field, issue.reason): issue for issue in FeedIssue.select().where(FeedIssue.feed == feed)
        }
        for trouble in found:
            same = known.pop((trouble.key[:60], trouble.field[:60], trouble.reason), None)
            if same is None:
                FeedIssue.create(
                    feed=feed, key=trouble.key[:60], field=trouble.field[:60], reason=trouble.reason,
                    question=trouble.question,
                )  # fmt: skip
        for issue in known.values():
            issue.delete_instance()


def _note_missing(feed: Feed, plan: ImportPlan | None) -> None:
    """Count who is in the file and who is not. plan: None when the file is the same as the last time."""
    mine = FeedPerson.feed == feed
    if plan is None:
        FeedPerson.update(missed=FeedPerson.missed + 1).where(mine, FeedPerson.missed > 0).execute()
        _propose_leavers(feed)
        return
    ids: Any = Employee.select(Employee.id, Employee.employee_number).where(Employee.organisation == feed.organisation)
    here = {row_id for row_id, number in ids.tuples() if number in plan.numbers}
    known = {row_id for (row_id,) in FeedPerson.select(FeedPerson.employee).where(mine).tuples()}
    FeedPerson.update(missed=FeedPerson.missed + 1).where(mine).execute()
    back = FeedPerson.select(FeedPerson, Employee).join(Employee)
    for person in list(back.where(mine, FeedPerson.missed > MISSED, Employee.id.in_(list(here)))):
        proposals.withdraw(person.employee, source=feed.actor)
    for some in _portions(sorted(here & known)):
        FeedPerson.update(missed=0, seen_at=now(), stays=False).where(mine, FeedPerson.employee.in_(some)).execute()
    rows = [{"feed": feed.id, "employee": row_id, "seen_at": now()} for row_id in sorted(here - known)]
    for some in _portions(rows):
        FeedPerson.insert_many(some).execute()
    _propose_leavers(feed)


def _propose_leavers(feed: Feed) -> None:
    """Have a person decide about those who are missing, where the Admins want to be asked."""
    for person in list(missing_of(feed)) if feed.propose_end else ():
        employee, day = person.employee, person.seen_at.astimezone(feed.organisation.zone).date()
        employee.organisation = feed.organisation
        proposals.propose(employee, max(day, employee.start_date or day), source=feed.actor)


def _portions(items: list[Any]) -> list[list[Any]]:
    return [items[start : start + 200] for start in range(0, len(items), 200)]


def missing_of(feed: Feed) -> Any:
    """A select of the people of the feed who are in none of its last runs, and have no last day."""
    query = FeedPerson.select(FeedPerson, Employee).join(Employee).where(
        FeedPerson.feed == feed, FeedPerson.missed >= MISSED, Employee.end_date.is_null(), ~FeedPerson.stays
    )  # fmt: skip
    return query.order_by(FeedPerson.seen_at, FeedPerson.id)


def forget_old() -> None:
    """Drop files that were kept long enough, with what was in them, and the runs before the last 50 of each feed."""
    old: Any = FeedRun.select(FeedRun.id).where(FeedRun.created_at < now() - models.KEPT)
    FeedPart.delete().where(FeedPart.run.in_(old)).execute()
    FeedRun.update(found={}, digest="").where(FeedRun.id.in_(old), FeedRun.state.not_in(OPEN)).execute()
    for feed in list(Feed.select(Feed.id)):
        beyond: Any = FeedRun.select(FeedRun.id).where(FeedRun.feed == feed, FeedRun.state.not_in((*OPEN, *ASKED)))
        rest = [row.id for row in beyond.order_by(FeedRun.id.desc()).offset(models.LOGGED).limit(200)]
        if rest:
            FeedRun.delete().where(FeedRun.id.in_(rest)).execute()


def forget_person(employee: Employee) -> None:
    """Take a person who is erased out of what feeds keep; the files of the organisation's feeds go as a whole."""
    mine: Any = Feed.select(Feed.id).where(Feed.organisation == employee.organisation_id)
    runs: Any = FeedRun.select(FeedRun.id).where(FeedRun.organisation == employee.organisation_id)
    FeedPerson.delete().where(FeedPerson.employee == employee).execute()
    FeedIssue.delete().where(FeedIssue.feed.in_(mine), FeedIssue.key == employee.employee_number).execute()
    FeedPart.delete().where(FeedPart.run.in_(runs)).execute()
    FeedRun.update(found={}, digest="").where(FeedRun.organisation == employee.organisation_id).execute()
    for feed in list(Feed.select().where(Feed.organisation == employee.organisation_id)):
        decisions = {**feed.answers.get("decisions", {})}
        if decisions.pop(employee.employee_number, None):
            Feed.update(answers={**feed.answers, "decisions": decisions}).where(Feed.id == feed.id).execute()
