"""The bar of the demo moves its time on. Outside the demo the address does not exist."""

from datetime import datetime, timedelta
from pathlib import Path

from flask import Blueprint, flash, redirect, request
from flask.blueprints import BlueprintSetupState
from flask_login import current_user
from werkzeug.exceptions import NotFound

from portal import access, database, subjects, worker
from portal.access import Action
from portal.auth.models import Session
from portal.config import settings
from portal.demo import clock
from portal.languages import gettext as _
from portal.web import Answer, page_in_sight

blueprint = Blueprint("demo", __name__, url_prefix="/demo")

MOVES = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(weeks=1)}


@blueprint.record
def follow_the_clock(_state: BlueprintSetupState) -> None:
    """In the demo, every process of the portal lives in the demo's time."""
    file = settings().demo_clock_file
    if file:
        database.set_ahead(lambda: clock.read(Path(file)))


@blueprint.post("/clock")
@access.requires(Action.USE_PORTAL)
def move_on() -> Answer:
    """Move the demo on by an hour, a day or a week, and do what falls due in between."""
    by = MOVES.get(request.form.get("by", ""))
    if not settings().demo_clock_file or by is None:
        raise NotFound()
    before = database.now()
    clock.move(Path(settings().demo_clock_file), by, settings().demo_controls.split(","))
    moment = database.now()
    # The person who moves the clock was not away meanwhile, and stays signed in.
    Session.update(created_at=moment, last_seen_at=moment, checked_at=moment).where(
        Session.id == current_user.session.id
    ).execute()
    _do_what_is_due(before, moment)
    flash(_("The demo has moved on. What fell due is being done."), "success")
    return redirect(page_in_sight("/"), 303)


def _do_what_is_due(before: datetime, until: datetime) -> None:
    """Have the worker do each regular job once that was due between the two moments."""
    subjects.register_jobs()
    for task in worker.queue.due_between(before.replace(tzinfo=None), until.replace(tzinfo=None)):
        worker.queue.enqueue(task)
