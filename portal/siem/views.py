"""Settings > Integrations: targets of the audit log."""

from collections.abc import Iterator

from flask import Blueprint, abort, flash, redirect, url_for
from flask_login import current_user

from portal import access, doors, seeing
from portal.access import Action
from portal.languages import gettext as _
from portal.languages import joined
from portal.organisations.models import Organisation
from portal.problems import Problem
from portal.siem import actions
from portal.siem.forms import TargetForm
from portal.siem.models import SCHEMES, Kind, Target
from portal.web import Answer, page

blueprint = Blueprint("siem", __name__, url_prefix="/settings/integrations/siem")
PLACE = "/<int:target_id>"
NAMES = {Kind.SYSLOG: "syslog", Kind.CEF: "CEF", Kind.HTTPS: "HTTPS"}


def _doors(organisation: Organisation) -> Iterator[doors.Door]:
    for target in Target.select().where(Target.organisation == organisation).order_by(Target.id):
        yield doors.Door(
            target.name, NAMES[Kind(target.kind)], target.state, "siem.show", {"target_id": target.id}, "siem.pause",
            "siem.resume", target.host, target.last_ok_at, target.problem, target.paused_at is not None,
            "", "siem.test",
        )  # fmt: skip


doors.register(doors.Subject(
    "siem", "SIEM", _("The audit log, line by line, for the system that your security team uses."), _doors,
    tuple((_("Add %(name)s", name=name), "siem.ask_make", {"kind": str(kind)}) for kind, name in NAMES.items()),
    _("Send the audit log to Splunk, Sentinel or another system, or have it fetched through the API."),
))  # fmt: skip


@blueprint.get("/<kind>/new")
@access.requires(Action.MANAGE_INTEGRATIONS)
@access.password_first
def ask_make(kind: str) -> Answer:
    return _new(kind, TargetForm(kind)) if kind in NAMES else abort(404)


def _new(kind: str, form: TargetForm, status: int = 200) -> Answer:
    return page(
        "siem/new.html", status=status, form=form, kind=kind, name=NAMES[Kind(kind)], scheme=SCHEMES[kind]
    )  # fmt: skip


@blueprint.post("/<kind>/new")
@access.requires(Action.MANAGE_INTEGRATIONS)
@access.password_first
def make(kind: str) -> Answer:
    if kind not in NAMES:
        abort(404)
    form = TargetForm(kind)
    if not form.validate() or form.found is None:
        return _new(kind, form, 422)
    given = {"header": form.header.data, "token": form.token.data or ""} if form.scheme == "https" else {}
    target = actions.make(
        access.organisation(), kind=Kind(kind), name=form.name.data, address=form.found, by=current_user,
        personal=form.personal.data, whole=form.whole.data, **given,
    )  # fmt: skip
    flash(_("Added. Press Test to see whether a line arrives."), "success")
    return redirect(url_for(".show", target_id=target.id), 303)


@blueprint.get(PLACE)
@access.requires(Action.MANAGE_INTEGRATIONS)
def show(target_id: int) -> Answer:
    target = _target(target_id)
    return page("siem/target.html", target=target, name=NAMES[Kind(target.kind)])


def _target(target_id: int) -> Target:
    found: Target = seeing.own_or_404(Target, target_id)
    return found


@blueprint.post(f"{PLACE}/pause")
@access.requires(Action.MANAGE_INTEGRATIONS)
def pause(target_id: int) -> Answer:
    target = _target(target_id)
    actions.pause(target, by=current_user)
    return _done(target, _("%(target)s is paused. The audit log keeps what is to be sent.", target=target.name))


@blueprint.post(f"{PLACE}/resume")
@access.requires(Action.MANAGE_INTEGRATIONS)
def resume(target_id: int) -> Answer:
    target = _target(target_id)
    actions.resume(target, by=current_user)
    return _done(target, _("%(target)s continues where it stopped.", target=target.name))


@blueprint.post(f"{PLACE}/test")
@access.requires(Action.MANAGE_INTEGRATIONS)
def test(target_id: int) -> Answer:
    target = _target(target_id)
    try:
        actions.test(target, by=current_user)
    except Problem as problem:
        return _done(target, joined(_("The test did not get through:"), problem.message, problem.next_step), "danger")
    return _done(target, _("A line of the action “test” was sent to %(host)s.", host=target.host))


@blueprint.get(f"{PLACE}/remove")
@access.requires(Action.MANAGE_INTEGRATIONS)
def ask_remove(target_id: int) -> Answer:
    return page("siem/remove.html", target=_target(target_id))


@blueprint.post(f"{PLACE}/remove")
@access.requires(Action.MANAGE_INTEGRATIONS)
def remove(target_id: int) -> Answer:
    target = _target(target_id)
    actions.remove(target, by=current_user)
    flash(_("%(target)s is removed.", target=target.name), "success")
    return redirect(url_for("integrations.show"), 303)


def _done(target: Target, message: str, kind: str = "success") -> Answer:
    flash(message, kind)
    return redirect(url_for(".show", target_id=target.id), 303)
