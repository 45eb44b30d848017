"""Check now: asks a connected application for changes at once."""

from flask import Blueprint, flash, request, url_for

from portal import access
from portal.access import Action
from portal.sync import tenant as sync
from portal.web import Answer, leave_to

blueprint = Blueprint("sync", __name__)


@blueprint.post("/provisioning/in-step")
@access.requires(Action.PROVISION)
def sync_changes() -> Answer:
    """Read the tenant's changes now; also those that the brake has held."""
    connection = access.need_connection()
    changed = sync.sync_changes(connection, despite_brake="despite_brake" in request.form)
    words = "Everything shows as it is in the tenant." if not changed else f"Accounts with a new status: {changed}."
    flash(words, "success")
    return leave_to(url_for("operations.activity"))
