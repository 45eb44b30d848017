"""Erase personal data: asked on a page of its own, since it cannot be undone."""

from flask import Blueprint, flash, url_for
from flask_login import current_user

from portal import access, seeing
from portal.access import Action
from portal.erasure import erasing
from portal.languages import gettext as _
from portal.web import Answer, leave_to, page

blueprint = Blueprint("erasure", __name__)
ERASE = "/people/employees/<int:employee_id>/erase"


@blueprint.get(ERASE)
@access.requires(Action.EDIT_MANY)
@access.password_first
def ask_erase(employee_id: int) -> Answer:
    employee = seeing.employee_or_404(employee_id)
    try:
        erasing.check(employee)
        problem = None
    except erasing.NotYet as error:
        problem = error
    return page("erasure/erase.html", employee=employee, tab="profile", problem=problem)


@blueprint.post(ERASE)
@access.requires(Action.EDIT_MANY)
@access.password_first
def erase(employee_id: int) -> Answer:
    employee = seeing.employee_or_404(employee_id)
    try:
        erasing.erase(employee, by=current_user)
    except erasing.NotYet as problem:
        return page("erasure/erase.html", status=problem.status, employee=employee, tab="profile", problem=problem)
    flash(_("The personal data has been erased."), "success")
    return leave_to(url_for("people.profile", employee_id=employee.id))
