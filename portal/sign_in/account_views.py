"""A user's own page: sessions, password, second factor; and the password asked once more."""

from flask import Blueprint, flash, g, redirect, request, session, url_for
from flask_login import current_user
from werkzeug.exceptions import NotFound

from portal import access, vault
from portal.access import Action
from portal.auth import actions, linked_sign_ins, second_factor, users
from portal.auth.models import STRONG
from portal.auth.passwords import PasswordRefused
from portal.languages import gettext as _
from portal.mailboxes import queries as mailboxes
from portal.problems import Problem
from portal.security import costly
from portal.sign_in.device_names import device_name
from portal.sign_in.forms import AskPasswordForm, ChangePasswordForm, CodeForm, LanguageForm
from portal.web import Answer, own_path, page, swap

blueprint = Blueprint("account", __name__, url_prefix="/account")

own = access.requires(Action.USE_PORTAL)
own_unfinished = access.requires(Action.USE_PORTAL, unfinished=True)
blueprint.add_app_template_filter(device_name)


@blueprint.get("")
@own
def overview() -> Answer:
    return _overview()


def _overview(*, status: int = 200, form: ChangePasswordForm | None = None) -> Answer:
    return page(
        "sign_in/account.html", status=status, form=form or ChangePasswordForm(formdata=None),
        sessions=actions.sessions_of(current_user), codes_left=second_factor.recovery_codes_left(current_user),
        ways=linked_sign_ins.ways_of(current_user), own=mailboxes.own(current_user),
        language=LanguageForm(formdata=None, language=current_user.language),
    )  # fmt: skip


@blueprint.post("/password")
@costly
@own_unfinished
def change_password() -> Answer:
    form = ChangePasswordForm()
    if not form.validate():
        return _overview(status=422, form=form)
    try:
        actions.change_password(current_user, form.current.data, form.password.data, address=request.remote_addr or "")
    except actions.WrongCredentials:
        form.current.errors = [_("That is not your current password.")]
        return _overview(status=422, form=form)
    except PasswordRefused as problem:
        form.password.errors = [problem.message]
        return _overview(status=422, form=form)
    flash(_("Your password is changed. Sign in again on your other devices."), "success")
    return redirect(url_for(".overview"), 303)


@blueprint.post("/language")
@own
def choose_language() -> Answer:
    form = LanguageForm()
    if not form.validate():
        return _overview(status=422)
    users.choose_language(current_user, form.language.data)
    # The next sentence is in the new one.
    g.pop("language", None)
    flash(_("The language is saved."), "success")
    return redirect(url_for(".overview"), 303)


@blueprint.post("/sessions/<int:session_id>/end")
@own
def end_session(session_id: int) -> Answer:
    if not actions.end_session(current_user, session_id):
        raise NotFound()
    flash(_("That device is signed out."), "success")
    return redirect(url_for(".overview"), 303)


@blueprint.post("/trial-notice/hide")
@own
def hide_trial_notice() -> Answer:
    """For this user, from now on."""
    users.hide_trial_notice(current_user)
    back = own_path(request.form.get("next", ""), url_for("auth.home"))
    return swap("organisation_settings/_trial_notice_hidden.html", back_to=back, in_page="")


@blueprint.get("/check")
@own_unfinished
def ask_password() -> Answer:
    return page(
        "sign_in/check_password.html",
        form=AskPasswordForm(formdata=None, next=own_path(request.args.get("next", ""), "")),
    )


@blueprint.post("/check")
@own_unfinished
def check_password() -> Answer:
    form = AskPasswordForm()
    if not form.validate():
        return page("sign_in/check_password.html", status=422, form=form)
    try:
        actions.check_again(current_user, form.password.data, address=request.remote_addr or "")
    except actions.WrongCredentials:
        form.password.errors = [_("That is not your password.")]
        return page("sign_in/check_password.html", status=422, form=form)
    return redirect(own_path(form.next.data or "", url_for("auth.home")), 303)


@blueprint.get("/second-factor", endpoint="second_factor")
@own_unfinished
@access.password_first
def second_factor_page() -> Answer:
    return _second_factor()


def _second_factor(*, status: int = 200, form: CodeForm | None = None) -> Answer:
    """The page with the code to scan. The seed waits in the session, encrypted, until a first code is right."""
    if current_user.has_second_factor:
        return redirect(url_for(".overview"), 303)
    seed = _waiting_seed() or second_factor.new_seed()
    session["seed"] = vault.encrypt(seed)
    # It is drawn once for each user.
    import segno

    picture = segno.make(second_factor.address_of(seed, current_user)).svg_data_uri(scale=5, border=4, light="#fff")
    return page(
        "sign_in/second_factor.html", status=status, form=form or CodeForm(formdata=None), picture=picture, seed=seed
    )


def _waiting_seed() -> str:
    try:
        return vault.decrypt(session.get("seed", ""))
    except vault.CannotOpen:
        return ""


@blueprint.post("/second-factor")
@costly
@own_unfinished
@access.password_first
def turn_on() -> Answer:
    form, seed = CodeForm(), _waiting_seed()
    if current_user.has_second_factor or not seed:
        return redirect(url_for(".second_factor"), 303)
    if not form.validate():
        return _second_factor(status=422, form=form)
    try:
        codes = second_factor.turn_on(current_user, seed, form.code.data.strip())
    except second_factor.WrongCode as problem:
        form.code.errors = [problem.message]
        return _second_factor(status=problem.status, form=form)
    session.pop("seed")
    return page("sign_in/recovery_codes.html", codes=codes)


@blueprint.post("/second-factor/off")
@costly
@own
@access.password_first
def turn_off() -> Answer:
    if current_user.organisation.admins_need_second_factor and current_user.access_level in STRONG:
        raise Problem(_("Your organisation requires two-step sign-in for Admins."))
    second_factor.turn_off(current_user, by=current_user)
    flash(_("Two-step sign-in is off. You sign in with your password only."), "success")
    return redirect(url_for(".overview"), 303)


@blueprint.post("/second-factor/recovery-codes")
@costly
@own
@access.password_first
def recovery_codes() -> Answer:
    if not current_user.has_second_factor:
        raise NotFound()
    return page("sign_in/recovery_codes.html", codes=second_factor.new_recovery_codes(current_user))
