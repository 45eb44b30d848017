"""The Employee List and its export."""

from typing import Any

from flask import Blueprint, request, url_for

from portal import access, params, seeing
from portal.access import Action
from portal.employee_list import exporting, queries
from portal.employee_list.filtering import WHO, Filter, matching
from portal.people.searching import departments_and_locations
from portal.security import costly
from portal.web import Answer, csv_download, fragment, page, wants_fragment

blueprint = Blueprint("employee_list", __name__)


@blueprint.get("/people/employees")
@access.requires(Action.VIEW_EMPLOYEES)
def show() -> Answer:
    sight, chosen = seeing.sight_of(), Filter.read(request.args)
    cursors = {name: params.number(name) for name in ("after", "before")}
    shows_status = access.may(Action.PROVISION)
    today, organisation_id = access.organisation().today, access.organisation().id if shows_status else 0
    employees = queries.employee_page(sight, chosen, today=today, organisation_id=organisation_id, **cursors)
    context: dict[str, Any] = {"employees": employees, "chosen": chosen, "shows_status": shows_status}
    if wants_fragment():
        values: dict[str, Any] = {**chosen.values(), **(cursors if employees.before else {})}
        address = url_for(".show", **values)
        return fragment("employee_list/_employee_table.html", push=address, **context)
    departments, locations = departments_and_locations(sight)
    context |= {"departments": _named(departments, chosen.department), "locations": _named(locations, chosen.location)}
    return page("employee_list/employee_list.html", who=WHO, **context)


def _named(values: list[str], chosen: str) -> dict[str, str]:
    """What can be chosen, and what is: an address may name one beyond those that are listed, or that nobody has."""
    return {value: value for value in (*values, *([chosen] if chosen else []))}


@blueprint.get("/people/employees/export.csv")
@costly
@access.requires(Action.EDIT_EMPLOYEES)
def export() -> Answer:
    """Those whom the filter of the list lets through, with every column of an import."""
    chosen, shows_status = Filter.read(request.args), access.may(Action.PROVISION)
    found = matching(seeing.visible_employees(), chosen, today=access.organisation().today, with_status=shows_status)
    return csv_download(exporting.export_lines(found), "employees.csv")
