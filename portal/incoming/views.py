"""People > Proposed leavers: employees who leave as another system says, for a person to decide."""

from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask_login import current_user

from portal import access, seeing
from portal.access import Action
from portal.incoming import proposals
from portal.incoming.models import LeavingProposal
from portal.languages import gettext as _
from portal.people import rules
from portal.people.models import Employee
from portal.timeline_pages import shown
from portal.web import Answer, page

blueprint = Blueprint("leaving_proposals", __name__, url_prefix="/people/proposed-leavers")
ONE = "/<int:proposal_id>"
MOST_SHOWN = 200


@blueprint.get("")
@access.requires(Action.EDIT_EMPLOYEES)
def show() -> Answer:
    found = list(_visible().limit(MOST_SHOWN + 1))
    return page("incoming/proposals.html", proposals=found[:MOST_SHOWN], more=len(found) > MOST_SHOWN)


@blueprint.get(ONE)
@access.requires(Action.EDIT_EMPLOYEES)
def ask_enter(proposal_id: int) -> Answer:
    proposal = _proposal_or_404(proposal_id)
    return _question(proposal, proposal.day)


@blueprint.post(ONE)
@access.requires(Action.EDIT_EMPLOYEES)
def enter(proposal_id: int) -> Answer:
    """Enter the last day. What it would do is shown first, for the day that was typed."""
    proposal = _proposal_or_404(proposal_id)
    employee, typed = proposal.employee, rules.tidy(request.form.get("day", ""))
    try:
        day = rules.read_date(typed)
    except ValueError as problem:
        return _question(proposal, proposal.day, typed=typed, problem=problem.args[0], status=422)
    if day is None:
        return _question(proposal, proposal.day, problem=_("Enter the last day."), status=422)
    values = {name: getattr(employee, name) for name in (*rules.TEXTS, *rules.DATES)} | {"end_date": day}
    if wrong := rules.record_problems(values):
        return _question(proposal, day, problem=" ".join(wrong.values()), status=422)
    if request.form.get("seen") != day.isoformat():
        return _question(proposal, day)
    proposals.enter(proposal, day, by=current_user, at_once=True)
    flash(_("The last day of %(employee)s is entered.", employee=employee.name), "success")
    return redirect(url_for(".show"), 303)


@blueprint.post(f"{ONE}/dismiss")
@access.requires(Action.EDIT_EMPLOYEES)
def dismiss(proposal_id: int) -> Answer:
    proposal = _proposal_or_404(proposal_id)
    proposals.dismiss(proposal, by=current_user)
    flash(
        _("%(employee)s stays. The portal does not ask about this day again.", employee=proposal.employee.name),
        "success",
    )
    return redirect(url_for(".show"), 303)


def _question(proposal: LeavingProposal, day: date, *, typed: str = "", problem: str = "", status: int = 200) -> Answer:
    change = shown.change_of(proposal.employee, {"end_date": day})
    return page(
        "incoming/proposal.html", status=status, proposal=proposal, employee=proposal.employee, day=day,
        typed=typed or day.isoformat(), problem=problem, change=change,
    )  # fmt: skip


def _visible() -> Any:
    """The proposals about employees whom the user may see."""
    theirs = seeing.visible_employees().select(Employee.id)
    return proposals.waiting(access.organisation()).where(LeavingProposal.employee.in_(theirs))


def _proposal_or_404(proposal_id: int) -> LeavingProposal:
    proposal = seeing.own_or_404(LeavingProposal, proposal_id)
    proposal.employee = seeing.employee_or_404(proposal.employee_id)
    return proposal
