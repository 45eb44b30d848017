"""Settings > Users: with what an organisation's users sign in, what is required of them, and who is excepted."""

from flask import Blueprint, flash, redirect, request, url_for
from flask_login import current_user
from werkzeug.exceptions import NotFound

from portal import access, seeing
from portal.access import Action
from portal.auth import linked_sign_ins, users
from portal.auth.models import User
from portal.controls import views as controls
from portal.controls.table import Value, way_in_key
from portal.languages import gettext as _
from portal.languages import joined
from portal.web import Answer

blueprint = Blueprint("ways_in", __name__, url_prefix="/settings/users")


def _back() -> Answer:
    return redirect(url_for("users.user_list"), 303)


def _given(key: str, value: Value, done: str) -> Answer:
    """Turn a switch of the organisation. done: what to say when that works at once."""
    given = controls.give(key, value)
    given.flash(done)
    return given.response or _back()


@blueprint.post("/require-second-factor")
@access.requires(Action.MANAGE_USERS)
@access.password_first
def require_second_factor() -> Answer:
    needed = access.organisation().admins_need_second_factor
    return _given("admins_need_second_factor", not needed, _("Admins now need two-step sign-in."))


@blueprint.post("/allow-sign-in-elsewhere")
@access.requires(Action.MANAGE_USERS)
@access.password_first
def allow() -> Answer:
    """Let users sign in with the connected application that the form names, or not any more."""
    organisation, named = access.organisation(), request.form.get("app", "")
    service = next((one for one in linked_sign_ins.connected(organisation) if one.key == named), None)
    if service is None:
        raise NotFound()
    allowed = service.key in organisation.ways_in
    if allowed and organisation.outside_sign_in_required:
        flash(_("Your organisation requires it. Turn that off first."), "warning")
        return _back()
    done = _("Nobody signs in with %(application)s any more.", application=service.name)
    return _given(way_in_key(service.key), not allowed, done)


@blueprint.post("/require-sign-in-elsewhere")
@access.requires(Action.MANAGE_USERS)
@access.password_first
def require() -> Answer:
    organisation = access.organisation()
    required = organisation.outside_sign_in_required
    if not required and not linked_sign_ins.allowed_to(organisation):
        raise NotFound()
    if not required and not users.break_glass_of(organisation).exists():
        problem = users.NoBreakGlass()
        flash(joined(problem.message, problem.next_step), "warning")
        return _back()
    done = _("Everyone now signs in with what they have linked.")
    return _given("outside_sign_in_required", not required, done)


@blueprint.post("/<int:user_id>/break-glass")
@access.requires(Action.MANAGE_USERS)
@access.password_first
def break_glass(user_id: int) -> Answer:
    """Let an Admin always sign in with the password, or take that back."""
    user = seeing.own_or_404(User, user_id)
    before = user.break_glass
    try:
        users.let_break_glass(user, not before, by=current_user)
    except (users.NotStrong, users.NoBreakGlass) as problem:
        flash(joined(problem.message, problem.next_step), "warning")
        return redirect(url_for("users.ask_change", user_id=user.id), 303)
    if before:
        flash(_("%(email)s can no longer sign in with the password.", email=user.email), "success")
    else:
        flash(_("%(email)s can always sign in with the password.", email=user.email), "success")
    return _back()


@blueprint.post("/<int:user_id>/unlink/<service_key>")
@access.requires(Action.MANAGE_USERS)
@access.password_first
def unlink(user_id: int, service_key: str) -> Answer:
    """For a user whose account at the application is gone, or was made again: that is another account."""
    user = seeing.own_or_404(User, user_id)
    service = next((one for one, _link in linked_sign_ins.links_of(user) if one.key == service_key), None)
    if service is None:
        raise NotFound()
    linked_sign_ins.unlink(user, service, by=current_user._get_current_object())
    done = _("%(email)s no longer signs in with %(application)s.", email=user.email, application=service.name)
    flash(done, "success")
    return redirect(url_for("users.ask_change", user_id=user.id), 303)
