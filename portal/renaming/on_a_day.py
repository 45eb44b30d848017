"""Another username on a day: a step of a mover's timeline. Whether the name is still free is asked again on that day.

options["rename"] of the timeline: number of a connection, as text -> {"username", "old", "company_email"}.
"""

from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any

from portal.accounts.place import Place
from portal.auth.models import User
from portal.connectors import for_connection
from portal.database import now
from portal.languages import gettext as _
from portal.operations.models import Operation
from portal.operations.requests import Verb
from portal.organisations.times import in_words, moment_of
from portal.people.models import Employee
from portal.people.zones import zone_of
from portal.problems import Problem
from portal.provisioning import usernames
from portal.renaming import actions
from portal.timeline_templates.choosing import steps_for
from portal.timeline_templates.steps import Kind
from portal.timelines import catalogue, planning
from portal.timelines.actions import LONGEST_AHEAD
from portal.timelines.catalogue import Asks, NotNeeded, StepKind
from portal.timelines.models import TO_COME, Course, PlannedStep
from portal.timelines.steps import CannotYet

KEY = "rename"
FRIDAY, EVENING = 4, time(18)


class CannotPlan(Problem):
    """The username cannot change at this time."""

    status = 422


@dataclass(frozen=True)
class Planned:
    """A username that an account gets. when: day and hour in words."""

    username: str
    when: str


def is_offered(employee: Employee) -> bool:
    """Whether the organisation's steps for movers have it."""
    return any(step.key == KEY for step in steps_for(employee.organisation, Kind.MOVER, employee))


def usual(employee: Employee) -> tuple[date, time]:
    """A quiet moment: the next Friday at 18:00, where the employee is."""
    present = now().astimezone(zone_of(employee))
    day = present.date() + timedelta(days=(FRIDAY - present.weekday()) % 7)
    return (day if (day, EVENING) > (present.date(), present.time()) else day + timedelta(days=7)), EVENING


def plan(place: Place, username: str, day: date, hour: str, *, update_company_email: bool, by: User) -> None:
    """Give the account this username then, instead of one that was planned before. Raises NoAccount, CannotPlan."""
    account, employee, moment = place.need_account(), place.employee, moment_of(day, hour, zone_of(place.employee))
    if moment <= now():
        raise CannotPlan(_("This time has already passed: choose a later one, or Now."))
    if moment > now() + LONGEST_AHEAD:
        raise CannotPlan(_("Choose a day within two years."))
    asked = {"username": username, "old": account.username, "company_email": update_company_email}
    kept = _all_asked(employee)
    options = {KEY: {**kept, str(place.connection.id): asked}}
    planning.ask_for(employee, Kind.MOVER, KEY, place.connection, day, hour, options, by=by)


def _all_asked(employee: Employee) -> dict[str, Any]:
    itinerary = planning.latest_of(employee, Kind.MOVER)
    return dict(itinerary.options.get(KEY) or {}) if itinerary is not None and itinerary.state == Course.OPEN else {}


def planned(place: Place) -> Planned | None:
    """The change of the username that is planned for the account."""
    mine = (PlannedStep.employee == place.employee) & (PlannedStep.connection == place.connection)
    step = PlannedStep.select().where(mine, PlannedStep.key == KEY, PlannedStep.state.in_(TO_COME)).first()
    if step is None:
        return None
    return Planned(_asked(step)["username"], in_words(step.due_at, zone_of(place.employee)))


def _asked(step: PlannedStep) -> dict[str, Any]:
    found = (step.itinerary.options.get(KEY) or {}).get(str(step.connection_id))
    if found is None:
        raise NotNeeded(_("No other username has been requested."))
    return dict(found)


def start(place: Place, step: PlannedStep, by: "User | str") -> Operation:
    """Raises Asks where somebody has changed the username meanwhile, CannotYet where the new one is taken."""
    account, asked = place.need_account(), _asked(step)
    if account.username.casefold() not in (asked["old"].casefold(), asked["username"].casefold()):
        evidence = _(
            "The username was %(old)s when this was planned. It is now %(username)s, and would become "
            "%(new)s. Press Do it now for that, or Skip to leave it as it is.",
            old=asked["old"],
            username=account.username,
            new=asked["username"],
        )
        # A person who pressed Do it now has read the same words on the step.
        if not (isinstance(by, User) and step.reason == evidence):
            raise Asks(evidence)
    local_part, _at, domain = asked["username"].rpartition("@")
    if account.username.casefold() != asked["username"].casefold():
        advice = usernames.advise(
            place.employee, place.connection, for_connection(place.connection), local_part, domain,
            own=account.remote_id,
        )  # fmt: skip
        if not advice.free:
            raise CannotYet(advice.sentence, _("Choose another one on the tab Account provisioning."))
    return actions.rename(place, asked["username"], update_company_email=asked["company_email"], by=by)


def tells(step: PlannedStep) -> str:
    """ "From wei.zhang@acme.example to wei.smith@acme.example." """
    asked = (step.itinerary.options.get(KEY) or {}).get(str(step.connection_id))
    return _("From %(old)s to %(username)s.", old=asked["old"], username=asked["username"]) if asked else ""


catalogue.register(StepKind(KEY, start=start, verb=Verb.RENAME, tells=tells))
