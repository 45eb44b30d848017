"""From exception to page or fragment, and status. Nothing else in the portal decides what a failure looks like."""

import secrets
from typing import Any

from flask import Flask, flash, g, redirect, request, url_for
from flask_limiter.errors import RateLimitExceeded
from flask_login import AnonymousUserMixin, current_user
from flask_wtf.csrf import CSRFError
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from portal import problem_json, refusals
from portal.access import Action, LinkNeeded, NotInPlan, PasswordNeeded, SecondFactorNeeded, SignInNeeded, may
from portal.auth import linked_sign_ins
from portal.connections.live import NotConnected
from portal.connectors.errors import ConnectorError
from portal.database import is_busy, takes_nothing
from portal.languages import gettext as _
from portal.logs import log, path_asked
from portal.organisations.plans import NAMES, plans_with
from portal.problems import Problem
from portal.sign_in.forms import ConfirmForm
from portal.typed import holds_secret, typed
from portal.web import in_notice, is_from_own_page, leave_to, page, page_in_sight, wants_fragment

WORDS: dict[int, tuple[str, str, str]] = {
    400: (_("We could not read that request"), _("Something in the address or the form is not as we expect it."),
          _("Go back, check what you entered, and try again.")),
    403: (_("You do not have access to this"), _("Your access level does not include this page."),
          _("If you need it, ask an Admin of your organisation.")),
    404: (_("Page not found"), _("There is nothing at this address, or you do not have access to it."),
          _("Check the address, or use the menu.")),
    405: (_("You cannot open this page directly"), _("Only a button in the portal leads to this address."),
          _("Go back to the page you came from.")),
    413: (_("That is too large"), _("You sent more than this page accepts."), _("Send a smaller file.")),
    429: (_("Too many attempts"), _("There were too many attempts in a short time."),
          _("Wait a minute, then try again.")),
    503: (_("The portal is busy"),
          _("The portal is saving many changes, and yours waited too long. Nothing was saved."),
          _("Wait a few seconds, then try again.")),
    500: (_("Something went wrong on our side"), _("The portal met an error it did not expect. Nothing was saved."),
          _("Try again. If it happens again, give the reference below to your IT team.")),
}  # fmt: skip
FULL = (
    _("The portal cannot save anything at the moment"),
    _("Its disk is full, or its database only reads. Nothing was saved."),
    _("Tell your IT team, and try again later."),
)
ICONS = {401: "lock-closed", 403: "lock-closed", 404: "map"}


def answer(
    status: int, title: str, message: str, next_step: str = "", *, code: str = "", request_id: str = "",
    way: tuple[str, str] | None = None, new_tab: bool = False,
) -> Response:  # fmt: skip
    """The failure as a page, or as a fragment in the page's notice region; for the API as problem+json.

    way: label and address of the page where the next step is taken. new_tab: open it beside the page that failed.
    """
    if problem_json.is_wanted():
        return problem_json.of_status(status, title, message, next_step, code=code, request_id=request_id)
    context = {
        "title": title, "message": message, "next_step": next_step, "code": code, "request_id": request_id,
        "reference": g.get("request_id", ""), "icon": ICONS.get(status, ""), "way": way,
        "new_tab": new_tab,
    }  # fmt: skip
    if wants_fragment():
        return in_notice(page("_problem.html", status=status, **context))
    return page("error.html", status=status, **context)


def sign_in_needed(error: SignInNeeded) -> Response:
    if wants_fragment():
        return answer(
            401,
            _("You are signed out"),
            _("Nothing was changed, and what you entered is still on the page."),
            _("Sign in again in another tab, then come back here and press the button once more."),
            way=(_("Sign in"), url_for("auth.sign_in")),
            new_tab=True,
        )
    if request.method == "POST" and is_from_own_page():
        repeated = not request.files and not holds_secret(request.form)
        context = {"kept": typed(request.form) if repeated else [], "repeated": repeated}
        context["reference"] = g.get("request_id", "")
        return page("signed_out.html", status=401, **context)
    here = request.full_path.rstrip("?") if request.method in ("GET", "HEAD") else None
    return redirect(url_for("auth.sign_in", next=here if here != "/" else None), 302)


def second_factor_needed(error: SecondFactorNeeded) -> Response:
    return leave_to(url_for("account.second_factor"))


def link_needed(error: LinkNeeded) -> Response:
    if any(linked for _service, linked in linked_sign_ins.ways_of(current_user)):
        words = _("Your organisation wants you to sign in with the account that you have linked. Do so below.")
    else:
        words = _("Your organisation wants you to sign in with an account that you have linked. Link it below.")
    flash(words, "warning")
    return leave_to(url_for("account.overview"))


def password_needed(error: PasswordNeeded) -> Response:
    """Ask for the password, then go on: with the form that was sent, or on the page from which this was asked."""
    entered = MultiDict(pair for pair in typed(request.form) if pair[0] != ConfirmForm.NAME)
    if request.method == "POST" and not request.files and not holds_secret(entered):
        form = ConfirmForm(formdata=None)
        form.confirm_password.errors = [error.problem] if error.problem else []
        context = {"form": form, "kept": list(entered.items(multi=True)), "back": page_in_sight(url_for("auth.home"))}
        if wants_fragment():
            return in_notice(page("sign_in/_confirm_password.html", status=error.status, **context))
        return page("sign_in/confirm_password.html", status=error.status, **context)
    return leave_to(url_for("account.ask_password", next=page_in_sight(url_for("auth.home"))))


def not_in_plan(error: NotInPlan) -> Response:
    if problem_json.is_wanted():
        return problem_json.not_in_plan(error.feature)
    _note_refusal()
    if wants_fragment() and not error.shown:
        message = _("%(feature)s is not part of your organisation’s plan.", feature=_(NAMES[error.feature]))
        return answer(403, _("Not in your plan"), message, _("Contact sales to upgrade."))
    status = 200 if error.shown else 403
    return page(
        "organisation_settings/upgrade.html",
        status=status,
        feature=error.feature,
        feature_name=NAMES[error.feature],
        plans=plans_with(error.feature),
    )


def form_token_expired(error: CSRFError) -> Response:
    """Show what was entered again, to be sent with a fresh token; only to the portal's own pages, and no secret."""
    own_page = is_from_own_page()
    repeated = own_page and not request.files and not holds_secret(request.form)
    context = {
        "kept": typed(request.form) if repeated else [], "repeated": repeated, "own_page": own_page,
        "back": page_in_sight(url_for("auth.home")), "reference": g.get("request_id", ""),
    }  # fmt: skip
    if wants_fragment():
        return in_notice(page("_form_expired.html", status=400, **context))
    return page("form_expired.html", status=400, **context)


def http_error(error: HTTPException) -> Response:
    if error.code is None or error.code < 400:
        return error.get_response()
    if error.code == 403:
        _note_refusal()
    title, message, next_step = WORDS.get(error.code, WORDS[400 if error.code < 500 else 500])
    response = answer(error.code, title, message, next_step)
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            response.headers[name] = value
    return response


def _note_refusal() -> None:
    """Who was not let in: in the log, and in the audit log when something would have been changed."""
    log.warning("access refused", path=path_asked(), method=request.method, user=getattr(current_user, "id", None))
    if current_user.is_authenticated and request.method not in ("GET", "HEAD", "OPTIONS"):
        user = current_user._get_current_object()
        refusals.note(user, "refused", str(request.url_rule)[:200], by=user, path=request.path[:200])


def rate_limited(error: RateLimitExceeded) -> Response:
    return answer(429, *WORDS[429])


def problem(error: Problem) -> Response:
    if problem_json.is_wanted():
        return problem_json.of(error)
    return answer(error.status, error.title, error.message, error.next_step)


def not_connected(error: NotConnected) -> Response:
    """Who may connect the add-on is led there, and the others are told whom to ask."""
    if problem_json.is_wanted() or not current_user.is_authenticated:
        return problem(error)
    way = (_("Open Add-ons"), url_for("addons.add_ons")) if may(Action.MANAGE_ADD_ONS) else None
    next_step = error.next_step if way else _("Ask an Admin of your organisation to connect it.")
    return answer(error.status, error.title, error.message, next_step, way=way)


def connector_error(error: ConnectorError) -> Response:
    log.warning("connector", kind=type(error).__name__, code=error.code, remote_request_id=error.request_id)
    return answer(502 if not error.permanent else 409, _("The connected application did not do this"), error.message,
                  error.next_step, code=error.code, request_id=error.request_id)  # fmt: skip


def database_busy(error: Exception, words: tuple[str, str, str]) -> Response:
    """Say that it may be asked again, without the database; what was typed is kept in the page, or to be sent again."""
    what = "database busy" if words is WORDS[503] else "nothing can be written"
    log.warning(what, path=path_asked(), method=request.method, error=str(error)[:200])
    if "_login_user" not in g:
        # Every page looks for its user, and this one would ask the database again.
        g._login_user = AnonymousUserMixin()
    if wants_fragment() or problem_json.is_wanted():
        response = answer(503, *words)
    else:
        # Only a form that was found to be the portal's own.
        own = request.method == "POST" and g.get("csrf_valid", False)
        repeated = own and not request.files and not holds_secret(request.form)
        context = {"kept": typed(request.form) if repeated else [], "repeated": repeated}
        context["reference"] = g.get("request_id", "")
        response = page("busy.html", status=503, words=words, **context)
    response.headers["Retry-After"] = "5"
    return response


def unexpected(error: Exception) -> Response:
    if is_busy(error):
        return database_busy(error, WORDS[503])
    if takes_nothing(error):
        return database_busy(error, FULL)
    if "request_id" not in g:
        g.request_id = secrets.token_hex(6)
    log.exception("unexpected", path=path_asked(), reference=g.request_id)
    return answer(500, *WORDS[500])


def init_app(app: Flask, settings: Any) -> None:
    app.register_error_handler(SignInNeeded, sign_in_needed)
    app.register_error_handler(SecondFactorNeeded, second_factor_needed)
    app.register_error_handler(LinkNeeded, link_needed)
    app.register_error_handler(PasswordNeeded, password_needed)
    app.register_error_handler(NotInPlan, not_in_plan)
    app.register_error_handler(CSRFError, form_token_expired)
    app.register_error_handler(RateLimitExceeded, rate_limited)
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(Problem, problem)
    app.register_error_handler(NotConnected, not_connected)
    app.register_error_handler(ConnectorError, connector_error)
    app.register_error_handler(Exception, unexpected)
