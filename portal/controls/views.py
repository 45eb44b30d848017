"""Settings > Approvals: changes that weaken a control, and the second Admin who approves or declines them."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask_login import current_user
from werkzeug.exceptions import NotFound

from portal import access, seeing
from portal.access import Action
from portal.auth import actions as auth_actions
from portal.controls import actions, jobs, second_admin
from portal.controls.actions import Outcome
from portal.controls.models import PendingChange
from portal.controls.table import CONTROLS, Control, Value
from portal.languages import N_, joined
from portal.languages import gettext as _
from portal.problems import Problem
from portal.web import Answer, leave_to, page

blueprint = Blueprint("controls", __name__, url_prefix="/settings/approvals")
CHANGE = "/<int:change_id>"
WAITS = _(
    "This change makes a protection weaker, so a second Admin must approve it. Until then the setting stays as it is."
)
ALONE = _("No other Admin can decide, so this change takes effect in 24 hours. The portal emails every Admin.")


@dataclass(frozen=True)
class Given:
    """What became of a value that a form gave. words: why the setting is not changed yet, or cannot be.

    response: what to answer with, when the password has to be asked for first.
    """

    outcome: Outcome
    words: str = ""
    response: Answer | None = None

    def flash(self, done: str) -> None:
        """Say it on the next page. done: what to say when the setting is changed."""
        if self.words or (done and self.outcome is Outcome.DONE):
            flash(self.words or done, "info" if self.words else "success")


def give(key: str, value: Value) -> Given:
    """Change a setting that holds people back, from the form of its own page.

    A weaker value needs the password; when that was given too long ago, the value goes along in the address.
    """
    organisation, label = access.organisation(), CONTROLS[key].label
    if actions.would_weaken(organisation, key, value) and not auth_actions.password_is_fresh(current_user):
        return Given(Outcome.SAME, response=leave_to(url_for("controls.ask", control=key, value=_text(value))))
    try:
        outcome = actions.change(organisation, key, value, by=current_user._get_current_object())
    except actions.AnotherWaits as problem:
        return Given(
            Outcome.SAME,
            joined(_("%(label)s: not changed.", label=label), problem.message, problem.next_step),
        )
    if outcome is not Outcome.WAITS:
        return Given(outcome)
    jobs.tell()
    waiting = actions.waiting_for(organisation, key)
    return Given(
        outcome, _("%(label)s: %(text)s", label=label, text=ALONE if waiting and waiting[0].takes_effect_at else WAITS)
    )


def _text(value: Value) -> str:
    return {True: "on", False: "off"}[value] if isinstance(value, bool) else str(value)


@blueprint.get("")
@access.requires(Action.MANAGE_SETTINGS)
def show() -> Answer:
    return _page()


def _page(*, status: int = 200, problem: Problem | None = None) -> Answer:
    organisation = access.organisation()
    waiting = [(asked, _why_not(asked)) for asked in actions.waiting_for(organisation)]
    return page(
        "controls/approvals.html", status=status, problem=problem, waiting=waiting,
        decided=actions.decided(organisation), controls=CONTROLS,
    )  # fmt: skip


def _why_not(asked: PendingChange) -> str:
    return second_admin.why_not(current_user, asked_by=asked.by_id, asked_at=asked.asked_at)


def _asked_for() -> tuple[str, Control, Value]:
    """The setting and the value of the request. Raises NotFound for what is none."""
    key = request.values.get("control", "")
    control = CONTROLS.get(key)
    value = control.parse(request.values.get("value", "")) if control else None
    if control is None or value is None:
        raise NotFound()
    return key, control, value


@blueprint.get("/ask")
@access.requires(Action.MANAGE_SETTINGS)
@access.password_first
def ask() -> Answer:
    """The question before a weaker value is asked for, once the password was given."""
    key, control, value = _asked_for()
    if not actions.would_weaken(access.organisation(), key, value):
        return redirect(_place(control), 303)
    return page(
        "controls/ask.html", key=key, control=control, value=_text(value), after=control.words(value),
        before=control.words(control.read(access.organisation())), back=_place(control),
    )  # fmt: skip


@blueprint.post("/ask")
@access.requires(Action.MANAGE_SETTINGS)
@access.password_first
def ask_for_it() -> Answer:
    key, control, value = _asked_for()
    give(key, value).flash(_("The setting is changed."))
    return redirect(_place(control), 303)


def _place(control: Control) -> str:
    """The page of the setting, where the user may see it."""
    place: dict[str, Any] = dict(control.place)
    return url_for(control.endpoint, **place)


def _decide(change_id: int, act: Any, words: str) -> Answer:
    asked = seeing.own_or_404(PendingChange, change_id)
    try:
        act(asked, by=current_user._get_current_object())
    except Problem as problem:
        return _page(status=problem.status, problem=problem)
    flash(_(words, label=CONTROLS[asked.control].label), "success")
    return redirect(url_for(".show"), 303)


@blueprint.post(f"{CHANGE}/approve")
@access.requires(Action.MANAGE_SETTINGS)
@access.password_first
def approve(change_id: int) -> Answer:
    return _decide(change_id, actions.approve, N_("%(label)s: approved. The setting is changed."))


@blueprint.post(f"{CHANGE}/decline")
@access.requires(Action.MANAGE_SETTINGS)
@access.password_first
def decline(change_id: int) -> Answer:
    return _decide(change_id, actions.decline, N_("%(label)s: declined. The setting stays as it is."))


@blueprint.post(f"{CHANGE}/withdraw")
@access.requires(Action.MANAGE_SETTINGS)
@access.password_first
def withdraw(change_id: int) -> Answer:
    return _decide(change_id, actions.withdraw, N_("%(label)s: withdrawn. The setting stays as it is."))


@blueprint.app_template_global("changes_waiting")
def changes_waiting(*keys: str) -> list[tuple[PendingChange, Control]]:
    """The changes that wait, of these settings or of all: for the notice on a page and the badge in the menu."""
    waiting = actions.waiting_for(access.organisation())
    return [(asked, CONTROLS[asked.control]) for asked in waiting if not keys or asked.control in keys]
