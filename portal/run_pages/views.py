"""Provisioning > Bulk actions: choose people, look at the plan, start it, watch it."""

from dataclasses import fields
from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask_login import current_user
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import NotFound

from portal import access, background, connected, params, seeing
from portal.access import Action
from portal.connections.models import Connection
from portal.connectors.errors import ConnectorError, TryLater
from portal.database import now
from portal.employee_list.filtering import Filter
from portal.hand_over import recipients
from portal.languages import gettext as _
from portal.languages import number
from portal.operations.requests import Verb
from portal.paging import PER_PAGE
from portal.people.searching import clean, search
from portal.problems import Problem
from portal.run_pages.forms import NewRunForm
from portal.runs import actions, approval, carrying, choosing, outlook, queries
from portal.runs.choosing import LongList
from portal.runs.models import LineState, Run, RunLine, RunState
from portal.security import costly
from portal.web import Answer, asked_by, csv_download, leave_to, page, swap

blueprint = Blueprint("runs", __name__, url_prefix="/provisioning/runs")
connected.about_one_application(blueprint, "ask_new", "plan_run")
RUN = "/<int:run_id>"
LINE = f"{RUN}/lines/<int:line_id>"
# Seconds that a form waits for what the tenant offers.
PATIENCE = 3.0


@blueprint.get("")
@access.requires(Action.VIEW_RUNS, advertised=True)
def run_list() -> Answer:
    runs = queries.runs_of(seeing.sight_of(), before=params.number("before"))
    return page("runs/runs.html", runs=runs)


def _chosen(values: MultiDict) -> choosing.Chosen:
    today = now().astimezone(access.organisation().zone).date()
    return choosing.by_form(seeing.visible_employees(), values, today=today)


@blueprint.get("/new")
@access.requires(Action.ACT_ON_MANY)
def ask_new() -> Answer:
    """For those selected on the Employee List, all whom its filters let through, those of another run, or a list."""
    connection = connected.chosen_connection()
    if connection is None:
        return page("runs/new.html", connection=None)
    nobody = "ticked" in request.args and "employee" not in request.args
    problem = actions.NobodyTicked() if nobody else _unread(connection)
    form = NewRunForm(access.organisation(), connection, formdata=None, verb=request.args.get("verb", Verb.CREATE))
    return _new(form, request.args, problem=problem)


def _unread(connection: Connection) -> ConnectorError | None:
    """Read what the tenant offers. Returns why it could not be done in a few seconds: then what is known is shown."""
    try:
        return background.within(PATIENCE, lambda: actions.offer_for(connection))
    except background.StillUnderWay:
        return TryLater(_("%(service)s did not answer in time.", service=connection.service_name))


def _new(form: NewRunForm, values: MultiDict, *, status: int = 200, problem: Any = None) -> Answer:
    kept = [(name, value) for name, value in values.items(multi=True) if name in CHOOSING]
    count = _chosen(values).count() if kept else 0
    again = {name: values.getlist(name) for name, _ in kept}
    return page(
        "runs/new.html",
        status=status,
        connection=form.connection,
        form=form,
        kept=kept,
        again=again,
        count=count,
        problem=problem,
    )


# What an address says of who was chosen.
CHOOSING = ("employee", "everybody", "of", "run", *(each.name for each in fields(Filter) if each.name != "sort"))


@blueprint.post("")
@costly
@access.requires(Action.ACT_ON_MANY)
def plan_run() -> Answer:
    connection = connected.need_connection()
    form = NewRunForm(access.organisation(), connection)
    if not form.validate():
        return _new(form, request.form, status=422)
    try:
        chosen, long_list = _by_file(form) if form.people.data else (_chosen(request.form), None)
        run = actions.plan_run(
            connection, Verb(form.verb.data), chosen.employees, by=current_user, source=chosen.source,
            options=form.options(), unknown=chosen.unknown, long_list=long_list,
        )  # fmt: skip
    except (choosing.ListUnreadable, actions.NobodyChosen) as error:
        return _new(form, request.form, status=error.status, problem=error)
    return redirect(url_for(".show", run_id=run.id), 303)


def _by_file(form: NewRunForm) -> tuple[choosing.Chosen, LongList | None]:
    """Those who are on the list, read at once when it is short; else none yet, and the list for the worker."""
    stream, name = form.people.data.stream, form.people.data.filename or ""
    content = stream.read(choosing.LARGEST + 1)
    if len(content) > choosing.LARGEST:
        raise choosing.ListTooLong(_("The list is larger than %(size)s kB.", size=number(choosing.LARGEST // 1024)))
    if len(content) <= choosing.SHORT_BYTES and choosing.one_at_a_time.acquire(blocking=False):
        try:
            return choosing.by_short_file(seeing.visible_employees(), stream, name), None
        except choosing.ListTooLong:
            pass
        finally:
            choosing.one_at_a_time.release()
    return choosing.Chosen((), f"List {name}"), (name, content)


@blueprint.get(RUN)
@access.requires(Action.VIEW_RUNS)
def show(run_id: int) -> Answer:
    run = seeing.own_or_404(Run, run_id)
    if run.state == RunState.DONE:
        carrying.settle(run)
    return _run(run)


def _run(run: Run, *, status: int = 200, **context: Any) -> Answer:
    """The run as it is, with one page of its people: of the tab, of the search, after a place in the list."""
    found = queries.counts(run)
    tab, after, text = _tab(run, found), params.number("after"), clean(request.values.get("q", ""))
    among = search(seeing.visible_employees(), text) if text else _in_sight()
    lines = queries.lines(run, tab, after=after, among=among)
    place: dict[str, Any] = {name: value for name, value in {"show": tab, "after": after, "q": text}.items() if value}
    here = url_for(".show", run_id=run.id, **place)
    return swap(
        "runs/_run.html", push=here if asked_by("line-filter") else "",
        in_page="runs/run.html", back_to=here, status=status,
        run=run, counts=found, lines=lines, tab=tab, tabs=queries.SHOWN, place=place,
        moving=queries.is_moving(run, found), searchable=bool(text) or found.total() > PER_PAGE,
        outlook=outlook.of(run, found, by=current_user), words_of=queries.said,
        why_not=approval.why_not(run, current_user) if run.state == RunState.TO_APPROVE else "",
        approvers=approval.approvers(run) if run.state == RunState.TO_APPROVE else [],
        time_left=queries.time_left(run, found), **context,
    )  # fmt: skip


def _in_sight() -> Any:
    """The employees whom a user of one part sees: of a run that is held to it, some may be elsewhere by now."""
    return None if seeing.sight_of().is_whole else seeing.visible_employees()


def _tab(run: Run, found: queries.Counts) -> str:
    """The tab that was asked for while it has people; else the one that says most."""
    asked = request.values.get("show", "")
    if asked in queries.SHOWN and found.shown(asked):
        return asked
    if run.state in (RunState.PLANNING, RunState.PLANNED, RunState.TO_APPROVE):
        return "left out" if found.shown("left out") and not found.shown("planned") else "planned"
    return next((name for name in ("failed", "under way", "planned", "done") if found.shown(name)), "left out")


@blueprint.get(f"{RUN}/report.csv")
@costly
@access.requires(Action.VIEW_RUNS)
def report(run_id: int) -> Answer:
    run = seeing.own_or_404(Run, run_id)
    return csv_download(queries.report(run, _in_sight()), f"bulk-action-{run.id}.csv")


def _line_or_404(run: Run, line_id: int) -> RunLine:
    line = RunLine.get_or_none(RunLine.run == run, RunLine.id == line_id)
    if line is None or seeing.seen_employee(line.employee_id) is None:
        raise NotFound()
    return line


def _changed(run_id: int, line_id: int, change: Any, **values: Any) -> Answer:
    run = seeing.own_or_404(Run, run_id)
    line = _line_or_404(run, line_id)
    try:
        change(run, line, by=current_user, **values)
    except (actions.NameRefused, ConnectorError) as error:
        return _run(run, status=422, refused=line.id, reason=error.message, typed=values.get("local_part", ""))
    return _run(run)


def _ticked(run_id: int, state: LineState) -> list[RunLine]:
    """The people of the run who are ticked, as far as they are in this state."""
    ids = [row_id for text in request.form.getlist("line") if (row_id := params.cursor(text)) is not None]
    mine = RunLine.select().where(RunLine.run == run_id, RunLine.id.in_(ids[:PER_PAGE]), RunLine.state == state)
    return list(mine.order_by(RunLine.id))


@blueprint.post(f"{RUN}/skip")
@access.requires(Action.ACT_ON_MANY)
def skip(run_id: int) -> Answer:
    """Take those who are ticked out of the plan. What was typed as the reason is kept."""
    _keep_reason(run_id)
    return _did(run_id, actions.skip, lines=_ticked(run_id, LineState.PLANNED))


@blueprint.post(f"{RUN}/check-again")
@access.requires(Action.ACT_ON_MANY)
def check_again(run_id: int) -> Answer:
    _keep_reason(run_id)
    return _did(run_id, actions.check_again, lines=_ticked(run_id, LineState.LEFT_OUT))


def _keep_reason(run_id: int) -> None:
    if "reason" in request.form:
        words = params.one_line(request.form["reason"], most=actions.MOST_REASON)
        actions.keep_reason(seeing.own_or_404(Run, run_id), words)


@blueprint.post(f"{LINE}/create-another")
@access.requires(Action.ACT_ON_MANY)
def create_another(run_id: int, line_id: int) -> Answer:
    return _changed(run_id, line_id, actions.create_another)


@blueprint.post(f"{LINE}/username")
@access.requires(Action.ACT_ON_MANY)
def rename(run_id: int, line_id: int) -> Answer:
    return _changed(run_id, line_id, actions.rename, local_part=request.form.get("username", "")[:100])


def _did(run_id: int, act: Any, **values: Any) -> Answer:
    run = seeing.own_or_404(Run, run_id)
    before = run.state
    try:
        act(run, by=current_user, **values)
    except Problem as problem:
        return _run(Run.get_by_id(run.id), status=problem.status, problem=problem)
    after = Run.get_by_id(run.id)
    if RunState.TO_APPROVE in (before, after.state):
        # The menu counts what waits for approval, so the whole page is shown.
        return leave_to(url_for(".show", run_id=run.id))
    return _run(after)


@blueprint.post(f"{RUN}/plan-again")
@access.requires(Action.ACT_ON_MANY)
def plan_again(run_id: int) -> Answer:
    return _did(run_id, actions.plan_again)


def _password_first(run_id: int) -> None:
    """As for one person: where passwords would go to addresses that were replaced lately. Raises PasswordNeeded."""
    run = seeing.own_or_404(Run, run_id)
    planned: Any = RunLine.select(RunLine.employee).where(RunLine.run == run, RunLine.state == LineState.PLANNED)
    if run.verb in (Verb.CREATE, Verb.RESEND) and recipients.changed_lately(planned):
        access.need_password()


@blueprint.post(f"{RUN}/start")
@access.requires(Action.ACT_ON_MANY)
def start(run_id: int) -> Answer:
    _keep_reason(run_id)
    _password_first(run_id)
    return _did(run_id, actions.start)


@blueprint.post(f"{RUN}/approve")
@access.requires(Action.VIEW_RUNS)
def approve(run_id: int) -> Answer:
    _password_first(run_id)
    return _did(run_id, actions.approve, seen=request.form.get("started", "")[:40])


@blueprint.post(f"{RUN}/change-plan")
@access.requires(Action.ACT_ON_MANY)
def change_plan(run_id: int) -> Answer:
    return _did(run_id, actions.change_plan)


@blueprint.post(f"{RUN}/pause")
@access.requires(Action.ACT_ON_MANY)
def pause(run_id: int) -> Answer:
    return _did(run_id, actions.pause)


@blueprint.post(f"{RUN}/go-on")
@access.requires(Action.ACT_ON_MANY)
def resume(run_id: int) -> Answer:
    return _did(run_id, actions.resume)


@blueprint.post(f"{RUN}/cancel")
@access.requires(Action.ACT_ON_MANY)
def cancel(run_id: int) -> Answer:
    return _did(run_id, actions.cancel)


@blueprint.post(f"{RUN}/retry")
@access.requires(Action.ACT_ON_MANY)
def retry(run_id: int) -> Answer:
    return _did(run_id, actions.retry_failed)


@blueprint.app_template_global("runs_to_approve")
def runs_to_approve() -> int:
    """How many bulk actions wait for a second Admin, for the badge: a user of one part decides about none."""
    return queries.to_approve(access.organisation()) if seeing.sight_of().is_whole else 0
