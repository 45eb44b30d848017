"""What a plan comes to, in a sentence: how many people and licences, who manages others; and the button's words."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import fn

from portal.auth.models import User
from portal.controls.table import people
from portal.languages import clock, day, joined, ngettext
from portal.languages import gettext as _
from portal.operations.requests import Verb
from portal.people.models import Employee
from portal.runs import approval, queries
from portal.runs.models import LineState, Run, RunLine, RunState
from portal.runs.queries import Counts, Seats

# What the button that carries a plan out says, for one and for many.
DEEDS: dict[Verb, Callable[[int], str]] = {
    Verb.CREATE: lambda count: ngettext("Create %(num)s account", "Create %(num)s accounts", count),
    Verb.LINK: lambda count: ngettext("Link %(num)s account", "Link %(num)s accounts", count),
    Verb.DEACTIVATE: lambda count: ngettext("Deactivate %(num)s account", "Deactivate %(num)s accounts", count),
    Verb.REACTIVATE: lambda count: ngettext("Reactivate %(num)s account", "Reactivate %(num)s accounts", count),
    Verb.RESEND: lambda count: ngettext(
        "Resend login information to %(num)s person", "Resend login information to %(num)s people", count
    ),
    Verb.UPDATE: lambda count: ngettext("Update %(num)s account", "Update %(num)s accounts", count),
    Verb.LICENCE: lambda count: ngettext(
        "Change the licences of %(num)s person", "Change the licences of %(num)s people", count
    ),
}
# What happens to the people of a plan.
OUTLOOKS: dict[Verb, Callable[[int, str], str]] = {
    Verb.CREATE: lambda count, service: ngettext(
        "%(num)s person will get an account", "%(num)s people will get an account", count
    ),
    Verb.LINK: lambda count, service: ngettext(
        "%(num)s person will be linked to the account they have. Nothing changes in %(application)s",
        "%(num)s people will be linked to the account they have. Nothing changes in %(application)s",
        count,
        application=service,
    ),
    Verb.DEACTIVATE: lambda count, service: ngettext(
        "%(num)s person will be signed out", "%(num)s people will be signed out", count
    ),
    Verb.REACTIVATE: lambda count, service: ngettext(
        "%(num)s person will be able to sign in again", "%(num)s people will be able to sign in again", count
    ),
    Verb.RESEND: lambda count, service: ngettext(
        "%(num)s person will get a new temporary password. The password they have now stops working",
        "%(num)s people will get a new temporary password. The password they have now stops working",
        count,
    ),
    Verb.UPDATE: lambda count, service: ngettext(
        "%(num)s person will show in %(application)s as the HR record has them",
        "%(num)s people will show in %(application)s as the HR record has them",
        count,
        application=service,
    ),
    Verb.LICENCE: lambda count, service: ngettext(
        "%(num)s person will have other licences", "%(num)s people will have other licences", count
    ),
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

    @property
    def must_approve(self) -> str:
        """That a second Admin must, and why."""
        if not self.approval:
            return _("A second Admin must approve this.")
        return _("A second Admin must approve this, because %(reason)s.", reason=self.approval)


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
    return DEEDS[Verb(run.verb)](count)


def takes_away(run: Run) -> bool:
    """Whether it takes something from people, so that its button is red."""
    return run.verb == Verb.DEACTIVATE or bool(run.options.get("remove"))


def sentence(run: Run, count: int, seats: list[Seats], led: list[tuple[Employee, int]]) -> str:
    """What will happen to the people who are planned, with the numbers that matter. led: as `managers` returns them."""
    said = OUTLOOKS[Verb(run.verb)](count, run.connection.service_name)
    used, freed = sum(need.needed for need in seats), _freed(run)
    using = _("%(licences)s used", licences=_licences(used)) if used else ""
    if used and run.verb == Verb.CREATE:
        said, using = _("%(outlook)s and use %(licences)s", outlook=said, licences=_licences(used)), ""
    freeing = _("%(licences)s freed", licences=_licences(freed)) if freed else ""
    clauses = joined(joined(said, using, freeing, by=", "), _managing(count, led) if led else "", by="; ")
    return joined(_("%(clauses)s.", clauses=clauses), _sent(run))


def _licences(count: int) -> str:
    return ngettext("%(num)s licence", "%(num)s licences", count)


def _freed(run: Run) -> int:
    planned = RunLine.select(fn.SUM(RunLine.frees)).where(RunLine.run == run, RunLine.state == LineState.PLANNED)
    return planned.scalar() or 0


def _managing(count: int, led: list[tuple[Employee, int]]) -> str:
    managed = people(sum(reports for employee, reports in led))
    if count == 1:
        return _("this person manages %(people)s", people=managed)
    return ngettext("one of them manages %(people)s", "%(num)s of them manage %(people)s", len(led), people=managed)


def _sent(run: Run) -> str:
    """When the login information goes out, where it does."""
    if run.verb not in (Verb.CREATE, Verb.RESEND):
        return ""
    when = run.options.get("send", "now")
    if when == "now":
        return _("The login information goes out immediately.")
    if when == "start":
        return _("The login information goes out on each start date at 08:00.")
    moment = datetime.fromisoformat(when).astimezone(run.organisation.zone)
    return _("The login information goes out on %(day)s at %(time)s.", day=day(moment.date()), time=clock(moment))


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
