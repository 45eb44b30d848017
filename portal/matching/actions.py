"""What can be asked about existing accounts: read them, link one or all of a kind, decline, suggest again."""

from datetime import timedelta

from peewee import IntegrityError

from portal import audit
from portal.accounts.place import Place
from portal.auth.models import User
from portal.connections.models import Connection
from portal.database import now, transaction
from portal.languages import gettext as _
from portal.matching import jobs, planning, queries
from portal.matching.models import FoundAccount, Reading, ReadingState
from portal.operations.models import Operation
from portal.operations.requests import Verb
from portal.people.models import Employee
from portal.problems import Problem
from portal.provisioning import actions
from portal.runs.actions import NobodyChosen, plan_run
from portal.runs.models import Run, RunState
from portal.theirs import looking

# Who presses **Link all** again within this time, and nobody has started the plan, is led to it.
JUST_NOW = timedelta(minutes=1)


class NotProposed(Problem):
    message = _("The portal no longer suggests this account for anybody, so nothing was done.")
    next_step = _("The list below is up to date.")


def read_tenant(connection: Connection, *, by: User) -> Reading:
    """Have every account of the tenant read by the worker; the reading that is under way, when there is one."""
    try:
        with transaction():
            reading = Reading.create(
                organisation=connection.organisation_id, connection=connection, by_name=by.display_name
            )
            audit.record(by, "read existing accounts", connection)
    except IntegrityError:
        return Reading.get(Reading.connection == connection, Reading.state == ReadingState.READING)
    jobs.read_tenants()
    return reading


def link(found: FoundAccount, *, by: User) -> Operation:
    """Take the account for the proposed employee's. Raises NotProposed, and what link_account raises."""
    place = Place.of(_proposed_employee(found), found.reading.connection)
    return actions.link_account(place, found.remote_id, by=by)


def link_all(reading: Reading, connection: Connection, rule: str, *, by: User) -> Run:
    """A Run that links everything proposed by the rule: the worker plans it, and it waits for Start, as any Run does.

    Who presses twice gets one plan. Raises NotProposed, NotConnected.
    """
    if rule not in queries.SURE:
        raise NotProposed()
    with audit.turn(connection.organisation_id):
        return _asked_just_now(connection, rule, by) or _planned(reading, connection, rule, by)


def _planned(reading: Reading, connection: Connection, rule: str, by: User) -> Run:
    people = planning.people_of(queries.found(reading, rule))
    source = _("Existing accounts: %(rule)s", rule=queries.IN_A_SENTENCE[rule])
    try:
        return plan_run(connection, Verb.LINK, (people,), by=by, source=source, options=planning.options(rule))
    except NobodyChosen as nobody:
        raise NotProposed() from nobody


def _asked_just_now(connection: Connection, rule: str, by: User) -> Run | None:
    """The plan that the same user asked for less than a minute ago, and that nobody has started or cancelled."""
    mine = Run.select().where(
        Run.connection == connection, Run.verb == Verb.LINK, Run.by == by,
        Run.state.in_((RunState.PLANNING, RunState.PLANNED)), Run.created_at > now() - JUST_NOW,
    )  # fmt: skip
    wanted = planning.options(rule)
    return next((run for run in mine.order_by(Run.id.desc()) if run.options == wanted), None)


def decline(found: FoundAccount, *, by: User) -> None:
    """Say that the account is not the employee's: it is not proposed again. Raises NotProposed."""
    looking.decline(_proposed_employee(found), found.reading.connection, found.remote_id, found.username, by=by)


def propose_again(found: FoundAccount, *, by: User) -> None:
    """Take back that it was declined."""
    looking.propose_again(_proposed_employee(found), found.reading.connection, found.remote_id, found.username, by=by)


def _proposed_employee(found: FoundAccount) -> Employee:
    if found.employee is None:
        raise NotProposed()
    return found.employee
