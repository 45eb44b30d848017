"""What needs a person: each line says how many, who, and leads to the page where they deal with it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from peewee import fn

from portal import counting
from portal.accounts.models import Account
from portal.calendar_page import queries as calendar
from portal.connections import health
from portal.connections.doctor import expiry
from portal.connections.models import Connection
from portal.connectors import SERVICES
from portal.connectors.base import Service
from portal.controls.actions import waiting_changes
from portal.database import count_of, now, read_together
from portal.day_one import forecast
from portal.day_one import queries as day_one
from portal.employee_list.filtering import has_no_return
from portal.feeds import models as feeds
from portal.hand_over.models import LoginMail, MailState
from portal.incoming import proposals
from portal.incoming.models import LeavingProposal
from portal.languages import gettext as _
from portal.languages import month_and_day, ngettext, number
from portal.operations.models import Operation, State
from portal.organisations.models import Organisation
from portal.people.models import Employee
from portal.people.searching import Sight
from portal.runs import queries as runs
from portal.runs.models import Run, RunState
from portal.scim import models as scim
from portal.sync.differences import Difference
from portal.timeline_templates.models import KindInUse
from portal.timeline_templates.steps import Kind
from portal.timelines import brake
from portal.timelines.models import PlannedStep, StepState

SOON = 14
FAILED_LATELY = timedelta(days=30)
NAMED = 3


@dataclass(frozen=True)
class Need:
    """One thing to see to. endpoint, values: the page where. names: the first few people concerned, of `count`."""

    level: str
    words: str
    endpoint: str
    values: dict[str, Any] = field(default_factory=dict)
    count: int = 0
    names: tuple[str, ...] = ()

    @property
    def who(self) -> str:
        """ "Wei Zhang, Zoë Ångström and 3 more"; empty for no names."""
        more = self.count - len(self.names)
        shown = ", ".join(self.names)
        return (
            _("%(names)s and %(number)s more", names=shown, number=number(more)) if self.names and more > 0 else shown
        )


def of(
    organisation: Organisation, visible: Any, connections: list[Connection], sight: Sight, *, systems: bool
) -> list[Need]:
    """What needs a person in this organisation, the most pressing first.

    visible, sight: the employees the user may see. systems: whether the user deals with the systems that bring
    employees.
    """
    today = now().astimezone(organisation.zone).date()
    asked = _Asked(organisation, visible, today, systems=systems)
    found = [*_about_connections(connections), *_about_people(asked), *_about_decisions(asked)]
    found += _about_timelines(asked)
    found += _about_systems(asked) if systems else ()
    for connection in connections:
        found += _about_starters(sight, connection, today, several=len(connections) > 1)
    order = ("danger", "warning", "info")
    return sorted(found, key=lambda need: order.index(need.level))


def _about_connections(connections: list[Connection]) -> Iterator[Need]:
    for connection in connections:
        service = SERVICES[connection.service]
        state = health.of(connection, service)
        if not state.good:
            yield Need(
                "danger",
                _("%(name)s needs attention: %(sentence)s", name=service.name, sentence=state.sentence),
                *_settings(service),
            )
        if connection.held_changes:
            words = ngettext(
                "%(num)s person would change status in %(name)s: more than usual",
                "%(num)s people would change status in %(name)s: more than usual",
                connection.held_changes,
                name=service.name,
            )
            yield Need("warning", words, "operations.activity", count=connection.held_changes)
        ends = expiry(service)
        if ends is not None and ends.urgent:
            yield Need(
                "danger",
                ends.of(service.name),
                *_settings(service),
            )


def _settings(service: Service) -> tuple[str, dict[str, Any]]:
    return "add_on_settings.show", {"service_key": service.key}


class _Asked:
    """What is counted: each query by its name, and how many rows it finds, all counted by one statement."""

    def __init__(self, organisation: Organisation, visible: Any, today: date, *, systems: bool):
        self.queries: dict[str, Any] = {
            **_people_with_accounts(organisation, visible, today),
            "failed": _failures(organisation),
            "mails": _lost_mails(organisation),
            "to_approve": runs.waiting_runs(organisation),
            "paused": Run.select().where(Run.organisation == organisation, Run.state == RunState.PAUSED),
            "changes": waiting_changes(organisation),
            "differences": _differences(organisation),
            "leaving": _proposed(organisation, visible),
            **_steps(organisation),
            **({"feeds": feeds.waiting(organisation), "pushed": scim.waiting(organisation)} if systems else {}),
        }
        # A user who sees fewer of the employees has other counts.
        key = ("home", organisation.id, today, systems, repr(visible.sql()))
        self.counts: dict[str, int] = counting.remembered(key, self._counts, size=lambda counts: sum(counts.values()))

    def _counts(self) -> dict[str, int]:
        return read_together(**{name: count_of(query) for name, query in self.queries.items()})


def _about_people(asked: _Asked) -> Iterator[Need]:
    yield from _listed(asked, "left", "danger", _left, "left", status="Active")
    values = {"status": "Active", "sort": "start-date"}
    yield from _listed(asked, "leavers", "info", _leaving, "leavers", **values)
    yield from _listed(asked, "no_return", "info", _without_return, "no-return")
    if count := asked.counts["failed"]:
        failed = asked.queries["failed"].order_by(Operation.id.desc()).limit(NAMED)
        names = tuple(operation.employee.name for operation in failed)
        words = ngettext("Something failed for %(num)s person", "Something failed for %(num)s people", count)
        yield Need("danger", words, "operations.activity", {"state": "failed"}, count, names)
    if count := asked.counts["mails"]:
        words = ngettext("%(num)s login email may not have arrived", "%(num)s login emails may not have arrived", count)
        found = asked.queries["mails"].order_by(LoginMail.id.desc()).limit(NAMED)
        people = [mail.account.employee for mail in found]
        where: tuple[str, dict[str, Any]] = ("operations.activity", {})
        if count == 1 and people:
            where = ("account_page.account_tab", {"employee_id": people[0].id})
        yield Need("warning", words, *where, count, tuple(person.name for person in people))


def _people_with_accounts(organisation: Organisation, visible: Any, today: date) -> dict[str, Any]:
    """Those who left, those who will soon, and those whose leave has no end, who can still sign in."""
    working = Account.select(Account.id).join(Connection).where(
        Account.employee == Employee.id, Account.detached_at.is_null(),
        Account.enabled == True, Account.read_at.is_null(False),  # noqa: E712
        Connection.disconnected_at.is_null(), Connection.organisation == organisation,
    )  # fmt: skip
    ended, able = Employee.end_date, fn.EXISTS(working)
    plans_leave = KindInUse.select(KindInUse.id).where(
        KindInUse.organisation == organisation, KindInUse.kind == Kind.LEAVE
    )
    return {
        "left": visible.where(ended < today, able),
        "leavers": visible.where(ended.between(today, today + timedelta(days=7)), able),
        "no_return": visible.where(has_no_return(today), able, fn.EXISTS(plans_leave)),
    }


def _left(count: int) -> str:
    return ngettext("%(num)s person left and can still sign in", "%(num)s people left and can still sign in", count)


def _leaving(count: int) -> str:
    return ngettext("%(num)s person will leave within 7 days", "%(num)s people will leave within 7 days", count)


def _without_return(count: int) -> str:
    return ngettext(
        "%(num)s person is or will be on leave, and no day of return is entered: the account stays as it is",
        "%(num)s people are or will be on leave, and no day of return is entered: the accounts stay as they are",
        count,
    )


def _listed(
    asked: _Asked, name: str, level: str, words: Callable[[int], str], who: str, **values: str
) -> Iterator[Need]:
    if count := asked.counts[name]:
        found = asked.queries[name].order_by(Employee.end_date, Employee.id).limit(NAMED)
        names = tuple(employee.name for employee in found)
        yield Need(level, words(count), "employee_list.show", {"who": who, **values}, count, names)


def _failures(organisation: Organisation) -> Any:
    """Operations that failed lately, and after which nothing was tried for the same account."""
    later = Operation.alias()
    tried = later.select(later.id).where(
        later.employee == Operation.employee, later.connection == Operation.connection, later.id > Operation.id
    )
    mine = (Operation.organisation == organisation) & (Operation.created_at > now() - FAILED_LATELY)
    return Operation.select(Operation, Employee).join(Employee).where(
        mine, Operation.state == State.FAILED, ~fn.EXISTS(tried)
    )  # fmt: skip


def _lost_mails(organisation: Organisation) -> Any:
    """Login emails of late that may not have arrived."""
    waiting = LoginMail.state.in_((MailState.FAILED, MailState.UNKNOWN))
    mails = (
        LoginMail.select(LoginMail, Account, Employee)
        .join(Account)
        .join(Employee)
        .where(LoginMail.organisation == organisation, waiting)
    )
    return mails.where(LoginMail.send_at > now() - FAILED_LATELY)


def _about_decisions(asked: _Asked) -> Iterator[Need]:
    if count := asked.counts["to_approve"]:
        words = ngettext(
            "%(num)s bulk action waits for a second Admin", "%(num)s bulk actions wait for a second Admin", count
        )
        yield Need("warning", words, "runs.run_list", count=count)
    if count := asked.counts["changes"]:
        words = ngettext(
            "%(num)s change of a setting waits for a second Admin",
            "%(num)s changes of settings wait for a second Admin",
            count,
        )
        yield Need("warning", words, "controls.show", count=count)
    for run in asked.queries["paused"].limit(NAMED) if asked.counts["paused"] else ():
        yield Need(
            "warning", _("The bulk action “%(title)s” is paused", title=run.title), "runs.show", {"run_id": run.id}
        )
    if count := asked.counts["leaving"]:
        names = tuple(one.employee.name for one in asked.queries["leaving"].limit(NAMED))
        words = ngettext(
            "Another system says that %(num)s person is leaving: this waits for you",
            "Another system says that %(num)s people are leaving: this waits for you",
            count,
        )
        yield Need("warning", words, "leaving_proposals.show", count=count, names=names)
    if count := asked.counts["differences"]:
        words = ngettext(
            "%(num)s difference from the HR record needs a decision",
            "%(num)s differences from the HR record need a decision",
            count,
        )
        yield Need("warning", words, "differences.show", count=count)


def _proposed(organisation: Organisation, visible: Any) -> Any:
    """Employees who leave as another system says."""
    return proposals.waiting(organisation).where(LeavingProposal.employee.in_(visible.select(Employee.id)))


def _differences(organisation: Organisation) -> Any:
    mine = (Difference.organisation == organisation) & ~Difference.ignored
    return Difference.select().join(Account).where(mine, Account.detached_at.is_null())


def _steps(organisation: Organisation) -> dict[str, Any]:
    """Steps that should have been done, and steps that wait for a person."""
    late = (PlannedStep.state == StepState.PLANNED) & PlannedStep.key.not_in(calendar.HUMAN)
    undone = late | (PlannedStep.state == StepState.FAILED)
    held = calendar.needing(organisation)
    waits = brake.Hold.select().where(brake.Hold.organisation == organisation, brake.Hold.decision == "")
    refused = calendar.refused(organisation)
    return {"undone": held.where(undone), "held": held.where(~undone), "refused": refused, "step_holds": waits}


_STEPS: dict[str, Callable[[int], str]] = {
    "undone": lambda count: ngettext(
        "%(num)s step of a timeline is late or failed", "%(num)s steps of timelines are late or failed", count
    ),
    "held": lambda count: ngettext(
        "%(num)s step of a timeline waits for a person", "%(num)s steps of timelines wait for a person", count
    ),
    "refused": lambda count: ngettext(
        "%(num)s step of a timeline will be refused", "%(num)s steps of timelines will be refused", count
    ),
}


def _about_timelines(asked: _Asked) -> Iterator[Need]:
    for name, level in (("undone", "danger"), ("held", "warning"), ("refused", "warning")):
        if count := asked.counts[name]:
            steps = asked.queries[name].limit(NAMED)
            names = tuple(dict.fromkeys(step.employee.name for step in steps))
            yield Need(level, _STEPS[name](count), "calendar.show", count=count, names=names)
    if count := asked.counts["step_holds"]:
        words = ngettext(
            "The steps of an import wait for a second Admin",
            "The steps of %(num)s imports wait for a second Admin",
            count,
        )
        yield Need("warning", words, "calendar.show")


def _about_systems(asked: _Asked) -> Iterator[Need]:
    """Feeds and SCIM clients whose people wait for an Admin."""
    for name, endpoint, key in (("feeds", "feeds.show", "feed_id"), ("pushed", "scim_clients.show", "client_id")):
        for one in asked.queries[name].limit(NAMED) if asked.counts[name] else ():
            stopped = name == "feeds" and one.stopped_at is not None
            words = (
                _("The feed “%(name)s” is stopped", name=one.name)
                if stopped
                else _("What “%(name)s” says about employees waits for you", name=one.name)
            )
            yield Need("danger" if stopped else "warning", words, endpoint, {key: one.id})


def _about_starters(sight: Sight, connection: Connection, today: date, *, several: bool) -> Iterator[Need]:
    app = {"app": connection.service} if several else {}
    board = day_one.board(sight, connection, today=today, days=SOON, missing=True, exact=True)
    if count := board.people - board.ready:
        names = tuple(starter.employee.name for starter in board.rows[:NAMED])
        if several:
            words = ngettext(
                "%(num)s person starts within %(days)s days and is not ready in %(application)s",
                "%(num)s people start within %(days)s days and are not ready in %(application)s",
                count,
                days=SOON,
                application=SERVICES[connection.service].name,
            )
        else:
            words = ngettext(
                "%(num)s person starts within %(days)s days and is not ready",
                "%(num)s people start within %(days)s days and are not ready",
                count,
                days=SOON,
            )
        yield Need("warning", words, "day_one.show", {"days": SOON, "show": "missing", **app}, count, names)
    for outlook in forecast.lately(sight, connection, today=today).outlooks:
        if outlook.short is not None and outlook.short.day <= today + timedelta(days=30):
            words = ngettext(
                "%(num)s seat short on %(licence)s from %(day)s",
                "%(num)s seats short on %(licence)s from %(day)s",
                -outlook.short.left,
                licence=outlook.name,
                day=month_and_day(outlook.short.day),
            )
            if outlook.lowest < outlook.short.left:
                words = _("%(short)s, %(lowest)s later on", short=words, lowest=number(-outlook.lowest))
            yield Need("warning", words, "day_one.show", app)


@dataclass(frozen=True)
class FirstStep:
    """One of the steps to the first account."""

    title: str
    done: bool
    endpoint: str


def first_steps(organisation: Organisation, visible: Any, connections: list[Connection]) -> list[FirstStep]:
    """The three steps to the first account; none once they are all done."""
    made = Account.select(Account.id).where(Account.organisation == organisation, Account.read_at.is_null(False))
    has = read_together(employees=fn.EXISTS(visible), account=fn.EXISTS(made))
    steps = [
        FirstStep(_("Add your employees"), has["employees"], "imports.ask_import"),
        FirstStep(_("Connect an application"), bool(connections), "addons.add_ons"),
        FirstStep(_("Create or link the first account"), has["account"], "employee_list.show"),
    ]
    return [] if all(step.done for step in steps) else steps
