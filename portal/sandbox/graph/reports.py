"""Usage reports, and whether they hide names."""

import re

from flask import Blueprint, Response, abort, request

from portal.sandbox.graph.calls import answer, call, state
from portal.sandbox.graph.shapes import CONTEXT
from portal.sandbox.refusals import malformed
from portal.sandbox.rules import permissions, reports
from portal.sandbox.rules.permissions import Caller
from portal.sandbox.state import people

PERIODS = ("D7", "D30", "D90", "D180")
# Where the files lie: not at Graph, and without its token.
files = Blueprint("report_files", __name__, url_prefix="/report-files")


@call("GET", "/admin/reportSettings", needs=permissions.READ_REPORT_SETTINGS)
def report_settings(caller: Caller) -> Response:
    """https://learn.microsoft.com/graph/api/adminreportsettings-get"""
    shown = {"displayConcealedNames": reports.concealed(state(), caller.tenant)}
    return answer({"@odata.context": f"{CONTEXT}admin/reportSettings/$entity", **shown})


@call("GET", "/reports/getOffice365ActiveUserDetail(<period>)", needs=permissions.READ_REPORTS)
def active_users(caller: Caller, period: str) -> Response:
    """https://learn.microsoft.com/graph/api/reportroot-getoffice365activeuserdetail: the caller is sent on."""
    found = re.fullmatch(r"period='(\w+)'", period)
    if found is None or found.group(1) not in PERIODS:
        raise malformed("The period is one of D7, D30, D90 and D180.")
    ticket = people.new_id()
    state().keep(f"report {ticket}", caller.tenant.id)
    response = Response(status=302, headers={"Location": f"{request.host_url}report-files/{ticket}"})
    del response.headers["Content-Type"]
    return response


@files.get("/<ticket>")
def download(ticket: str) -> Response:
    """A file that whoever has its address may read, once, and that takes no token."""
    with state().work():
        tenant = state().tenants.get(state().kept(f"report {ticket}") or "")
        if tenant is None or "Authorization" in request.headers:
            abort(400)
        state().keep(f"report {ticket}", "")
        text = reports.written(state(), tenant)
    return Response(text, content_type="application/octet-stream")
