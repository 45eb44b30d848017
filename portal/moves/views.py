"""Plan a move: what is different from a day on, what that does, and Confirm."""

import hashlib
from datetime import date
from typing import Any

from flask import Blueprint, flash, request, url_for
from flask_login import current_user

from portal import access, seeing
from portal.access import Action
from portal.languages import gettext as _
from portal.languages import joined
from portal.moves import plans, preview
from portal.moves.forms import MoveForm
from portal.people import rules
from portal.people.models import Employee
from portal.people.searching import departments, locations
from portal.templating import local_date
from portal.web import Answer, leave_to, page, swap

blueprint = Blueprint("moves", __name__)
MOVE = "/people/employees/<int:employee_id>/move"


@blueprint.get(MOVE)
@access.requires(Action.PROVISION)
def ask(employee_id: int) -> Answer:
    """The form, with the planned move if there is one; or how to switch timelines for movers on."""
    employee = seeing.employee_or_404(employee_id)
    if not plans.is_offered(employee):
        return page("moves/off.html", employee=employee, tab="timeline")
    return _form(_empty_form(employee))


def _empty_form(employee: Employee) -> MoveForm:
    return MoveForm(seeing.visible_employees(), employee, plans.open_of(employee))


def _form(form: MoveForm, *, status: int = 200, **context: Any) -> Answer:
    visible = seeing.visible_employees()
    return swap(
        "moves/_move_form.html", in_page="moves/move.html", back_to=None, status=status, form=form,
        employee=form.employee, tab="timeline", longest=rules.LONGEST, departments=departments(visible),
        locations=locations(visible), **{"preview": None, "confirmed": "", **context},
    )  # fmt: skip


@blueprint.post(MOVE)
@access.requires(Action.PROVISION)
def plan(employee_id: int) -> Answer:
    """What the move would do; once that is confirmed, it is planned."""
    employee = seeing.employee_or_404(employee_id)
    if not plans.is_offered(employee):
        return page("moves/off.html", status=409, employee=employee, tab="timeline")
    form = _empty_form(employee)
    if not form.validate():
        return _form(form, status=422)
    day: date = form.day.data  # type: ignore[assignment]
    values, at_once = form.values(), "at_once" in request.form
    try:
        plans.check(employee, day, values)
        look = preview.of(employee, day, values)
        if request.form.get("confirmed_dates") != _seen(form, look) or (look.passed and not at_once):
            return _form(form, status=422 if look.passed else 200, preview=look, confirmed=_seen(form, look))
        plans.plan(employee, day, values, by=current_user, at_once=at_once and bool(look.passed))
    except plans.CannotPlan as problem:
        form.refuse(problem.field, joined(problem.message, problem.next_step))
        return _form(form, status=problem.status)
    flash(_("The move on %(local_date)s is planned.", local_date=local_date(day)), "success")
    return leave_to(url_for("timelines.show", employee_id=employee.id))


def _seen(form: MoveForm, look: preview.Preview) -> str:
    """What was shown and is confirmed: another answer has to be confirmed again."""
    return hashlib.sha256(repr((form.day.data, look.fields, look.groups)).encode()).hexdigest()[:32]
