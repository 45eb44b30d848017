from flask import Blueprint, flash, redirect, request, session, url_for
from flask_limiter.util import get_remote_address
from flask_login import current_user, login_user, logout_user

from portal import access
from portal.access import Action
from portal.auth import actions, devices, linked_sign_ins, second_factor, throttle
from portal.auth.models import LinkedSignIn, User, hash_of
from portal.auth.proof import ProofOver
from portal.languages import gettext as _
from portal.languages import joined
from portal.security import limiter, login_manager
from portal.sign_in.forms import CodeForm, SignInForm
from portal.signing import FIELD
from portal.web import Answer, own_path, page

blueprint = Blueprint("auth", __name__)
# In the session: who signed in last with this browser, and may be signed out by now.
WHOSE = "whose"

login_manager.user_loader(actions.user_of_session)


def _sign_in_under_way() -> str:
    """Tries at the second step are counted for the sign-in they belong to, so none holds another's."""
    return hash_of(session.get("half", "")) if "half" in session else get_remote_address()


def _failed(response: Answer) -> bool:
    return response.status_code == 422


@blueprint.get("/")
@access.requires(Action.USE_PORTAL)
def home() -> Answer:
    return redirect(url_for("home.show" if access.may(Action.OVERSEE) else "employee_list.show"))


@blueprint.get("/login")
@access.public
def sign_in() -> Answer:
    onwards = own_path(request.args.get("next", ""), "")
    if current_user.is_authenticated:
        return redirect(onwards or url_for(".home"))
    return sign_in_page(SignInForm(next=onwards))


def sign_in_page(form: SignInForm, *, status: int = 200, problem: str = "") -> Answer:
    """The page on which every user signs in. problem: why the last try failed."""
    return page("sign_in/sign_in.html", status=status, form=form, problem=problem, services=linked_sign_ins.offered())


@blueprint.post("/login")
@access.public
def sign_in_now() -> Answer:
    form = SignInForm()
    if not form.validate():
        return sign_in_page(form, status=422)
    email, address = form.email.data.strip().casefold(), request.remote_addr or ""
    try:
        user = actions.check_password(email, form.password.data, address=address, known_device=devices.known(email))
        return first_factor_given(user, "password", form.next.data or "")
    except (actions.WrongCredentials, throttle.TooManyTries, ProofOver, linked_sign_ins.OnlyElsewhere) as problem:
        return sign_in_page(form, status=problem.status, problem=joined(problem.message, problem.next_step))


def first_factor_given(user: User, factor: str, onwards: str, linked: LinkedSignIn | None = None) -> Answer:
    """On to the second factor, for a user who has one; else they are signed in. Raises ProofOver.

    factor: what was proved, in words. linked: the outside account that was used instead of the password.
    """
    if not user.has_second_factor:
        return _signed_in(user, factor, onwards, linked)
    half = second_factor.begin(user, linked)
    _empty_session(user)
    session["half"], session["next"], session["factor"] = half, onwards, factor
    return redirect(url_for("auth.ask_code"), 303)


def _signed_in(user: User, factors: str, onwards: str, linked: LinkedSignIn | None) -> Answer:
    address, device = request.remote_addr or "", request.user_agent.string
    actions.start_session(user, address=address, device=device, factors=factors, linked=linked)
    _empty_session(user)
    session[WHOSE] = user.id
    login_user(user)
    return devices.remember(redirect(own_path(onwards, url_for("auth.home")), 303), user)


def _empty_session(user: User) -> None:
    """Nothing of it stays, but the token of forms where the same user was the last who signed in with this browser.

    So a form that was open when their session ended can be sent once they are signed in again. Anybody else's token may
    be known to others.
    """
    kept = {name: session[name] for name in (WHOSE, FIELD) if name in session and session.get(WHOSE) == user.id}
    session.clear()
    session.update(kept)


@blueprint.get("/login/code")
@access.public
def ask_code() -> Answer:
    if second_factor.half_of(session.get("half", "")) is None:
        return redirect(url_for(".sign_in"))
    return page("sign_in/code.html", form=CodeForm())


@blueprint.post("/login/code")
@limiter.limit("30 per minute", key_func=_sign_in_under_way, deduct_when=_failed)
@access.public
def check_code() -> Answer:
    form, token = CodeForm(), session.get("half", "")
    if not form.validate():
        return page("sign_in/code.html", status=422, form=form)
    try:
        half, second = second_factor.finish(
            token, form.code.data, address=request.remote_addr or "", known_device=_known_to_half(token)
        )
        factors = f"{session.get('factor', 'password')} and {second}"
        return _signed_in(half.user, factors, session.get("next", ""), half.linked)
    except (second_factor.StartAgain, ProofOver, linked_sign_ins.OnlyElsewhere) as problem:
        flash(joined(problem.message, problem.next_step), "warning")
        return redirect(url_for(".sign_in"), 303)
    except (second_factor.WrongCode, throttle.TooManyTries) as problem:
        form.code.errors = [joined(problem.message, problem.next_step)]
        return page("sign_in/code.html", status=problem.status, form=form)


def _known_to_half(token: str) -> str:
    """The name of this browser, if the user whose sign-in waits for its code signed in here before."""
    half = second_factor.half_of(token)
    return devices.known(half.user.email) if half else ""


@blueprint.post("/logout")
@access.requires(Action.USE_PORTAL, unfinished=True)
def sign_out() -> Answer:
    actions.sign_out(current_user)
    return _signed_out(_("You are signed out."))


@blueprint.post("/logout/everywhere")
@access.requires(Action.USE_PORTAL, unfinished=True)
def sign_out_everywhere() -> Answer:
    actions.sign_out_everywhere(current_user)
    return _signed_out(_("You are signed out on every device."))


def _signed_out(message: str) -> Answer:
    whose = current_user.id
    logout_user()
    session.clear()
    session[WHOSE] = whose
    flash(message, "info")
    answer = redirect(url_for(".sign_in"), 303)
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer
