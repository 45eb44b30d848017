"""Computes a Run's plan, person by person: from before to after, or why a person is skipped. Nothing is changed."""

from datetime import timedelta
from typing import Any

from peewee import fn

from portal.accounts.models import Account, Status
from portal.connectors import SERVICES, for_connection
from portal.connectors.errors import ConnectorError, TryLater
from portal.database import now, transaction
from portal.languages import gettext as _
from portal.languages import joined
from portal.logs import log
from portal.operations.models import OPEN, Operation
from portal.operations.requests import Verb
from portal.people.models import Employee
from portal.provisioning import usernames
from portal.runs import choosing
from portal.runs.choosing import read_list
from portal.runs.models import LineState, Run, RunLine, RunState
from portal.runs.planners import OTHERS, LeftOut, Person, Planner
from portal.runs.planners_of_held_accounts import (
    DeactivatePlanner,
    LicencePlanner,
    ReactivatePlanner,
    ResendPlanner,
    UpdatePlanner,
)
from portal.runs.planners_of_new_accounts import CreatePlanner, LinkPlanner
from portal.writing import save_each

PLANNERS: dict[Verb, type[Planner]] = {
    Verb.CREATE: CreatePlanner,
    Verb.LINK: LinkPlanner,
    Verb.DEACTIVATE: DeactivatePlanner,
    Verb.REACTIVATE: ReactivatePlanner,
    Verb.RESEND: ResendPlanner,
    Verb.UPDATE: UpdatePlanner,
    Verb.LICENCE: LicencePlanner,
}

AT_ONCE = 500
# Seconds after which a plan that met trouble is tried again; and for how long it is, from the first press on.
AGAIN, PATIENCE = 5.0, timedelta(minutes=30)
LONGEST = RunLine.before.longest
CHANGED = (
    RunLine.state, RunLine.level, RunLine.before, RunLine.after, RunLine.username, RunLine.remote_id, RunLine.licence,
    RunLine.seats, RunLine.frees, RunLine.reason,
)  # fmt: skip


def planner_of(run: Run) -> type[Planner]:
    """Who decides about each person of the Run, and begins the operations."""
    return OTHERS[run.options["planner"]] if "planner" in run.options else PLANNERS[Verb(run.verb)]


def plan(run: Run) -> float | None:
    """Plan every line that is not planned yet; then the Run is planned. Continues where it was cut off.

    What will pass is waited for. What else keeps it from being planned brings it to a halt, and `run.problem` says what
    that is. Returns after how many seconds to come back, as carry_on does.
    """
    if not run.claim():
        return None
    again: float | None = None
    try:
        if read_list(run):
            _look_at_all(run)
    except (ConnectorError, choosing.ListUnreadable) as error:
        if isinstance(error, TryLater) and run.created_at > now() - PATIENCE:
            again = max(AGAIN, error.retry_after or 0.0)
        else:
            _halt(run, error.message if isinstance(error, TryLater) else joined(error.message, error.next_step))
    except Exception:
        log.exception("planning failed", run=run.id)
        _halt(
            run,
            _("The portal met an error it did not expect. Try again, or ask your IT team: the log says more."),
        )
    finally:
        run.let_go(pause=again or 0)
    return again


def _halt(run: Run, problem: str) -> None:
    Run.update(problem=problem).where(Run.id == run.id, Run.state == RunState.PLANNING).execute()


def _look_at_all(run: Run) -> None:
    planner = planner_of(run)(run)
    while persons := _next_persons(run):
        planner.prepare(persons)
        for person in persons:
            _look_at(person, planner)
        with transaction():
            # Only while no user has cancelled it, and no other worker has taken it over.
            if not run.hold() or not Run.select().where(Run.id == run.id, Run.state == RunState.PLANNING).exists():
                return
            save_each([person.line for person in persons], CHANGED)
    run.become(RunState.PLANNED, problem="")


def _next_persons(run: Run) -> list[Person]:
    """Some of the lines still to be looked at, in their order."""
    query = RunLine.select(RunLine, Employee).join(Employee)
    query = query.where(RunLine.run == run, RunLine.state == LineState.UNPLANNED)
    lines = list(query.order_by(RunLine.level, RunLine.id).limit(AT_ONCE))
    ids = [line.employee_id for line in lines]
    accounts = Account.select().where(
        Account.connection == run.connection_id, Account.employee.in_(ids), Account.detached_at.is_null()
    )
    by_employee = {account.employee_id: account for account in accounts}
    open_ones: Any = Operation.select(Operation.employee).where(
        Operation.employee.in_(ids), Operation.connection == run.connection_id, Operation.state.in_(OPEN)
    )
    busy = set(open_ones.tuples())
    inside = set(run.staff.where(Employee.id.in_(ids)).select(Employee.id).tuples()) if run.part else None
    found = []
    for line in lines:
        line.employee.organisation = run.organisation
        account = by_employee.get(line.employee_id)
        if account is not None:
            account.connection = run.connection
        outside = inside is not None and (line.employee_id,) not in inside
        found.append(Person(line, line.employee, account, (line.employee_id,) in busy, outside))
    return found


def _look_at(person: Person, planner: Planner) -> None:
    line, account = person.line, person.account
    status = _(account.status if account else Status.NO_ACCESS)
    line.before = joined(status, account.username, by=" · ") if account else status
    line.after, line.reason, line.seats, line.frees, line.state = "", "", "", 0, LineState.PLANNED
    try:
        if person.outside:
            raise LeftOut(planner.run.not_in_part)
        if person.busy:
            raise LeftOut(_("The portal is changing this account right now. Check again in a minute."))
        planner.look_at(person)
    except LeftOut as reason:
        line.state, line.reason, line.username = LineState.LEFT_OUT, reason.args[0], ""
    line.before, line.after = cut(line.before), cut(line.after)


def cut(words: str) -> str:
    """The words, as far as a line has room for them."""
    return words if len(words) <= LONGEST else f"{words[: LONGEST - 1]}…"


def name_problem(run: Run, line: RunLine, local_part: str) -> str:
    """Why the name before the @ cannot be the line's; empty when it can. Raises ConnectorError."""
    problem = SERVICES[run.connection.service].local_part_problem(local_part)
    if problem:
        return problem
    domain = line.username.partition("@")[2]
    username = f"{local_part}@{domain}"
    other = RunLine.select().where(
        RunLine.run == run, fn.LOWER(RunLine.username) == username.lower(), RunLine.id != line.id
    )
    if other.where(RunLine.state == LineState.PLANNED).exists():
        return _("%(username)s is planned for another person here.", username=username)
    advice = usernames.advise(line.employee, run.connection, for_connection(run.connection), local_part, domain)
    return "" if advice.free else advice.sentence
