"""What can be asked of a Run: plan it, change the plan, start, approve, pause, resume, cancel, retry what failed."""

from collections.abc import Iterable, Sequence
from typing import Any

from peewee import Select

from portal import audit
from portal.auth import proof, users
from portal.auth.models import User
from portal.connections import offer
from portal.connections.live import must_be_live
from portal.connections.models import Connection
from portal.connectors.errors import ConnectorError
from portal.database import now, transaction
from portal.languages import gettext as _
from portal.languages import joined, number
from portal.operations.requests import Verb
from portal.problems import Problem
from portal.runs import approval, carrying, jobs, planning, queries
from portal.runs.choosing import LongList, NobodyListed, add_lines, forget_list, keep_list
from portal.runs.models import LineState, Run, RunLine, RunState

# Letters of a reason.
MOST_REASON = Run.reason.max_length


class NobodyChosen(Problem):
    message = _("Nobody was chosen, so there is nothing to plan.")
    status = 422
    next_step = _(
        "Tick people on the Employee List, choose all who match its filters, or upload a list of employee numbers."
    )


class NobodyTicked(NobodyChosen):
    message = _("Nobody was ticked on the Employee List.")


class NoneTicked(Problem):
    message = _("Nobody was ticked, so nothing changed.")
    status = 422
    next_step = _("Tick the people below, then press the button again.")


class NotNow(Problem):
    message = _("This bulk action has moved on in the meantime, so this is no longer possible.")
    next_step = _("The page shows its current state.")


class TenantGone(Problem):
    message = _("The application that this was planned for has been disconnected since.")
    next_step = _("Make a new plan. The portal never carries a plan out anywhere else.")


class NotEnoughSeats(Problem):
    """There are fewer free seats than people in the plan."""

    next_step = _("Buy seats, choose another licence, or skip some people.")


class OwnRun(Problem):
    message = _("The person who started a bulk action cannot approve it.")
    status = 403
    next_step = _("Ask another Admin: it waits for them under Provisioning > Bulk actions.")


class NameRefused(Problem):
    """This username cannot be used."""

    status = 422


def plan_run(
    connection: Connection, verb: Verb, chosen: Iterable[Select], *, by: User | str, source: str,
    options: dict[str, Any], unknown: Iterable[str] = (), long_list: LongList | None = None, reason: str = "",
) -> Run:  # fmt: skip
    """Write a Run down with a line for each of the chosen employees; the worker computes its plan.

    chosen: selects of employees of the organisation, who are listed in this order, each by name. source: how they were
    chosen, for people. by: a user, or the name of another system. unknown: employee numbers that nobody has. long_list:
    one that the worker reads before it plans.
    Raises NotConnected; NobodyChosen; choosing.ListUnreadable, and NobodyListed where all of a list are unknown.
    """
    organisation = connection.organisation
    with transaction():
        must_be_live(connection)
        run = Run.create(
            organisation=organisation, connection=connection, verb=verb, **_who(by), reason=reason[:MOST_REASON],
            source=_that_fits(_with_application(source, connection)), options=options, unknown=list(unknown)[:1000],
            approval_above=approval.limit_of(organisation), **({} if isinstance(by, str) else by.held_to),
        )  # fmt: skip
        for some in chosen:
            add_lines(run, some)
        count = RunLine.select().where(RunLine.run == run).count()
        if long_list:
            keep_list(run, long_list)
        elif not count:
            raise NobodyListed() if unknown else NobodyChosen()
        audit.record(by, "plan bulk action", run, verb=verb, people=count, source=run.source)
    jobs.take_turn()
    return run


def _who(by: User | str) -> dict[str, Any]:
    """The columns of Run that say in whose name it is done."""
    return {"by": None, "by_name": by} if isinstance(by, str) else {"by": by, "by_name": by.display_name}


def _that_fits(source: str) -> str:
    return source if len(source) <= Run.source.longest else source[: Run.source.longest]


def _with_application(source: str, connection: Connection) -> str:
    """How people were chosen, and for which application where there are several."""
    return (
        _("%(source)s, for %(service_name)s", source=source, service_name=connection.service_name)
        if len(connection.siblings) > 1
        else source
    )


def skip(run: Run, lines: Sequence[RunLine], *, by: User) -> None:
    """Take these people out of the plan. Raises NoneTicked, NotNow."""
    words = _("Skipped by %(display_name)s.", display_name=by.display_name)
    with audit.turn(run.organisation_id):
        for line in _some(lines):
            _change_line(run, line, LineState.PLANNED, by, state=LineState.LEFT_OUT, reason=words)


def check_again(run: Run, lines: Sequence[RunLine], *, by: User) -> None:
    """Look once more at these people, who were skipped. Raises NoneTicked, NotNow."""
    _look_again(run, _some(lines), by, username="")


def _some(lines: Sequence[RunLine]) -> Sequence[RunLine]:
    if not lines:
        raise NoneTicked()
    return lines


def create_another(run: Run, line: RunLine, *, by: User) -> None:
    """Plan another account for a person who may have one already. Raises NotNow."""
    if run.verb != Verb.CREATE:
        raise NotNow()
    _look_again(run, [line], by, another=True)


def _look_again(run: Run, lines: Sequence[RunLine], by: User, **changes: Any) -> None:
    changes = {"state": LineState.UNPLANNED, "reason": "", "remote_id": "", **changes}
    with audit.turn(run.organisation_id):
        for line in lines:
            _change_line(run, line, LineState.LEFT_OUT, by, **changes)
        if not run.become(RunState.PLANNING):
            raise NotNow()
    jobs.take_turn()


def rename(run: Run, line: RunLine, local_part: str, *, by: User) -> None:
    """Give the account to be made another name. Raises NameRefused, NotNow, or a ConnectorError."""
    local_part, domain = local_part.strip(), line.username.partition("@")[2]
    problem = planning.name_problem(run, line, local_part)
    if problem:
        raise NameRefused(problem)
    username = f"{local_part}@{domain}"
    after = line.after.replace(line.username, username, 1)
    _change_line(run, line, LineState.PLANNED, by, username=username, after=after)


def _change_line(run: Run, line: RunLine, before: LineState, by: User, **changes: Any) -> None:
    with audit.turn(run.organisation_id):
        planned = Run.select(Run.id).where(Run.id == run.id, Run.state == RunState.PLANNED)
        mine = RunLine.update(**changes).where(RunLine.id == line.id, RunLine.state == before, RunLine.run.in_(planned))
        if not mine.execute():
            raise NotNow()
        audit.record(by, "change plan of bulk action", run, employee=line.employee_id, **changes)


def keep_reason(run: Run, words: str) -> None:
    """Keep why the bulk action is done, while its plan can still be changed."""
    planned = (Run.id == run.id) & (Run.state == RunState.PLANNED)
    if Run.update(reason=words[:MOST_REASON]).where(planned).execute():
        run.reason = words[:MOST_REASON]


def start(run: Run, *, by: User | str, asked_by: int | None = None) -> None:
    """Carry the plan out, or have it wait for another Admin when it is larger than the organisation lets one start.

    by: a user, or the name of another system, for which an Admin always has to decide. asked_by: the user who vouches
    for that system. Raises NotNow, TenantGone, NotEnoughSeats, NobodyChosen.
    """
    if run.state != RunState.PLANNED:
        raise NotNow()
    if not queries.counts(run)[LineState.PLANNED]:
        raise NobodyChosen(
            _("Everybody in this plan is skipped."), _("Use Check again under Skipped, or make a new plan.")
        )
    _check(run)
    # Who else starts one meanwhile is counted together with this one, or waits until it is counted.
    with audit.turn(run.organisation_id):
        proof.hold_actor(by)
        count = queries.counts(run)[LineState.PLANNED]
        reason = approval.why_needed(run, count, by=by)
        said: dict[str, Any] = {"reason": run.reason} if run.reason else {}
        audit.record(by, "start bulk action", run, people=count, waits_for_approval=bool(reason), **said)
        started: dict[str, Any] = {**_who(by), "started_at": now(), "approval_reason": reason}
        if isinstance(by, str):
            started["options"] = {**run.options, "asked_by": asked_by}
        if not (run.become(RunState.TO_APPROVE, **started) if reason else _set_going(run, **started)):
            raise NotNow()
    if not reason:
        jobs.take_turn()


def _take_back_starts(user: User, by: User | str) -> None:
    """What waits for approval goes back to its plan when who started it is no Admin any more."""
    waiting = Run.select().where(Run.by == user, Run.state == RunState.TO_APPROVE)
    for run in list(waiting):
        if run.become(RunState.PLANNED):
            audit.record(by, "take back start of bulk action", run)


users.WITH_AN_ADMIN.append(_take_back_starts)


def approve(run: Run, *, by: User, seen: str = "") -> None:
    """The word of a second Admin. seen: the moment of the start that they looked at, as `run.started_at` is written.

    Raises OwnRun, NotNow, TenantGone, NotEnoughSeats.
    """
    if run.by_id == by.id:
        raise OwnRun()
    if run.state != RunState.TO_APPROVE:
        raise NotNow()
    _check(run)
    with audit.turn(run.organisation_id):
        proof.hold_actor(by)
        fresh = Run.get_by_id(run.id)
        if seen and seen != str(fresh.started_at):
            raise NotNow(_("The plan was changed and started again after you opened this page."))
        problem = approval.why_not(fresh, User.get_by_id(by.id))
        if problem:
            raise OwnRun(problem)
        if not _set_going(fresh, approved_by_name=by.display_name):
            raise NotNow()
        audit.record(by, "approve bulk action", fresh)
    jobs.take_turn()


def _check(run: Run) -> None:
    """Look once more before anything is changed. Raises TenantGone, NotEnoughSeats."""
    _must_be_live(run)
    # When the tenant cannot be asked, what the plan was made with counts.
    if queries.seats(run):
        offer_for(run.connection)
    short = [need for need in queries.seats(run) if need.short]
    if short:
        raise NotEnoughSeats(
            joined(
                *(
                    _(
                        "%(licence)s: %(needed)s needed, %(free)s free.",
                        licence=need.name,
                        needed=number(need.needed),
                        free=number(need.free),
                    )
                    for need in short
                )
            )
        )


def _must_be_live(run: Run) -> None:
    if not Connection.get_by_id(run.connection_id).is_live:
        raise TenantGone()


def _set_going(run: Run, **changes: Any) -> bool:
    """Let those who wait be carried out. False when another process was faster."""
    RunLine.update(state=LineState.WAITING).where(RunLine.run == run, RunLine.state == LineState.PLANNED).execute()
    found = queries.counts(run)
    return run.become(
        RunState.RUNNING, counted_from=now(), counted_done=found.finished, counted_failed=found[LineState.FAILED],
        finished_at=None, not_before=None, problem="", **changes,
    )  # fmt: skip


def change_plan(run: Run, *, by: User) -> None:
    """Take back the start of a run that waits for approval, so that its plan can be changed. Raises NotNow."""
    with audit.turn(run.organisation_id):
        if run.state != RunState.TO_APPROVE:
            raise NotNow()
        _become(run, RunState.PLANNED, "take back start of bulk action", by)


def pause(run: Run, *, by: User) -> None:
    """Start no further person; what is under way ends. Raises NotNow."""
    with audit.turn(run.organisation_id):
        _become(run, RunState.PAUSED, "pause bulk action", by)


def resume(run: Run, *, by: User) -> None:
    """Resume a run that was paused. Raises NotNow, TenantGone."""
    _must_be_live(run)
    with audit.turn(run.organisation_id):
        if run.state != RunState.PAUSED or not _set_going(run):
            raise NotNow()
        audit.record(by, "resume bulk action", run)
    jobs.take_turn()


def cancel(run: Run, *, by: User | str) -> None:
    """Give up what has not begun; what is under way ends. Raises NotNow."""
    with audit.turn(run.organisation_id):
        _become(run, RunState.CANCELLED, "cancel bulk action", by, finished_at=now())
        forget_list(run)
        RunLine.update(state=LineState.CANCELLED).where(
            RunLine.run == run, RunLine.state.in_((LineState.UNPLANNED, LineState.PLANNED, LineState.WAITING))
        ).execute()


def _become(run: Run, state: RunState, words: str, by: User | str, **changes: Any) -> None:
    if not run.become(state, **changes):
        raise NotNow()
    audit.record(by, words, run)


def retry_failed(run: Run, *, by: User) -> None:
    """Try once more for all for whom it failed, with operations of their own. Raises NotNow, TenantGone."""
    _must_be_live(run)
    carrying.settle(run)
    with audit.turn(run.organisation_id):
        again = RunLine.update(state=LineState.WAITING, operation=None, reason="")
        count = again.where(RunLine.run == run, RunLine.state == LineState.FAILED).execute()
        if run.state != RunState.DONE or not count or not _set_going(run):
            raise NotNow()
        audit.record(by, "retry failed of bulk action", run, people=count)
    jobs.take_turn()


def plan_again(run: Run, *, by: User) -> None:
    """Resume a plan that came to a halt. Raises NotNow."""
    if run.state != RunState.PLANNING:
        raise NotNow()
    Run.update(problem="").where(Run.id == run.id).execute()
    jobs.take_turn()


def offer_for(connection: Connection) -> ConnectorError | None:
    """Read domains and licences for the form of a new run; why that was not possible, if so."""
    try:
        offer.read(connection)
    except ConnectorError as error:
        return error
    return None
