"""Settings > Add-ons > Outlook for recruitment, and the card Outlook of “Your sign-in”."""

from flask import Blueprint, flash, redirect, request, session, url_for
from flask_login import current_user
from werkzeug.exceptions import NotFound

from portal import access
from portal.access import Action
from portal.auth.models import User
from portal.config import settings
from portal.connectors import SERVICES
from portal.connectors.errors import ConnectorError
from portal.languages import gettext as _
from portal.languages import joined
from portal.logs import log
from portal.mailboxes import connecting, ending, looking_after, queries
from portal.mailboxes.models import Mailbox
from portal.mailboxes.problems import able
from portal.problems import Problem
from portal.web import Answer, leave_to_sign_in, page

blueprint = Blueprint("mailboxes", __name__)

ADD_ON, OWN = "/settings/add-ons/outlook", "/account/outlook"


@blueprint.app_template_global()
def waiting_mailbox() -> Mailbox | None:
    """The user's own mailbox, if only they can connect it again."""
    return queries.waiting(current_user)


def _user() -> User:
    return current_user._get_current_object()


def _address(endpoint: str) -> str:
    """By the public name of the portal, as it is registered with the application."""
    return settings().public_url.rstrip("/") + url_for(endpoint)


def _told(error: Problem | ConnectorError) -> None:
    log.warning("mailbox", kind=type(error).__name__, code=getattr(error, "code", "")[:60])
    flash(joined(error.message, error.next_step), "warning")


@blueprint.get(ADD_ON)
@access.requires(Action.MANAGE_ADD_ONS)
def add_on() -> Answer:
    return page(
        "mailboxes/add_on.html", offer=queries.offer_of(current_user.organisation),
        mailboxes=queries.connected(current_user.organisation), able=able(),
    )  # fmt: skip


@blueprint.post(f"{ADD_ON}/allow")
@access.requires(Action.MANAGE_ADD_ONS)
@access.password_first
def allow() -> Answer:
    try:
        url, session["outlook"] = connecting.begin_allowing(_user(), _address(".allowed"))
        _connection, service, _mail = connecting.place_of(current_user.organisation)
    except (Problem, ConnectorError) as error:
        _told(error)
        return redirect(url_for(".add_on"), 303)
    return leave_to_sign_in(url, service)


@blueprint.get(f"{ADD_ON}/callback")
@access.requires(Action.MANAGE_ADD_ONS)
def allowed() -> Answer:
    try:
        connecting.finish_allowing(_user(), request.args, browser=session.pop("outlook", ""))
    except (Problem, ConnectorError) as error:
        _told(error)
    else:
        flash(
            _("Your organisation lets the portal use Outlook. Recruiters connect theirs under “Your sign-in”."),
            "success",
        )
    return redirect(url_for(".add_on"), 303)


@blueprint.post(f"{OWN}/connect")
@access.requires(Action.TAKE_PART)
@access.password_first
def connect() -> Answer:
    try:
        url, session["outlook"], service = connecting.begin(_user(), _address(".connected"))
    except (Problem, ConnectorError) as error:
        _told(error)
        return _own_page()
    return leave_to_sign_in(url, service)


def _own_page() -> Answer:
    return redirect(url_for("account.overview", _anchor="outlook"), 303)


@blueprint.get(f"{OWN}/callback")
@access.requires(Action.TAKE_PART)
def connected() -> Answer:
    try:
        mailbox = connecting.finish(_user(), request.args, browser=session.pop("outlook", ""))
    except (Problem, ConnectorError) as error:
        _told(error)
    else:
        flash(_("Your Outlook is connected: %(address)s.", address=mailbox.address), "success")
    return _own_page()


def _mine() -> Mailbox:
    mailbox = Mailbox.of(current_user)
    if mailbox is None:
        raise NotFound()
    return mailbox


@blueprint.post(f"{OWN}/check")
@access.requires(Action.USE_PORTAL)
def check() -> Answer:
    mailbox = _mine()
    looking_after.look(mailbox)
    now = Mailbox.of(current_user)
    if now is not None and now.is_live:
        flash(_("The portal can use your Outlook."), "success")
    return _own_page()


@blueprint.get(f"{OWN}/disconnect")
@access.requires(Action.USE_PORTAL)
def ask_disconnect() -> Answer:
    mailbox = _mine()
    mail = SERVICES[mailbox.connection.service].personal_mail
    return page("mailboxes/disconnect.html", mailbox=mailbox, left=mail.left_behind if mail else "")


@blueprint.post(f"{OWN}/disconnect")
@access.requires(Action.USE_PORTAL)
def disconnect() -> Answer:
    ending.disconnect(_mine(), by=_user())
    flash(_("Your Outlook is disconnected."), "success")
    return _own_page()
