from flask import Blueprint, flash, redirect, request, session, url_for
from flask_login import current_user, login_user, logout_user
from werkzeug.wrappers import Response

from portal import access
from portal.access import Action
from portal.auth import actions, devices, linked_sign_ins, second_factor, throttle
from portal.auth.forms import CodeForm, SignInForm
from portal.auth.models import User
from portal.security import limiter, login_manager
from portal.web import own_path, page

blueprint = Blueprint("auth", __name__)

login_manager.user_loader(actions.user_of_session)


def _email_and_address() -> str:
    return f"{request.form.get('email', '').strip().casefold()[:254]} {request.remote_addr}"


def _failed(response) -> bool:
    return response.status_code == 422


@blueprint.get("/")
@access.requires(Action.USE_PORTAL)
def home():
    return redirect(url_for("people.employee_list"))


@blueprint.get("/login")
@access.public
def sign_in():
    onwards = own_path(request.args.get("next", ""), "")
    if current_user.is_authenticated:
        return redirect(onwards or url_for(".home"))
    return sign_in_page(SignInForm(next=onwards))


def sign_in_page(form: SignInForm, *, status: int = 200, problem: str = "") -> Response:
    """The page everybody signs in on. problem: why the last try failed."""
    return page("auth/sign_in.html", status=status, form=form, problem=problem, services=linked_sign_ins.offered())


@blueprint.post("/login")
@limiter.limit("10 per minute", key_func=_email_and_address, deduct_when=_failed)
@limiter.limit("100 per minute", deduct_when=_failed)
@access.public
def sign_in_now():
    form = SignInForm()
    if not form.validate():
        return sign_in_page(form, status=422)
    email, address = form.email.data.strip().casefold(), request.remote_addr or ""
    try:
        user = actions.check_password(email, form.password.data, address=address, known_device=devices.known(email))
    except (actions.WrongCredentials, throttle.TooManyTries) as problem:
        message = " ".join(filter(None, [problem.message, problem.next_step]))
        return sign_in_page(form, status=problem.status, problem=message)
    return first_factor_given(user, "password", form.next.data or "")


def first_factor_given(user: User, factor: str, onwards: str) -> Response:
    """On to the second factor, for a user who has one; else they are signed in. factor: what was proved."""
    if not user.has_second_factor:
        return _signed_in(user, factor, onwards)
    session.clear()
    session["half"], session["next"], session["factor"] = second_factor.begin(user), onwards, factor
    return redirect(url_for("auth.ask_code"), 303)


def _signed_in(user: User, factors: str, onwards: str) -> Response:
    actions.start_session(
        user, address=request.remote_addr or "", device=request.user_agent.string,
        factors=factors, password_given=factors.startswith("password"),
    )  # fmt: skip
    session.clear()
    login_user(user)
    return devices.remember(redirect(own_path(onwards, url_for("auth.home")), 303), user)


@blueprint.get("/login/code")
@access.public
def ask_code():
    if second_factor.half_of(session.get("half", "")) is None:
        return redirect(url_for(".sign_in"))
    return page("auth/code.html", form=CodeForm())


@blueprint.post("/login/code")
@limiter.limit("100 per minute", deduct_when=_failed)
@access.public
def check_code():
    form = CodeForm()
    if not form.validate():
        return page("auth/code.html", status=422, form=form)
    try:
        user, second = second_factor.finish(session.get("half", ""), form.code.data, address=request.remote_addr or "")
    except second_factor.StartAgain as problem:
        flash(f"{problem.message} {problem.next_step}", "warning")
        return redirect(url_for(".sign_in"), 303)
    except (second_factor.WrongCode, throttle.TooManyTries) as problem:
        form.code.errors = [f"{problem.message} {problem.next_step}"]
        return page("auth/code.html", status=problem.status, form=form)
    return _signed_in(user, f"{session.get('factor', 'password')} and {second}", session.get("next", ""))


@blueprint.post("/logout")
@access.requires(Action.USE_PORTAL, unfinished=True)
def sign_out():
    actions.sign_out(current_user)
    return _signed_out("You are signed out.")


@blueprint.post("/logout/everywhere")
@access.requires(Action.USE_PORTAL, unfinished=True)
def sign_out_everywhere():
    actions.sign_out_everywhere(current_user)
    return _signed_out("You are signed out on every device.")


def _signed_out(message: str) -> Response:
    logout_user()
    session.clear()
    flash(message, "info")
    answer = redirect(url_for(".sign_in"), 303)
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer
