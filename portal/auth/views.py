from urllib.parse import urlsplit

from flask import Blueprint, flash, redirect, request, session, url_for
from flask_login import current_user, login_user, logout_user

from portal import access
from portal.access import Action
from portal.auth import actions
from portal.auth.forms import SignInForm
from portal.security import limiter, login_manager
from portal.web import page

blueprint = Blueprint("auth", __name__)

login_manager.user_loader(actions.user_of_session)


def _email_and_address() -> str:
    return f"{request.form.get('email', '').strip().casefold()[:254]} {request.remote_addr}"


def _failed(response) -> bool:
    return response.status_code == 422


def _own_path(address: str) -> str:
    """The address if it is a path of this portal, else the start page: nobody is sent elsewhere after signing in."""
    parts = urlsplit(address)
    plain = address.startswith("/") and not address.startswith(("//", "/\\")) and not any(c < " " for c in address)
    return address if plain and not parts.scheme and not parts.netloc else url_for("auth.home")


@blueprint.get("/")
@access.requires(Action.USE_PORTAL)
def home():
    return redirect(url_for("people.employee_list"))


@blueprint.get("/login")
@access.public
def sign_in():
    if current_user.is_authenticated:
        return redirect(_own_path(request.args.get("next", "")))
    form = SignInForm(next=request.args.get("next", ""))
    return page("auth/sign_in.html", form=form)


@blueprint.post("/login")
@limiter.limit("10 per minute", key_func=_email_and_address, deduct_when=_failed)
@limiter.limit("100 per minute", deduct_when=_failed)
@access.public
def sign_in_now():
    form = SignInForm()
    if not form.validate():
        return page("auth/sign_in.html", status=422, form=form)
    try:
        user = actions.sign_in(
            form.email.data, form.password.data,
            address=request.remote_addr or "", device=request.user_agent.string,
        )  # fmt: skip
    except actions.WrongCredentials as problem:
        return page("auth/sign_in.html", status=422, form=form, problem=problem.message)
    session.clear()
    login_user(user)
    return redirect(_own_path(form.next.data or ""), 303)


@blueprint.post("/logout")
@access.requires(Action.USE_PORTAL)
def sign_out():
    actions.sign_out(current_user)
    return _signed_out("You are signed out.")


@blueprint.post("/logout/everywhere")
@access.requires(Action.USE_PORTAL)
def sign_out_everywhere():
    actions.sign_out_everywhere(current_user)
    return _signed_out("You are signed out on every device.")


def _signed_out(message: str):
    logout_user()
    session.clear()
    flash(message, "info")
    return redirect(url_for("auth.sign_in"), 303)
