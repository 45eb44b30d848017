"""The page of a run: how far it is, what it asks, what it would change, and Apply."""

from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask_login import current_user
from werkzeug.exceptions import NotFound

from portal import access, seeing
from portal.access import Action
from portal.columns import layouts
from portal.columns.answers import Answers
from portal.feeds import actions, jobs
from portal.feeds.models import OPEN, FeedRun, RunState
from portal.feeds.reading import answers_of
from portal.import_plans.summary import SHOWN, outcome
from portal.imports import forms
from portal.languages import gettext as _
from portal.organisations import zones
from portal.people import rules
from portal.security import costly
from portal.web import Answer, leave_to, swap

blueprint = Blueprint("feed_runs", __name__, url_prefix="/settings/integrations/feeds/<int:feed_id>/runs/<int:run_id>")
READABLE = (RunState.ASKS, RunState.PREVIEW, RunState.TRIED)


def _run(feed_id: int, run_id: int) -> FeedRun:
    """The run with its feed, if both belong to the user's organisation. Raises NotFound."""
    run = seeing.own_or_404(FeedRun, run_id)
    if run.feed_id != feed_id:
        raise NotFound()
    run.feed.organisation = run.organisation = access.organisation()
    return run


def _address(run: FeedRun) -> str:
    return url_for("feed_runs.show", feed_id=run.feed_id, run_id=run.id)


@blueprint.get("")
@access.requires(Action.MANAGE_INTEGRATIONS)
def show(feed_id: int, run_id: int) -> Answer:
    return _page(_run(feed_id, run_id))


def _page(run: FeedRun, status: int = 200, **context: Any) -> Answer:
    context |= {"run": run, "feed": run.feed, "found": run.found, "moving": run.state in OPEN, "most": SHOWN}
    context |= {"here": _address(run), "kept": run, "choices": layouts.CHOICES, "types": rules.EMPLOYMENT_TYPES}
    context |= {"zones": zones.choices, "readable": run.state in READABLE, "answered": bool(run.feed.answers)}
    context |= {"outcome": outcome}
    return swap("feeds/_run.html", in_page="feeds/run.html", back_to=None, status=status, **context)


@blueprint.post("")
@access.requires(Action.MANAGE_INTEGRATIONS)
def approve(feed_id: int, run_id: int) -> Answer:
    """Apply what the page showed."""
    run = _run(feed_id, run_id)
    actions.approve(run, request.form.get("seen", ""), by=current_user)
    jobs.take_runs()
    return leave_to(_address(run))


@blueprint.get("/columns")
@access.requires(Action.MANAGE_INTEGRATIONS)
def ask_columns(feed_id: int, run_id: int) -> Answer:
    """What each column means, to change it."""
    run = _run(feed_id, run_id)
    if run.state not in READABLE or not run.found.get("columns"):
        return leave_to(_address(run))
    return _page(run, choosing=True)


@blueprint.post("/columns")
@access.requires(Action.MANAGE_INTEGRATIONS)
def choose_columns(feed_id: int, run_id: int) -> Answer:
    """Note what the columns of this feed mean, and read its file again."""
    run = _run(feed_id, run_id)
    columns = run.found.get("columns") or []
    if run.state not in READABLE or not columns:
        return leave_to(_address(run))
    said = {column["place"]: request.form.get(f"column-{column['place']}", "") for column in columns}
    problem = _("Say what each of these columns means.") if not set(said.values()) <= set(layouts.CHOICES) else ""
    problem = problem or layouts.problem_with(list(said.values()))
    if problem:
        for column in columns:
            column["means"] = said[column["place"]]
        return _page(run, status=422, choosing=True, problem=problem)
    actions.choose_columns(run, {column["name"]: said[column["place"]] for column in columns}, by=current_user)
    return _carried_on(run)


@blueprint.post("/names")
@costly
@access.requires(Action.MANAGE_INTEGRATIONS)
def names(feed_id: int, run_id: int) -> Answer:
    """Write names as people do, or take them as they come, and read the file again."""
    run = _run(feed_id, run_id)
    if run.state not in READABLE:
        return leave_to(_address(run))
    actions.write_names(run, as_usual=request.form.get("as") == "usual", by=current_user)
    return _carried_on(run)


@blueprint.post("/answers")
@costly
@access.requires(Action.MANAGE_INTEGRATIONS)
def answer(feed_id: int, run_id: int) -> Answer:
    """Keep the answers about the file for this feed, and read it again."""
    run = _run(feed_id, run_id)
    if run.state not in READABLE:
        return leave_to(_address(run))
    answers = answers_of(run.feed)
    before = answers.stored()
    forms.how_to_read(answers, run.found, request.form)
    forms.file_answers(answers, run.found.get("words") or [], request.form)
    forms.spelling_answers(answers, run.found.get("spellings") or (), request.form)
    if answers.stored() == before:
        return _page(run, status=422, problem=_("Choose an answer first."), said=request.form)
    kept = {name: value for name, value in answers.stored().items() if name not in ("settled", "leavers", "left_on")}
    actions.read_again(run, kept)
    return _carried_on(run)


@blueprint.post("/answers/forget")
@access.requires(Action.MANAGE_INTEGRATIONS)
def forget_answers(feed_id: int, run_id: int) -> Answer:
    """Ask everything again, except for what the columns mean."""
    run = _run(feed_id, run_id)
    actions.read_again(run, {"headings": Answers(headings=run.feed.answers.get("headings", {})).headings})
    return _carried_on(run)


@blueprint.post("/discard")
@access.requires(Action.MANAGE_INTEGRATIONS)
def discard(feed_id: int, run_id: int) -> Answer:
    run = _run(feed_id, run_id)
    actions.discard(run, by=current_user)
    flash(_("Discarded. Nothing was changed."), "info")
    return redirect(url_for("feeds.show", feed_id=run.feed_id), 303)


def _carried_on(run: FeedRun) -> Answer:
    jobs.take_runs()
    return leave_to(_address(run))
