"""Signing in with the connected application's account: on the sign-in page, and linking it to one's own sign-in."""

from flask import Blueprint, flash, redirect, request, session, url_for
from flask_login import current_user
from werkzeug.exceptions import NotFound

from portal import access
from portal.access import Action
from portal.auth import devices, linked_sign_ins
from portal.auth.models import User
from portal.config import settings
from portal.connectors import SERVICES
from portal.connectors.base import Service
from portal.connectors.errors import ConnectorError, Declined
from portal.languages import gettext as _
from portal.languages import joined
from portal.logs import log
from portal.problems import Problem
from portal.security import limiter
from portal.sign_in.forms import SignInForm
from portal.sign_in.views import first_factor_given, sign_in_page
from portal.user_sources import groups
from portal.web import Answer, leave_to_sign_in, own_path

blueprint = Blueprint("linked", __name__)


def _service_or_404(service_key: str) -> Service:
    if service_key not in SERVICES or not SERVICES[service_key].capabilities.signs_people_in:
        raise NotFound()
    return SERVICES[service_key]


def _begin(service: Service, *, user: User | None) -> Answer:
    address = settings().public_url.rstrip("/") + url_for("linked.callback", service_key=service.key)
    url, session["outside"] = linked_sign_ins.begin(service, address, user=user)
    return leave_to_sign_in(url, service)


@blueprint.post("/login/<service_key>")
@limiter.limit("30 per minute", key_func=devices.browser_or_address)
@access.public
def sign_in(service_key: str) -> Answer:
    service = _service_or_404(service_key)
    session["next"] = own_path(request.form.get("next", ""), "")
    try:
        return _begin(service, user=None)
    except ConnectorError as error:
        return _refused(service, error)


@blueprint.get("/login/<service_key>/callback")
@limiter.limit("60 per minute", key_func=devices.browser_or_address)
@access.public
def callback(service_key: str) -> Answer:
    service = _service_or_404(service_key)
    try:
        person, linking = linked_sign_ins.finish(service, request.args, browser=session.pop("outside", ""))
        if linking is None:
            groups.come_in(service, person)
            linked = linked_sign_ins.link_of(service, person)
            return first_factor_given(linked.user, service.name, session.get("next", ""), linked)
        if not current_user.is_authenticated or current_user.id != linking:
            raise linked_sign_ins.SignInNotTaken()
        linked_sign_ins.link(current_user, service, person)
    except (Problem, ConnectorError) as error:
        return _refused(service, error)
    flash(_("From now on you can sign in with %(application)s.", application=service.name), "success")
    return redirect(url_for("account.overview"), 303)


def _refused(service: Service, error: Problem | ConnectorError) -> Answer:
    log.warning("outside sign-in", service=service.key, kind=type(error).__name__, code=getattr(error, "code", "")[:60])
    if isinstance(error, Declined):
        words = _(
            "The sign-in ended on %(application)s’s own page, so nothing has changed here.", application=service.name
        )
        error = error.worded(words, next_step=_("Start again with the button."))
    if current_user.is_authenticated:
        flash(joined(error.message, error.next_step), "warning")
        return redirect(url_for("account.overview"), 303)
    status = error.status if isinstance(error, Problem) else 409 if error.permanent else 502
    form = SignInForm(formdata=None, next=session.get("next", ""))
    return sign_in_page(form, status=status, problem=joined(error.message, error.next_step))


@blueprint.post("/account/sign-ins/<service_key>")
@access.requires(Action.USE_PORTAL)
@access.password_first
def link(service_key: str) -> Answer:
    try:
        return _begin(_service_or_404(service_key), user=current_user._get_current_object())
    except ConnectorError as error:
        return _refused(SERVICES[service_key], error)


@blueprint.post("/account/sign-ins/<service_key>/remove")
@access.requires(Action.USE_PORTAL)
@access.password_first
def unlink(service_key: str) -> Answer:
    service = _service_or_404(service_key)
    linked_sign_ins.unlink(current_user, service)
    flash(_("Signing in with %(application)s is off. Your password still works.", application=service.name), "success")
    return redirect(url_for("account.overview"), 303)
