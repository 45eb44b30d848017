"""Proposing that an employee leaves, and what a person decides about it."""

from datetime import date
from typing import Any

from portal import audit
from portal.auth import proof
from portal.auth.models import User
from portal.database import now
from portal.incoming.models import Decision, LeavingProposal
from portal.languages import gettext as _
from portal.organisations.models import Organisation
from portal.people import actions
from portal.people.models import Employee
from portal.problems import Problem
from portal.timelines import planning


class Settled(Problem):
    message = _("This has been decided already, or the other system has taken it back.")
    title = _("Nothing waits here")


def waiting(organisation: Organisation | int) -> Any:
    """A select of the proposals that wait for a person, with their employees."""
    mine = (LeavingProposal.organisation == organisation) & (LeavingProposal.decision == "")
    return LeavingProposal.select(LeavingProposal, Employee).join(Employee).where(mine).order_by(LeavingProposal.day)


def propose(employee: Employee, day: date, *, source: str) -> LeavingProposal | None:
    """Have a person decide whether the employee leaves on that day; None when that is already known.

    What was dismissed is not asked again for the same day.
    """
    with audit.turn(employee.organisation_id):
        mine = (LeavingProposal.employee == employee) & (LeavingProposal.source == source)
        latest = LeavingProposal.select().where(mine).order_by(LeavingProposal.id.desc()).first()
        if latest is not None and latest.day == day and latest.decision in ("", Decision.DISMISSED):
            return None
        if latest is not None and not latest.decision:
            LeavingProposal.update(day=day).where(LeavingProposal.id == latest.id).execute()
            return None
        made = LeavingProposal.create(organisation=employee.organisation, employee=employee, source=source, day=day)
        audit.record(source, "propose that an employee leaves", employee, day=day.isoformat())
    return made


def withdraw(employee: Employee, *, source: str) -> None:
    """The source no longer says that the employee leaves: what waits for a decision is gone."""
    mine = (LeavingProposal.employee == employee) & (LeavingProposal.source == source)
    with audit.turn(employee.organisation_id):
        ended = {"decision": Decision.WITHDRAWN, "decided_at": now(), "decided_by_name": source}
        if LeavingProposal.update(ended).where(mine, LeavingProposal.decision == "").execute():
            audit.record(source, "take back that an employee leaves", employee)


def settle(employee: Employee, *, by: Any) -> None:
    """The employee has a last day by now, whichever way it was entered: nothing waits any more."""
    mine = (LeavingProposal.employee == employee) & (LeavingProposal.decision == "")
    ended = {"decision": Decision.ENTERED, "decided_at": now(), "decided_by_name": getattr(by, "display_name", by)}
    LeavingProposal.update(ended).where(mine).execute()


def enter(proposal: LeavingProposal, day: date, *, by: User, at_once: bool) -> Employee:
    """The employee leaves on that day. at_once: what has passed by then happens at once. Raises Settled."""
    with audit.turn(proposal.organisation_id):
        proof.hold_actor(by)
        _decide(proposal, Decision.ENTERED, by)
        employee = Employee.get_by_id(proposal.employee_id)
        employee.organisation = Organisation.get_by_id(proposal.organisation_id)
        employee, _ = actions.edit_employee(employee, {"end_date": day}, by=by)
        settle(employee, by=by)
    planning.follow(employee, by=by, at_once=at_once)
    return employee


def dismiss(proposal: LeavingProposal, *, by: User) -> None:
    """The employee stays, whatever the other system says. Raises Settled."""
    with audit.turn(proposal.organisation_id):
        proof.hold_actor(by)
        _decide(proposal, Decision.DISMISSED, by)
        employee = Employee.get_by_id(proposal.employee_id)
        audit.record(by, "dismiss that an employee leaves", employee, day=proposal.day.isoformat())


def _decide(proposal: LeavingProposal, decision: Decision, by: User) -> None:
    ended = {"decision": decision, "decided_at": now(), "decided_by_name": by.display_name}
    mine = (LeavingProposal.id == proposal.id) & (LeavingProposal.decision == "")
    if not LeavingProposal.update(ended).where(mine).execute():
        raise Settled()
