"""Check now: asks a connected application for changes at once."""

from flask import Blueprint, flash, request, url_for

from portal import access
from portal.access import Action
from portal.connections.live import NotConnected
from portal.connections.models import Connection
from portal.sync import tenant as sync
from portal.web import Answer, leave_to

blueprint = Blueprint("sync", __name__)


@blueprint.post("/provisioning/in-step")
@access.requires(Action.PROVISION)
def sync_changes() -> Answer:
    """Read the tenant's changes now; also those that the brake has held."""
    connection = Connection.live_of(access.organisation())
    if connection is None:
        raise NotConnected()
    changed = sync.sync_changes(connection, despite_brake="despite_brake" in request.form)
    words = "Everything shows as it is in the tenant." if not changed else f"Accounts with a new status: {changed}."
    flash(words, "success")
    return leave_to(url_for("operations.activity"))
