"""What can be asked about existing accounts: read them, link one or all of a kind, decline, suggest again."""

from peewee import IntegrityError

from portal import audit
from portal.accounts.place import Place
from portal.auth.models import User
from portal.connections.models import Connection
from portal.database import transaction
from portal.languages import gettext as _
from portal.languages import joined
from portal.matching import jobs, queries
from portal.matching.models import FoundAccount, Reading, ReadingState
from portal.operations.models import Operation
from portal.people.models import Employee
from portal.problems import Problem
from portal.provisioning import actions
from portal.runs.actions import plan_links
from portal.runs.models import Run
from portal.theirs import looking


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
    """A Run that links everything proposed by the rule; it waits for Start, as any Run does. Raises NotProposed."""
    if rule not in queries.SURE:
        raise NotProposed()
    proposed = queries.found(reading, rule).order_by(FoundAccount.id)
    words = queries.IN_A_SENTENCE[rule]
    links = [
        (
            one.employee_id,
            one.remote_id,
            joined(_("Linked to %(username)s.", username=one.username), one.evidence),
        )
        for one in proposed
    ]
    if not links:
        raise NotProposed()
    return plan_links(connection, links, by=by, source=_("Existing accounts: %(rule)s", rule=words))


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
