"""Addresses from before several applications could be connected: they named none, and lead to the one there is."""

from flask import Blueprint, flash, redirect, request, url_for

from portal import access, connected, seeing
from portal.access import Action
from portal.account_page.card_page import TAB
from portal.languages import gettext as _
from portal.web import Answer

blueprint = Blueprint("moved", __name__)
VERBS = (
    "status", "create", "deactivate", "reactivate", "resend", "cancel-mail", "send-mail-now", "mail-arrived",
    "show-password", "username", "update", "licences", "link", "link/confirm", "restore", "not-theirs", "unlink",
    "revoke-link", "allow", "rename", "pass",
)  # fmt: skip


@access.requires(Action.PROVISION)
def lead_on(employee_id: int, verb: str) -> Answer:
    """To the same at the connected application; to the tab when there is none, or more than one to choose from."""
    employee, connections = seeing.employee_or_404(employee_id), connected.connections()
    tab = url_for("account_page.account_tab", employee_id=employee.id)
    if len(connections) > 1:
        flash(_("Choose the application first, then press the button on its card."), "info")
    if len(connections) != 1:
        return redirect(tab, 303)
    query = f"?{request.query_string.decode()}" if request.query_string else ""
    # With 308 a browser sends the form there once more.
    code = 308 if request.method == "POST" else 302
    return redirect(f"{tab}/{connections[0].service}/{verb}{query}", code)


for verb in VERBS:
    rule = f"{TAB}/{verb}"
    blueprint.add_url_rule(rule, view_func=lead_on, methods=["GET", "POST"], defaults={"verb": verb})
