"""A person's own calendar as a small page: what they do by hand in Outlook."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, abort, redirect, render_template, request, url_for

from portal.sandbox.calendar import invitations, items
from portal.sandbox.clock import read
from portal.sandbox.identity.answers import state
from portal.sandbox.state import User
from portal.sandbox.state.models import CalendarEvent

blueprint = Blueprint("outlook", __name__, url_prefix="/outlook")
AN_HOUR = 3600.0


@blueprint.before_request
def same_site_only() -> None:
    """Another site's page cannot press these buttons."""
    origin = request.headers.get("Origin")
    if request.method == "POST" and origin and urlsplit(origin).netloc != request.host:
        abort(403)


def _user(username: str) -> User:
    found = User.get_or_none((User.upn == username.casefold()) & User.deleted_at.is_null())
    return found or abort(404)


@blueprint.get("/<username>")
def calendar(username: str) -> Any:
    with state().work():
        user = _user(username)
        events = list(items.of(user).order_by(CalendarEvent.starts))
    return render_template("sandbox/outlook.html", user=user, events=events, moment=_moment)


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%A %d %B %Y, %H:%M UTC")


@blueprint.post("/<username>")
def change(username: str) -> Any:
    """event, do: later or off; without an event a busy hour, or longer, from `starts` on."""
    with state().work():
        user, name = _user(username), request.form.get("event", "")
        if not name:
            _block(user)
        elif request.form.get("do") == "later":
            event = items.find(user, name)
            invitations.update(state(), user, event, {}, starts=event.starts + AN_HOUR, ends=event.ends + AN_HOUR)
        elif (event := items.find(user, name)).organiser:
            invitations.cancel(state(), user, event)
        else:
            items.remove(state(), event)
    return redirect(url_for(".calendar", username=username), 303)


def _block(user: User) -> None:
    try:
        starts = read(request.form.get("starts", "") + ":00Z")
    except ValueError:
        abort(400)
    body = {"subject": request.form.get("subject", ""), "showAs": request.form.get("showAs", "busy")}
    items.add(state(), user, body, starts=starts, ends=starts + AN_HOUR)
