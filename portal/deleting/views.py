"""Delete the account: asked on a page of its own, and decided there by a second Admin."""

from flask import Blueprint, flash, url_for
from flask_login import current_user
from werkzeug.exceptions import NotFound

from portal import access, background, seeing
from portal.access import Action
from portal.accounts.place import Place
from portal.controls.table import deleting_key
from portal.deleting import actions
from portal.deleting.models import Deletion
from portal.languages import gettext as _
from portal.operations.models import Operation, State
from portal.problems import Problem
from portal.web import Answer, leave_to, page

blueprint = Blueprint("deleting", __name__)
DELETE = "/people/employees/<int:employee_id>/account-provisioning/<service_key>/delete"
PATIENCE = 5.0


@blueprint.get(DELETE)
@access.requires(Action.PROVISION)
@access.password_first
def ask(employee_id: int, service_key: str) -> Answer:
    return _page(seeing.place_or_404(employee_id, service_key))


def _page(place: Place, *, problem: Problem | None = None) -> Answer:
    """The question; or what waits for a second Admin; or why it cannot be."""
    waiting = actions.waiting_for(place.account) if place.account else None
    try:
        actions.check(place)
    except Problem as error:
        problem = problem or error
    return page(
        "deleting/delete.html", status=problem.status if problem else 200, employee=place.employee, tab="account",
        place=place, service=place.service, waiting=waiting, problem=problem,
        why_not=actions.why_not(waiting, current_user) if waiting else "", control=deleting_key(place.service.key),
    )  # fmt: skip


@blueprint.post(DELETE)
@access.requires(Action.PROVISION)
@access.password_first
def ask_for_it(employee_id: int, service_key: str) -> Answer:
    place = seeing.place_or_404(employee_id, service_key)
    try:
        actions.ask(place, by=current_user._get_current_object())
    except Problem as problem:
        return _page(place, problem=problem)
    flash(_("Nothing is deleted yet. Another Admin must approve it within seven days."), "info")
    return leave_to(url_for(".ask", employee_id=employee_id, service_key=service_key))


def _asked_or_404(place: Place) -> Deletion:
    waiting = actions.waiting_for(place.account) if place.account else None
    if waiting is None:
        raise NotFound()
    return waiting


@blueprint.post(f"{DELETE}/approve")
@access.requires(Action.PROVISION)
@access.password_first
def approve(employee_id: int, service_key: str) -> Answer:
    place = seeing.place_or_404(employee_id, service_key)
    asked, by = _asked_or_404(place), current_user._get_current_object()
    try:
        operation: Operation = background.within(PATIENCE, lambda: actions.approve(place, asked, by=by))
        if operation.state == State.DONE:
            flash(_("The account is deleted."), "success")
    except Problem as problem:
        return _page(place, problem=problem)
    except background.StillUnderWay:
        pass
    return leave_to(url_for("account_page.account_tab", employee_id=employee_id))


@blueprint.post(f"{DELETE}/decline")
@access.requires(Action.PROVISION)
def decline(employee_id: int, service_key: str) -> Answer:
    place = seeing.place_or_404(employee_id, service_key)
    try:
        actions.decline(place, _asked_or_404(place), by=current_user._get_current_object())
    except Problem as problem:
        return _page(place, problem=problem)
    flash(_("The account stays."), "success")
    return leave_to(url_for("account_page.account_tab", employee_id=employee_id))
