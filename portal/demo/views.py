"""The bar of the demo moves its time on. Outside the demo the address does not exist."""

import time
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

# By how much at once, and how often. A week goes day by day: what is days late waits for a person.
MOVES = {"hour": (timedelta(hours=1), 1), "day": (timedelta(days=1), 1), "week": (timedelta(days=1), 7)}
# Seconds that the worker has for a day, and after which it is done if no new job came.
LONGEST_DAY, AT_REST = 3, 0.5


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
    by, times = MOVES.get(request.form.get("by", ""), (None, 0))
    if not settings().demo_clock_file or by is None:
        raise NotFound()
    _live_through(by)
    for _day in range(times - 1):
        _let_the_worker_work()
        _live_through(by)
    flash(_("The demo has moved on. What fell due is being done."), "success")
    return redirect(page_in_sight("/"), 303)


def _live_through(by: timedelta) -> None:
    before = database.now()
    clock.move(Path(settings().demo_clock_file), by, settings().demo_controls.split(","))
    moment = database.now()
    # The person who moves the clock was not away meanwhile, and stays signed in.
    Session.update(created_at=moment, last_seen_at=moment, checked_at=moment).where(
        Session.id == current_user.session.id
    ).execute()
    _do_what_is_due(before, moment)


def _let_the_worker_work() -> None:
    """Wait until the worker has had nothing to take for a moment, or its time for a day is over."""
    end = time.monotonic() + LONGEST_DAY
    rested = time.monotonic() + AT_REST
    while time.monotonic() < min(end, rested):
        time.sleep(0.05)
        if worker.queue.pending_count():
            rested = time.monotonic() + AT_REST


def _do_what_is_due(before: datetime, until: datetime) -> None:
    """Have the worker do each regular job once that was due between the two moments."""
    subjects.register_jobs()
    for task in worker.queue.due_between(before.replace(tzinfo=None), until.replace(tzinfo=None)):
        worker.queue.enqueue(task)
