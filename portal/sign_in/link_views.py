"""Choosing a password with a mailed link: an invitation, or a password that was forgotten."""

from flask import Blueprint, flash, redirect, request, session, url_for
from flask_login import logout_user

from portal import access
from portal.auth import devices, jobs, links
from portal.auth.actions import UserRefused
from portal.auth.models import Invitation, User, hash_of
from portal.auth.passwords import PasswordRefused
from portal.languages import gettext as _
from portal.security import limiter
from portal.sign_in.forms import ForgotPasswordForm, NewPasswordForm
from portal.web import Answer, page

blueprint = Blueprint("links", __name__)


def _email_and_browser() -> str:
    return f"{request.form.get('email', '').strip().casefold()[:254]} {devices.browser_or_address()}"


def _link() -> str:
    """A link that works is counted for itself, so that strangers at the same address do not hold its owner."""
    token = session.get("link", "")
    return hash_of(token) if links.works(token) else devices.browser_or_address()


@blueprint.get("/forgot-password")
@access.public
def ask_reset() -> Answer:
    return page("sign_in/forgot_password.html", form=ForgotPasswordForm())


@blueprint.post("/forgot-password")
@limiter.limit("5 per hour", key_func=_email_and_browser)
@limiter.limit("30 per hour", key_func=devices.browser_or_address)
@access.public
def reset() -> Answer:
    form = ForgotPasswordForm()
    if not form.validate():
        return page("sign_in/forgot_password.html", status=422, form=form)
    user = User.get_or_none(User.email == form.email.data.strip().casefold()[:254])
    jobs.send_password_reset(user.id if user else 0)
    flash(
        _("If a user signs in with that address, we have sent them an email with a link. It works for one hour."),
        "info",
    )
    return redirect(url_for("auth.sign_in"), 303)


@blueprint.get("/set-password")
@access.public
def ask_password() -> Answer:
    """The link of the mail leads here. Its token leaves the address at once, so that it stays in no history."""
    if "token" in request.args:
        session["link"] = request.args["token"][:100]
        return redirect(url_for(".ask_password"))
    return _form(NewPasswordForm())


@blueprint.post("/set-password")
@limiter.limit("30 per hour", key_func=_link)
@access.public
def set_password() -> Answer:
    form = NewPasswordForm()
    if not form.validate():
        return _form(form, status=422)
    try:
        user = links.use(session.get("link", ""), form.password.data)
    except PasswordRefused as problem:
        form.password.errors = [problem.message]
        return _form(form, status=422)
    except UserRefused as problem:
        return page("error.html", status=409, title=problem.title, message=problem.message, next_step=problem.next_step)
    logout_user()
    session.clear()
    flash(_("Your password is set. Sign in with it."), "success")
    # They read the owner's mail: from now on no guesser can hold this browser.
    return devices.remember(redirect(url_for("auth.sign_in"), 303), user)


def _form(form: NewPasswordForm, *, status: int = 200) -> Answer:
    found = links.find(session.get("link", ""))
    organisation = found.organisation if isinstance(found, Invitation) else None
    email = found.email if isinstance(found, Invitation) else found.user.email
    return page("sign_in/set_password.html", status=status, form=form, email=email, organisation=organisation)
