"""Hire: from an application to an employee's record."""

from typing import Any

from flask import Blueprint, flash, request, url_for
from flask_login import current_user
from werkzeug.exceptions import NotFound
from wtforms import BooleanField, Field
from wtforms.validators import ValidationError

from portal import access, params, seeing
from portal.access import Action
from portal.employee_list import same_person
from portal.employee_list.forms import EmployeeForm
from portal.employee_list.same_person import Known
from portal.languages import gettext as _
from portal.people import rules
from portal.people.actions import FieldRefused
from portal.people.models import Employee
from portal.people.searching import departments
from portal.problems import Problem
from portal.recruitment import hiring
from portal.recruitment.models import Application
from portal.timelines import planning
from portal.web import Answer, leave_to, page

blueprint = Blueprint("hire", __name__, url_prefix="/recruitment/applications/<int:application_id>/hire")


class HireForm(EmployeeForm):
    """The record of the new employee. near: who may be the same person already."""

    another_person = BooleanField(_("This is another person"))

    def __init__(self, application: Application, near: list[Known]):
        super().__init__(seeing.visible_employees(), hiring.prefilled(application))
        self.near = near

    def validate_start_date(self, field: Field) -> None:
        if field.data is None and not field.errors:
            raise ValidationError(_("Enter the first day at work."))

    def validate_another_person(self, field: Field) -> None:
        if self.near and not field.data:
            raise ValidationError(_("Tick this to add a second record, or take the one that is there."))


@blueprint.get("")
@access.requires(Action.RECRUIT)
def ask(application_id: int) -> Answer:
    application = seeing.application_or_404(application_id)
    if application.employee_id is not None:
        return _to_candidate(application)
    return _form(application, HireForm(application, _near(application)))


@blueprint.post("")
@access.requires(Action.RECRUIT)
def hire(application_id: int) -> Answer:
    """Pressed a second time, it shows the employee whom the first press made."""
    application = seeing.application_or_404(application_id)
    if application.employee_id is not None:
        return _to_candidate(application)
    near = _near(application)
    form = HireForm(application, near)
    there = _chosen(near) if "employee" in request.form else None
    if there is None and not form.validate():
        return _form(application, form, status=422)
    try:
        employee, is_new = hiring.hire(application, None if there else form.values(), by=current_user, employee=there)
    except FieldRefused as problem:
        form.refuse(problem.field, problem.message)
        return _form(application, form, status=422)
    except Problem as problem:
        return _form(application, form, status=problem.status, problem=problem)
    if is_new:
        planning.follow(employee, by=current_user)
        flash(_("%(employee)s is hired.", employee=employee.name), "success")
    return _to_candidate(application)


def _near(application: Application) -> list[Known]:
    """Employees with an address of the candidate's, or with the same name."""
    record = hiring.prefilled(application)
    values = {name: getattr(record, name) for name in same_person.COMPARED}
    return same_person.known(seeing.visible_employees(), values, hiring.same_person(application))


def _chosen(near: list[Known]) -> Employee:
    """The employee who works here already; only one whom the form has offered."""
    asked = params.number("employee")
    found = next((one.employee for one in near if one.employee.id == asked), None)
    if found is None:
        raise NotFound()
    return found


def _to_candidate(application: Application) -> Answer:
    return leave_to(url_for("candidates.profile", candidate_id=application.candidate_id))


def _form(application: Application, form: HireForm, *, status: int = 200, **context: Any) -> Answer:
    context |= {"application": application, "form": form, "longest": rules.LONGEST}
    context["departments"] = departments(form.visible)
    return page("recruitment/hire.html", status=status, **context)
