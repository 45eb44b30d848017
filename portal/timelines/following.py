"""Keeps the timelines in step with the records: a changed date makes, moves or ends one."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from peewee import fn

from portal.accounts.models import Account
from portal.connections.models import Connection
from portal.database import now
from portal.logs import log
from portal.operations.models import Operation, State
from portal.operations.requests import Verb
from portal.organisations.models import Organisation
from portal.organisations.plans import Feature, plans_with
from portal.organisations.times import moment_of
from portal.people.models import Employee
from portal.people.zones import zone_of
from portal.selecting import ONE
from portal.timeline_templates.models import KindInUse
from portal.timeline_templates.steps import Kind
from portal.timelines import brake, planning
from portal.timelines.models import TO_COME, Course, Itinerary, PlannedStep
from portal.timelines.planning import DATES

AT_ONCE = 200


def follow_changes() -> int:
    """Make and move the timelines of those whose record has changed, or whose clocks are read otherwise now.

    Returns how many employees were looked at.
    """
    found = [*_changed(), *_without(), *_with_new_accounts()]
    for employee in found:
        try:
            planning.follow(employee)
        except Exception:
            # One of them must not keep the steps of all others from being begun.
            log.exception("timeline could not be followed", employee=employee.id)
    brake.hold_large(found)
    return len(found)


def _followed() -> Any:
    """Open timelines, of organisations whose plan has them: those of others would keep all from their turn."""
    plan = Organisation.select(Organisation.id).where(Organisation.plan.in_(plans_with(Feature.ACCOUNT_PROVISIONING)))
    return (Itinerary.state == Course.OPEN) & Itinerary.organisation.in_(plan)


def _changed() -> list[Employee]:
    """Employees whose record was changed since their open timeline was last worked out."""
    return list(
        Employee.select().join(Itinerary).distinct()
        .where(_followed(), Employee.changed_at > Itinerary.followed_at)
        .limit(AT_ONCE)
    )  # fmt: skip


def _with_new_accounts() -> list[Employee]:
    """Employees who got an account since their open timeline was last worked out: its steps are planned there too.

    Or got it back, as the organisation was connected to its tenant again.
    """
    back = Account.select().join(Connection).where(
        Account.employee == Itinerary.employee, Account.detached_at.is_null(),
        Connection.connected_at > Itinerary.followed_at,
    )  # fmt: skip
    came = Operation.select().where(
        Operation.employee == Itinerary.employee, Operation.verb.in_((Verb.CREATE, Verb.LINK, Verb.RESTORE)),
        Operation.state == State.DONE, Operation.finished_at > Itinerary.followed_at,
    )  # fmt: skip
    return list(
        Employee.select().join(Itinerary).distinct()
        .where(_followed(), Itinerary.kind.in_([*DATES]), fn.EXISTS(came) | fn.EXISTS(back))
        .limit(AT_ONCE)
    )  # fmt: skip


def _without() -> Iterator[Employee]:
    """Employees whose date asks for a timeline that there is none of yet.

    Of some nothing is to be planned, such as a leave of absence without an account, so they are asked about by lot,
    after those who have one: those who were asked about in vain keep no other from their turn.
    """
    for used in KindInUse.select().where(KindInUse.kind.in_([*DATES])):
        name = list(DATES[Kind(used.kind)].values())[-1]
        field = getattr(Employee, name)
        # Nowhere is the local day more than twelve hours behind.
        day = (now() - timedelta(hours=12)).date()
        known = Itinerary.select(Itinerary.employee).where(
            Itinerary.organisation == used.organisation, Itinerary.kind == used.kind,
            (Itinerary.state == Course.OPEN) | (Itinerary.followed_at >= Employee.changed_at),
        )  # fmt: skip
        mine = (Employee.organisation == used.organisation) & (field >= day) & Employee.id.not_in(known)
        held = Account.select(ONE).where(Account.employee == Employee.id, Account.detached_at.is_null())
        yield from Employee.select().where(mine).order_by(~fn.EXISTS(held), fn.RANDOM()).limit(AT_ONCE)


def recompute() -> int:
    """Work the moments of all steps to come out again: rules of time zones change. Returns how many moved."""
    moved: list[PlannedStep] = []
    steps = PlannedStep.select(PlannedStep, Employee).join(Employee).where(PlannedStep.state.in_(TO_COME))
    for step in steps:
        due_at = moment_of(step.day, step.hour, zone_of(step.employee))
        if due_at != step.due_at:
            step.due_at = due_at
            moved.append(step)
    if moved:
        PlannedStep.bulk_update(moved, (PlannedStep.due_at,), batch_size=100)
    return len(moved)
