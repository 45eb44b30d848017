"""Check now: asks a connected application for changes at once."""

from flask import Blueprint, flash, request, url_for

from portal import access, connected
from portal.access import Action
from portal.sync import tenant as sync
from portal.web import Answer, leave_to

blueprint = Blueprint("sync", __name__)


@blueprint.post("/provisioning/in-step")
@access.requires(Action.OVERSEE)
def sync_changes() -> Answer:
    """Read the tenant's changes now; also those that the brake has held."""
    connection = connected.need_connection()
    changed = sync.sync_changes(connection, despite_brake="despite_brake" in request.form)
    words = "Up to date." if not changed else f"{changed:,} account{'' if changed == 1 else 's'} changed status."
    flash(words, "success")
    return leave_to(url_for("operations.activity"))
