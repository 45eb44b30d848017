from datetime import datetime

from flask import Blueprint, request, url_for

from portal import access
from portal.access import Action
from portal.people import queries
from portal.people.models import Employee
from portal.provisioning.models import Status
from portal.web import fragment, page, wants_fragment

blueprint = Blueprint("people", __name__)


@blueprint.get("/people/employees")
@access.requires(Action.VIEW_EMPLOYEES)
def employee_list():
    visible, chosen = access.visible_employees(), queries.Filter.read(request.args)
    cursors = {name: request.args[name] for name in ("after", "before") if request.args.get(name, type=int) is not None}
    shows_status = access.may(Action.PROVISION)
    employees = queries.employee_page(
        visible, chosen, today=_today(), with_status=shows_status,
        after=request.args.get("after", type=int), before=request.args.get("before", type=int),
    )  # fmt: skip
    context = {"employees": employees, "chosen": chosen, "shows_status": shows_status}
    if wants_fragment():
        address = url_for(".employee_list", **chosen.values(), **cursors)
        return fragment("people/_employee_table.html", push=address, **context)
    departments = queries.departments(visible)
    return page("people/employee_list.html", departments=departments, statuses=Status, **context)


def _today():
    return datetime.now(access.organisation().zone).date()


@blueprint.get("/people/employees/<int:employee_id>")
@access.requires(Action.VIEW_EMPLOYEES)
def profile(employee_id: int):
    employee = access.employee_or_404(employee_id)
    manager = access.visible_employees().where(Employee.id == employee.manager_id).first()
    return page("people/profile.html", employee=employee, tab="profile", manager=manager)
