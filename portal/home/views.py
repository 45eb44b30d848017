"""Home, and the history of one employee."""

from flask import Blueprint

from portal import access, connected, params, seeing
from portal.access import Action
from portal.database import now
from portal.home import happened, needs
from portal.web import Answer, page

blueprint = Blueprint("home", __name__)


@blueprint.get("/home")
@access.requires(Action.OVERSEE)
def show() -> Answer:
    """What needs a person, and what happened in the last days or in those asked for."""
    organisation, visible = access.organisation(), seeing.visible_employees()
    today = now().astimezone(organisation.zone).date()
    since, until = params.day(params.line("since")), params.day(params.line("until"))
    period = happened.Period.of(since, until, today=today)
    connections = connected.connections()
    for connection in connections:
        connection.organisation = organisation
    days, older = happened.by_day(organisation, period)
    return page(
        "home/home.html", today=today, period=period, asked=bool(since or until), days=days, older=older,
        needs=needs.of(
            organisation, visible, connections, seeing.sight_of(),
            systems=access.may(Action.MANAGE_INTEGRATIONS),
        ),
        steps=needs.first_steps(organisation, visible, connections),
    )  # fmt: skip


@blueprint.get("/people/employees/<int:employee_id>/history")
@access.requires(Action.VIEW_ACTIVITY)
def history(employee_id: int) -> Answer:
    """Everything that was done with this employee's accounts, each with its receipt."""
    employee = seeing.employee_or_404(employee_id)
    before = params.number("before")
    rows, older = happened.of_employee(employee, before=before)
    return page(
        "home/history.html", employee=employee, tab="history", rows=rows, older=older, newest=before is None,
    )  # fmt: skip
