"""What a plan comes to, in a sentence: how many people and licences, who manages others; and the button's words."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import fn

from portal.auth.models import User
from portal.controls.table import people
from portal.operations.requests import Verb
from portal.people.models import Employee
from portal.runs import approval, queries
from portal.runs.models import LineState, Run, RunLine, RunState
from portal.runs.queries import Counts, Seats
from portal.templating import local_date

# What the button that carries a plan out says, for one and for many.
DEEDS = {
    Verb.CREATE: ("Create {} account", "Create {} accounts"),
    Verb.LINK: ("Link {} account", "Link {} accounts"),
    Verb.DEACTIVATE: ("Deactivate {} account", "Deactivate {} accounts"),
    Verb.REACTIVATE: ("Reactivate {} account", "Reactivate {} accounts"),
    Verb.RESEND: ("Resend login information to {} person", "Resend login information to {} people"),
    Verb.UPDATE: ("Update {} account", "Update {} accounts"),
    Verb.LICENCE: ("Change the licences of {} person", "Change the licences of {} people"),
}
# What happens to the people of a plan.
OUTLOOKS = {
    Verb.CREATE: "{} will get an account",
    Verb.LINK: "{} will be linked to the account they have. Nothing changes in {service}",
    Verb.DEACTIVATE: "{} will be signed out",
    Verb.REACTIVATE: "{} will be able to sign in again",
    Verb.RESEND: "{} will get a new temporary password. The password they have now stops working",
    Verb.UPDATE: "{} will show in {service} as the HR record has them",
    Verb.LICENCE: "{} will have other licences",
}
# Managers who are named one by one.
NAMED = 5


@dataclass(frozen=True)
class Outlook:
    """What a page says of a plan before it is started. sentence: what will happen, with numbers; empty for no plan.

    button: what the button says; danger: whether it takes something away. managers: who of them manages others, the
    first few; more: how many others do. approval: why a second Admin must approve; empty when nobody needs to.
    """

    seats: list[Seats]
    sentence: str = ""
    button: str = ""
    danger: bool = False
    managers: tuple[tuple[Employee, int], ...] = ()
    more: int = 0
    approval: str = ""


def of(run: Run, found: Counts, *, by: User) -> Outlook:
    """The outlook of a run as its page shows it. by: who looks at it."""
    seats, count = queries.seats(run), found[LineState.PLANNED]
    if run.state not in (RunState.PLANNED, RunState.TO_APPROVE) or not count:
        return Outlook(seats)
    led = managers(run)
    reason = approval.why_needed(run, count, by=by) if run.state == RunState.PLANNED else run.approval_reason
    return Outlook(
        seats, sentence(run, count, seats, led), deed(run, count), takes_away(run), tuple(led[:NAMED]),
        max(0, len(led) - NAMED), reason,
    )  # fmt: skip


def deed(run: Run, count: int) -> str:
    """ "Deactivate 38 accounts": what the button does."""
    return DEEDS[Verb(run.verb)][count != 1].format(f"{count:,}")


def takes_away(run: Run) -> bool:
    """Whether it takes something from people, so that its button is red."""
    return run.verb == Verb.DEACTIVATE or bool(run.options.get("remove"))


def sentence(run: Run, count: int, seats: list[Seats], led: list[tuple[Employee, int]]) -> str:
    """What will happen to the people who are planned, with the numbers that matter. led: as `managers` returns them."""
    words = OUTLOOKS[Verb(run.verb)].format(people(count), service=run.connection.service_name)
    used, freed = sum(need.needed for need in seats), _freed(run)
    using = f" and use {_licences(used)}" if used and run.verb == Verb.CREATE else ""
    said = [words + using, *([f"{_licences(used)} used"] if used and not using else [])]
    said += [f"{_licences(freed)} freed"] if freed else []
    return f"{', '.join(said)}{_managing(count, led) if led else ''}.{_sent(run)}"


def _licences(count: int) -> str:
    return f"{count:,} licence{'' if count == 1 else 's'}"


def _freed(run: Run) -> int:
    planned = RunLine.select(fn.SUM(RunLine.frees)).where(RunLine.run == run, RunLine.state == LineState.PLANNED)
    return planned.scalar() or 0


def _managing(count: int, led: list[tuple[Employee, int]]) -> str:
    managed = people(sum(reports for _, reports in led))
    if count == 1:
        return f"; this person manages {managed}"
    return f"; one of them manages {managed}" if len(led) == 1 else f"; {len(led)} of them manage {managed}"


def _sent(run: Run) -> str:
    """When the login information goes out, where it does."""
    if run.verb not in (Verb.CREATE, Verb.RESEND):
        return ""
    when = run.options.get("send", "now")
    if when == "now":
        return " The login information goes out immediately."
    if when == "start":
        return " The login information goes out on each start date at 08:00."
    moment = datetime.fromisoformat(when).astimezone(run.organisation.zone)
    return f" The login information goes out on {local_date(moment.date())} at {moment:%H:%M}."


def managers(run: Run) -> list[tuple[Employee, int]]:
    """Who of those to be deactivated manages people who stay, with the number of them; the largest team first."""
    if run.verb != Verb.DEACTIVATE:
        return []
    mine: Any = RunLine.select(RunLine.employee).where(RunLine.run == run, RunLine.state == LineState.PLANNED)
    reports = Employee.alias()
    stays = reports.end_date.is_null() | (reports.end_date >= run.organisation.today)
    size = fn.COUNT(reports.id)
    query: Any = Employee.select(Employee, size.alias("team")).join(reports, on=(reports.manager == Employee.id))
    query = query.where(Employee.id.in_(mine), reports.id.not_in(mine), stays)
    found = query.group_by(Employee.id).order_by(size.desc(), Employee.id)
    return [(employee, employee.team) for employee in found]
