"""The Timeline tab of an employee, and what can be done to a step there."""

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask_login import current_user
from werkzeug.exceptions import NotFound

from portal import access, seeing
from portal.access import Action
from portal.accounts.models import Account
from portal.foresight import looking
from portal.languages import N_, ngettext
from portal.languages import gettext as _
from portal.people.models import Employee
from portal.problems import Problem
from portal.templating import local_date
from portal.timeline_pages import shown
from portal.timeline_templates.choosing import in_use
from portal.timeline_templates.steps import Kind
from portal.timelines import actions, catalogue, jobs, planning, settling, versions
from portal.timelines.models import Course, Itinerary, PlannedStep
from portal.web import Answer, page

blueprint = Blueprint("timelines", __name__)
TAB = "/people/employees/<int:employee_id>/timeline"


@blueprint.get(TAB)
@access.requires(Action.PROVISION, advertised=True)
def show(employee_id: int) -> Answer:
    """The employee's timelines, up to date with the record and with what was done."""
    employee = seeing.employee_or_404(employee_id)
    settling.settle(employee)
    if Itinerary.select().where(Itinerary.employee == employee, Itinerary.state == Course.OPEN).exists():
        looking.look_for_page(list(Account.all_live_of(employee)))
    return _page(employee)


def _page(employee: Employee, *, status: int = 200, **context: Any) -> Answer:
    return page(
        "timelines/timeline.html", status=status, employee=employee, tab="timeline", timelines=shown.of(employee),
        leave_waits=_leave_waits(employee), why_none=_why_none(employee), **{"wrong": None, "typed": {}, **context},
    )  # fmt: skip


def _why_none(employee: Employee) -> tuple[str, bool]:
    """Why an employee without a timeline has none, and whether Settings > Timelines is where to change that."""
    today = employee.organisation.today
    ends = {kind: getattr(employee, list(fields.values())[-1]) for kind, fields in planning.DATES.items()}
    if employee.has_left(today):
        words = _(
            "%(name)s left on %(day)s. A timeline begins only before its day, so nothing more is planned.",
            name=employee.name,
            day=local_date(employee.end_date),
        )
        return words, False
    to_come = [kind for kind, day in ends.items() if day is not None and day >= today]
    if any(ends.values()) and not to_come:
        return _(
            "The days on the Profile have passed, and a timeline begins only before its day. "
            "Enter a last day or a leave of absence on the Profile, or plan a move."
        ), False
    if to_come and not any(in_use(employee.organisation, kind) for kind in to_come):
        return _("There is a day to come on the Profile, but its timeline is not switched on."), True
    return _(
        "A timeline begins with a first day, a last day or a leave of absence on the Profile, once it is switched on "
        "under Settings > Timelines."
    ), True


def _leave_waits(employee: Employee) -> bool:
    """Whether a leave of absence has no timeline because nobody knows yet when it ends."""
    unknown = employee.leave_from is not None and employee.leave_to is None
    return unknown and in_use(employee.organisation, Kind.LEAVE)


def _step_or_404(employee: Employee, step_id: int) -> PlannedStep:
    step = PlannedStep.get_or_none(PlannedStep.id == step_id, PlannedStep.employee == employee)
    if step is None:
        raise NotFound()
    return step


def _act(employee_id: int, step_id: int, act: Callable[[PlannedStep], Any], words: str) -> Answer:
    """Do it to the step, and show the timeline with what came of it; what was typed is kept when it is refused."""
    employee = seeing.employee_or_404(employee_id)
    step = _step_or_404(employee, step_id)
    label = catalogue.label_of(step)
    try:
        act(step)
    except Problem as problem:
        return _page(employee, status=problem.status, wrong=(step.id, problem), typed=request.form)
    flash(_(words, step=label), "success")
    return redirect(url_for(".show", employee_id=employee.id), 303)


@blueprint.post(f"{TAB}/<int:step_id>/move")
@access.requires(Action.PROVISION)
def move(employee_id: int, step_id: int) -> Answer:
    return _act(employee_id, step_id, _move, N_("%(step)s: moved. From now on it stays there when the date changes."))


def _move(step: PlannedStep) -> None:
    try:
        day = date.fromisoformat(request.form.get("day", ""))
        hour = actions.hour_of(request.form.get("hour", ""))
    except ValueError:
        raise actions.CannotMove(_("Enter a date, and a time such as 18:00.")) from None
    actions.move(step, day, hour, by=current_user, at_once="at_once" in request.form)


@blueprint.post(f"{TAB}/<int:step_id>/skip")
@access.requires(Action.PROVISION)
def skip(employee_id: int, step_id: int) -> Answer:
    return _act(employee_id, step_id, lambda step: actions.skip(step, by=current_user), N_("%(step)s: skipped."))


@blueprint.post(f"{TAB}/<int:step_id>/now")
@access.requires(Action.PROVISION)
def do_now(employee_id: int, step_id: int) -> Answer:
    return _act(employee_id, step_id, lambda step: actions.do_now(step, by=current_user), N_("%(step)s: begun."))


@blueprint.post(f"{TAB}/<int:step_id>/done")
@access.requires(Action.PROVISION)
def done(employee_id: int, step_id: int) -> Answer:
    return _act(employee_id, step_id, lambda step: actions.done_by_hand(step, by=current_user), N_("%(step)s: done."))


@blueprint.post(f"{TAB}/<int:step_id>/undo")
@access.requires(Action.PROVISION)
def undo(employee_id: int, step_id: int) -> Answer:
    return _act(employee_id, step_id, lambda step: actions.undo(step, by=current_user), N_("%(step)s: undone."))


def _itinerary_or_404(employee: Employee, itinerary_id: int) -> Itinerary:
    itinerary = Itinerary.get_or_none(Itinerary.id == itinerary_id, Itinerary.employee == employee)
    if itinerary is None:
        raise NotFound()
    return itinerary


@blueprint.post(f"{TAB}/cancel/<int:itinerary_id>")
@access.requires(Action.PROVISION)
def cancel(employee_id: int, itinerary_id: int) -> Answer:
    """Cancel what is still to come of one timeline. What is done stays."""
    employee = seeing.employee_or_404(employee_id)
    itinerary = _itinerary_or_404(employee, itinerary_id)
    if itinerary.state == Course.OPEN:
        count = planning.cancel(itinerary, by=current_user, reason=_("Cancelled by hand."))
        flash(
            ngettext(
                "The timeline was cancelled: %(num)s step will not happen.",
                "The timeline was cancelled: %(num)s steps will not happen.",
                count,
            ),
            "success",
        )
    return redirect(url_for(".show", employee_id=employee.id), 303)


@blueprint.post(f"{TAB}/all-now/<int:itinerary_id>")
@access.requires(Action.PROVISION)
def do_all_now(employee_id: int, itinerary_id: int) -> Answer:
    """Carry out what asks, in its order: the worker begins at once."""
    employee = seeing.employee_or_404(employee_id)
    count = actions.do_all_now(_itinerary_or_404(employee, itinerary_id), by=current_user)
    jobs.sweep()
    flash(
        ngettext(
            "%(num)s step will be done in the next few minutes, one after the other.",
            "%(num)s steps will be done in the next few minutes, one after the other.",
            count,
        ),
        "success",
    )
    return redirect(url_for(".show", employee_id=employee.id), 303)


@blueprint.post(f"{TAB}/skip-all/<int:itinerary_id>")
@access.requires(Action.PROVISION)
def skip_all(employee_id: int, itinerary_id: int) -> Answer:
    employee = seeing.employee_or_404(employee_id)
    count = actions.skip_all(_itinerary_or_404(employee, itinerary_id), by=current_user)
    flash(ngettext("%(num)s step skipped.", "%(num)s steps skipped.", count), "success")
    return redirect(url_for(".show", employee_id=employee.id), 303)


@blueprint.post(f"{TAB}/apply/<int:itinerary_id>")
@access.requires(Action.PROVISION)
def apply(employee_id: int, itinerary_id: int) -> Answer:
    """Have the steps of Settings as they are now count for this person too."""
    employee = seeing.employee_or_404(employee_id)
    newer = versions.waiting_for(_itinerary_or_404(employee, itinerary_id), employee)
    if newer is not None and request.form.get("shown") != newer.mark:
        flash(_("The steps have changed since this page was shown. Look at the difference again."), "warning")
    elif newer is not None:
        versions.apply(newer, by=current_user)
        flash(_("The new version applies to this timeline."), "success")
    return redirect(url_for(".show", employee_id=employee.id), 303)
