import re
from typing import Any

from flask import Blueprint, flash, g, redirect, request, session, url_for
from flask_login import current_user
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from portal import access, audit, background, connectors
from portal.access import Action
from portal.addons import actions, disconnecting, queries
from portal.addons.forms import DisconnectForm, KeyForm
from portal.addons.problems import ConnectRefused
from portal.config import settings
from portal.connections.doctor import features_of, next_step_of
from portal.connections.models import Connection
from portal.connectors.base import Service
from portal.connectors.capabilities import Way
from portal.connectors.errors import ConnectorError, NotPermitted
from portal.hand_over import pausing
from portal.languages import N_, joined, ngettext
from portal.languages import gettext as _
from portal.logs import log
from portal.matching import actions as matching
from portal.organisations.plans import Feature
from portal.problems import Problem
from portal.web import Answer, leave_to_sign_in, page, swap, wants_fragment

blueprint = Blueprint("addons", __name__)

ADD_ON = "/settings/add-ons/<service_key>"


def service_or_404(service_key: str) -> Service:
    if service_key not in connectors.SERVICES:
        raise NotFound()
    return connectors.SERVICES[service_key]


def callback_url(service: Service) -> str:
    """The address registered with the application: by the public name of the portal, whatever the request called it."""
    return settings().public_url.rstrip("/") + url_for("addons.callback", service_key=service.key)


def failure_of(service: Service, error: Problem | ConnectorError, title: str = "") -> dict[str, str]:
    """What the card says of a failure. Plain words of ours: nothing that came with the address is repeated."""
    code, request_id = _unless_from_address(getattr(error, "code", "")), getattr(error, "request_id", "")
    log.warning("add-on", service=service.key, kind=type(error).__name__, code=code, remote_request_id=request_id)
    return {
        "service": service.key, "title": title or _("%(service)s was not connected", service=service.name),
        "message": error.message,
        "next_step": _next_step(error), "code": code[:100],
        "request_id": request_id if re.fullmatch(r"[\w-]{1,60}", request_id) else "",
        "reference": g.get("request_id", ""),
    }  # fmt: skip


def _not_disconnected(service: Service) -> str:
    return _("%(service)s was not disconnected", service=service.name)


def _next_step(error: Problem | ConnectorError) -> str:
    """While nothing is connected yet there is no page of settings with a Grant button: the sign-in asks for it too."""
    to_grant = isinstance(error, NotPermitted) and error.next_step == NotPermitted.next_step
    return ConnectRefused.next_step if to_grant else next_step_of(error)


def _unless_from_address(code: str) -> str:
    """The code, but of the address only a plain reason such as access_denied, and never a sentence."""
    return "" if code in request.args.values() and not re.fullmatch(r"[a-z_]{1,40}", code) else code


def _connected(service: Service) -> str:
    """Have the tenant read for matching; returns the sentence for a connected organisation, by name."""
    connection = Connection.live_of(current_user.organisation, service.key)
    if connection is None:
        return _("%(service)s is connected.", service=service.name)
    matching.read_tenant(connection, by=current_user)
    found = disconnecting.consequences(connection).accounts
    again = ngettext(
        "The portal found %(num)s account from before.", "The portal found %(num)s accounts from before.", found
    )
    return joined(
        _("%(service)s is connected: %(tenant)s.", service=service.name, tenant=connection.tenant_name),
        again if found else "",
        _mails(connection),
        _("The portal is looking for accounts that employees have already: see Provisioning > Existing accounts.")
        if access.may(Action.OVERSEE)
        else "",
    )


def _mails(connection: Connection) -> str:
    """The sentence about login information that was paused."""
    found = audit.AuditEntry.select().where(
        audit.AuditEntry.organisation == connection.organisation, audit.AuditEntry.action == "connect add-on"
    )  # fmt: skip
    entry = found.order_by(audit.AuditEntry.id.desc()).first()
    told = entry.detail if entry is not None else {}
    sentences = {
        "mails_going_on": N_("Login emails and links that were paused and continue: %(count)s."),
        "mails_paused": N_("Login emails whose time has passed: %(count)s. They wait for your decision."),
        "mails_cancelled": N_("Login emails that were cancelled, because this is another %(service)s: %(count)s."),
    }
    service = connectors.SERVICES[connection.service].name
    return joined(*(_(words, count=told[name], service=service) for name, words in sentences.items() if told.get(name)))


def _granted(service: Service, granted: actions.Granted) -> tuple[str, str]:
    """The sentence after a further consent, and its tone."""
    if not granted.missing:
        return _("%(service)s allows everything that the portal does.", service=service.name), "success"
    features = features_of(granted.missing)
    if Way.SIGN_IN in service.capabilities.ways_to_connect:
        return (
            _(
                "The sign-in is stored. %(service)s does not allow the portal to %(features)s: a box was left "
                "unticked. Press Grant, and tick every box.",
                service=service.name,
                features=features,
            )
        ), "warning"
    return (
        _(
            "%(service)s does not allow the portal to %(features)s yet. New permissions can take a "
            "few minutes: then test the connection. If that does not help, your IT team must add them "
            "to the portal’s registration.",
            service=service.name,
            features=features,
        )
    ), "warning"


def _status(error: Problem | ConnectorError) -> int:
    return error.status if isinstance(error, Problem) else 409 if error.permanent else 502


def _cards() -> list[queries.Card]:
    return queries.cards(current_user.organisation, current_user.session)


def _card(
    service: Service, *, asking: Any = None, key_form: KeyForm | None = None, notice: str = "", status: int = 200,
    **context: Any,
) -> Answer:  # fmt: skip
    """One card as it is now: alone for htmx, else in the whole page. key_form: with what is wrong in it."""
    if notice and not wants_fragment():
        flash(notice, "success")
    fresh = queries.card(service, current_user.organisation, current_user.session, asking=asking, key_form=key_form)
    cards = [fresh if card.id == fresh.id else card for card in _cards()]
    return swap(
        "addons/_add_on_card.html", back_to=url_for("addons.add_ons"), in_page="addons/add_ons.html", status=status,
        card=fresh, cards=cards, notice=notice, organisation=current_user.organisation, recruits=_recruits(), **context,
    )  # fmt: skip


def _recruits() -> bool:
    """Whether the page names Outlook for recruitment."""
    return current_user.organisation.has(Feature.RECRUITMENT)


@blueprint.get("/settings/add-ons")
@access.requires(Action.MANAGE_ADD_ONS, advertised=True)
def add_ons() -> Answer:
    failure = session.pop("add_on_failure", None)
    organisation = current_user.organisation
    return page("addons/add_ons.html", cards=_cards(), failure=failure, organisation=organisation, recruits=_recruits())


@blueprint.get(f"{ADD_ON}/card")
@access.requires(Action.MANAGE_ADD_ONS, advertised=True)
def card(service_key: str) -> Answer:
    return _card(service_or_404(service_key))


@blueprint.get(f"{ADD_ON}/connect")
@access.requires(Action.MANAGE_ADD_ONS, advertised=True)
def ask_connect(service_key: str) -> Answer:
    return redirect(url_for("addons.card", service_key=service_or_404(service_key).key))


@blueprint.post(f"{ADD_ON}/connect")
@access.requires(Action.MANAGE_ADD_ONS)
def connect(service_key: str) -> Answer:
    service = service_or_404(service_key)
    if service.capabilities.way == Way.KEY:
        return _connect_by_key(service)
    try:
        url = actions.begin(service, session=current_user.session, redirect_uri=callback_url(service))
    except (Problem, ConnectorError) as error:
        return _card(service, failure=failure_of(service, error), status=_status(error))
    return leave_to_sign_in(url, service)


def _connect_by_key(service: Service) -> Response:
    form = KeyForm(service)
    if not form.validate():
        return _card(service, key_form=form, status=422)
    try:
        actions.connect_by_key(service, form.key.data.strip(), by=current_user)
    except (Problem, ConnectorError) as error:
        return _card(service, failure=failure_of(service, error), status=_status(error))
    return _card(service, notice=_connected(service))


@blueprint.get(f"{ADD_ON}/callback")
@access.requires(Action.MANAGE_ADD_ONS)
def callback(service_key: str) -> Answer:
    service = service_or_404(service_key)
    answer, redirect_uri = request.args.to_dict(), callback_url(service)
    try:
        onwards = actions.receive(service, answer, session=current_user.session, redirect_uri=redirect_uri)
    except (Problem, ConnectorError) as error:
        session["add_on_failure"] = failure_of(service, error)
        return redirect(url_for("addons.add_ons"), 303)
    if isinstance(onwards, actions.Granted):
        flash(*_granted(service, onwards))
        return redirect(url_for("add_on_settings.show", service_key=service.key), 303)
    if onwards is None:
        flash(_connected(service), "success")
    return redirect(onwards or url_for("addons.add_ons"), 303)


@blueprint.post(f"{ADD_ON}/connect/check-again")
@access.requires(Action.MANAGE_ADD_ONS)
def check_again(service_key: str) -> Answer:
    service = service_or_404(service_key)
    try:
        actions.check_again(service, session=current_user.session)
    except (Problem, ConnectorError) as error:
        return _card(service, failure=failure_of(service, error), status=_status(error))
    return _card(service, notice=_connected(service))


@blueprint.post(f"{ADD_ON}/check")
@access.requires(Action.MANAGE_ADD_ONS)
def check(service_key: str) -> Answer:
    service = service_or_404(service_key)
    connection = Connection.live_of(current_user.organisation, service.key)
    if connection:
        actions.check_health(connection, service)
    return _card(service)


@blueprint.post(f"{ADD_ON}/paused-mails")
@access.requires(Action.MANAGE_ADD_ONS)
def decide_on_paused_mails(service_key: str) -> Answer:
    """Send the login emails whose time passed while nothing was connected, or cancel them."""
    service = service_or_404(service_key)
    connection = Connection.live_of(current_user.organisation, service.key)
    if connection is None:
        return _card(service)
    if request.form.get("decision") == "send":
        return _card(
            service,
            notice=_("Login emails on their way: %(count)s.", count=pausing.send_all(connection, by=current_user)),
        )
    return _card(
        service,
        notice=_("Login emails cancelled: %(count)s.", count=pausing.cancel_all(connection, by=current_user)),
    )


@blueprint.get(f"{ADD_ON}/disconnect")
@access.requires(Action.MANAGE_ADD_ONS, advertised=True)
@access.password_first
def ask_disconnect(service_key: str) -> Answer:
    service = service_or_404(service_key)
    connection = Connection.live_of(current_user.organisation, service.key)
    return _card(service, asking=disconnecting.consequences(connection) if connection else None)


@blueprint.post(f"{ADD_ON}/disconnect")
@access.requires(Action.MANAGE_ADD_ONS)
@access.password_first
def disconnect(service_key: str) -> Answer:
    service = service_or_404(service_key)
    form = DisconnectForm()
    if not form.validate():
        return _card(
            service,
            failure=failure_of(service, disconnecting.ConnectionChanged(), _not_disconnected(service)),
            status=422,
        )
    connection = Connection.live_of(current_user.organisation, service.key)
    if connection and connection.id != form.connection.data:
        error = disconnecting.ConnectionChanged()
        return _card(service, failure=failure_of(service, error, _not_disconnected(service)), status=error.status)
    if connection and disconnecting.disconnect(connection, by=current_user):
        service.forget(connection.tenant_id)
        if connection.encrypted_credential:
            background.begin(lambda: disconnecting.give_up_credential(connection))
    return _card(service, notice=_("Your organisation is disconnected from %(service)s.", service=service.name))
