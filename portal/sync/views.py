"""Check now: asks a connected application for changes at once."""

from flask import Blueprint, flash, request, url_for

from portal import access, connected
from portal.access import Action
from portal.languages import gettext as _
from portal.languages import ngettext
from portal.sync import tenant as sync
from portal.web import Answer, leave_to

blueprint = Blueprint("sync", __name__)


@blueprint.post("/provisioning/in-step")
@access.requires(Action.OVERSEE)
def sync_changes() -> Answer:
    """Read the tenant's changes now; also those that the brake has held."""
    connection = connected.need_connection()
    changed = sync.sync_changes(connection, despite_brake="despite_brake" in request.form)
    words = (
        _("Up to date.")
        if not changed
        else ngettext("%(num)s account changed status.", "%(num)s accounts changed status.", changed)
    )
    flash(words, "success")
    return leave_to(url_for("operations.activity"))
