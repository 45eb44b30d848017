"""/scim/users/v2: the addresses that a directory calls to manage users of the portal, and how an Admin connects one."""

from typing import Any

from flask import Blueprint, flash, redirect, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal import access, seeing
from portal.access import Action
from portal.api_tokens import at_once, checking
from portal.api_tokens.scopes import Scope
from portal.arrivals import most_bytes
from portal.auth.models import User
from portal.config import settings
from portal.languages import gettext as _
from portal.scim_protocol import requests as scim
from portal.scim_protocol.words import LARGEST
from portal.security import csrf, limiter
from portal.user_scim import handing
from portal.web import Answer, page

BASE = "/scim/users/v2"


blueprint = Blueprint("user_scim", __name__)
at_once.limit(blueprint)


@blueprint.route(BASE, defaults={"path": ""}, methods=scim.METHODS)
@blueprint.route(f"{BASE}/<path:path>", methods=scim.METHODS)
@csrf.exempt
@limiter.limit(lambda: f"{scim.PER_MINUTE} per minute", key_func=scim.token_or_address)
@access.by_token(Scope.PORTAL_USERS)
@most_bytes(LARGEST)
def serve(path: str) -> Response:
    """Whatever SCIM has below this address."""
    # The library takes half a second to load, which only those who use it wait for.
    from portal.user_scim import serving

    token: Any = checking.current.get()
    return scim.counted(scim.response_of(serving.answer(token, scim.request_of(BASE, path))))


@blueprint.get("/settings/users/scim")
@access.requires(Action.MANAGE_USERS)
def connect() -> Answer:
    """How a directory is connected."""
    return page("user_scim/connect.html", address=f"{settings().public_url.rstrip('/')}{BASE}")


@blueprint.app_template_global()
def by_scim(user: User) -> bool:
    """Whether a directory could decide about the user."""
    return handing.directory_of(user.organisation) is not None


@blueprint.post("/settings/users/<int:user_id>/scim-decides")
@access.requires(Action.MANAGE_USERS)
@access.password_first
def hand_over(user_id: int) -> Answer:
    """The directory decides about this user from now on."""
    user = seeing.own_or_404(User, user_id)
    handing.to_scim(user, by=current_user)
    flash(_("From now on SCIM decides about %(email)s.", email=user.email), "success")
    return redirect(url_for("users.ask_change", user_id=user.id), 303)
