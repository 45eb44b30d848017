"""Provisioning > Existing accounts: which employee has each account of the tenant."""

from typing import Any

from flask import Blueprint, request
from flask_login import current_user
from werkzeug.exceptions import NotFound

from portal import access, background, connected, counting, params
from portal.access import Action
from portal.connections.models import Connection
from portal.connectors import SERVICES, for_connection
from portal.languages import gettext as _
from portal.languages import joined
from portal.matching import actions, queries
from portal.matching.models import FoundAccount, Reading, ReadingState
from portal.operations.models import Operation, State
from portal.paging import Page
from portal.people.searching import clean
from portal.problems import Problem
from portal.rendering import url_for
from portal.web import Answer, asked_by, leave_to, page, swap

blueprint = Blueprint("matching", __name__, url_prefix="/provisioning/matching")
connected.about_one_application(blueprint)
PATIENCE = 5.0
FOUND = "/accounts/<int:found_id>"


@blueprint.get("")
@access.requires(Action.OVERSEE, advertised=True)
def show() -> Answer:
    connection = connected.chosen_connection()
    return page("matching/matching.html", connection=None) if connection is None else _shown(connection)


def _shown(connection: Connection, *, status: int = 200, **context: Any) -> Answer:
    """The proposals of the last reading, one tab and page of them; and how a reading under way gets on."""
    latest = Reading.latest_of(connection)
    reading = latest if latest is None or latest.state == ReadingState.READ else queries.shown(connection)
    counts = queries.counts(reading) if reading else {}
    tab, after = _tab(counts), params.number("after")
    text = clean(request.values.get("q", ""))
    rows = queries.some(reading, tab, text, after=after) if reading else Page[queries.Line]()
    place: dict[str, Any] = {name: value for name, value in {"show": tab, "after": after, "q": text}.items() if value}
    here = url_for(".show", **place)
    return swap(
        "matching/_matching.html", in_page="matching/matching.html", back_to=here, status=status,
        push=here if asked_by("account-filter") else "",
        connection=connection, service=SERVICES[connection.service], connector=for_connection(connection),
        latest=latest, reading=reading, counts=counts, tab=tab, tabs=queries.TABS, sure=queries.SURE, rows=rows,
        place=place, moving=latest is not None and latest.state == ReadingState.READING,
        without_account=queries.without_account(connection, reading) if reading else 0,
        kept_place=tuple(place.items()), several=len(connection.siblings) > 1, **context,
    )  # fmt: skip


def _tab(counts: dict[str, int]) -> str:
    """The tab that was asked for while something is in it; else the first with something in it."""
    asked = request.values.get("show", "")
    if counts.get(asked):
        return asked
    return next((tab for tab, count in counts.items() if count), queries.NOBODYS)


@blueprint.post("/read")
@access.requires(Action.OVERSEE)
def read() -> Answer:
    connection = connected.need_connection()
    actions.read_tenant(connection, by=current_user)
    return _shown(connection)


def _found_or_404(connection: Connection, found_id: int) -> FoundAccount:
    found = queries.one(connection, found_id)
    if found is None:
        raise NotFound()
    return found


def _did(found_id: int, act: Any) -> Answer:
    """Do it to one account, and show the list as it then is, with what came of it."""
    connection = connected.need_connection()
    found = _found_or_404(connection, found_id)
    counting.forget("matching", connection.id)
    try:
        done = act(found)
    except Problem as problem:
        return _shown(connection, status=problem.status, problem=problem)
    return _shown(connection, done=done, about=found)


@blueprint.post(f"{FOUND}/link")
@access.requires(Action.OVERSEE)
def link(found_id: int) -> Answer:
    return _did(found_id, _link)


def _link(found: FoundAccount) -> str:
    try:
        operation: Operation = background.within(PATIENCE, lambda: actions.link(found, by=current_user))
    except background.StillUnderWay:
        return _(
            "%(username)s is being linked. This is taking longer than usual. Activity shows the outcome.",
            username=found.username,
        )
    if operation.state == State.DONE:
        return _("%(username)s is linked.", username=found.username)
    return joined(_("%(username)s is not linked yet.", username=found.username), operation.message, operation.next_step)


@blueprint.post(f"{FOUND}/decline")
@access.requires(Action.OVERSEE)
def decline(found_id: int) -> Answer:
    return _did(found_id, lambda found: actions.decline(found, by=current_user))


@blueprint.post(f"{FOUND}/propose-again")
@access.requires(Action.OVERSEE)
def propose_again(found_id: int) -> Answer:
    return _did(found_id, lambda found: actions.propose_again(found, by=current_user))


@blueprint.post("/link-all")
@access.requires(Action.OVERSEE)
def link_all() -> Answer:
    connection = connected.need_connection()
    reading = queries.shown(connection)
    try:
        if reading is None:
            raise actions.NotProposed()
        run = actions.link_all(reading, connection, request.form.get("show", ""), by=current_user)
    except Problem as problem:
        return _shown(connection, status=problem.status, problem=problem)
    return leave_to(url_for("runs.show", run_id=run.id))
