"""Settings > Integrations: the ways in for other systems."""

from flask import Blueprint, flash, redirect, request, url_for
from flask_login import current_user

from portal import access, connected, doors, seeing, shown_once
from portal.access import Action
from portal.api_tokens import actions
from portal.api_tokens.forms import TokenForm
from portal.api_tokens.models import ApiToken
from portal.api_tokens.scopes import WORDS
from portal.connections import health
from portal.connectors import SERVICES
from portal.languages import gettext as _
from portal.web import Answer, page

blueprint = Blueprint("integrations", __name__, url_prefix="/settings/integrations")
PLACE = "/api/<int:token_id>"


@blueprint.get("")
@access.requires(Action.MANAGE_INTEGRATIONS, advertised=True)
def show() -> Answer:
    organisation = access.organisation()
    return page(
        "api_tokens/integrations.html", tokens=actions.tokens_of(organisation), paused=actions.paused(organisation),
        words=WORDS, listed=doors.listed(organisation),
    )  # fmt: skip


@blueprint.get("/doctor")
@access.requires(Action.MANAGE_INTEGRATIONS)
def doctor() -> Answer:
    """Every way between the portal and other systems with its health, what is wrong first."""
    organisation = access.organisation()
    found = [door for _subject, doors_ in doors.listed(organisation) for door in doors_]
    connections = [(each, health.of(each, SERVICES[each.service])) for each in connected.connections()]
    return page(
        "api_tokens/doctor.html", doors=sorted(found, key=lambda door: not door.problem), connections=connections,
        paused=actions.paused(organisation), tokens=actions.tokens_of(organisation),
    )  # fmt: skip


@blueprint.get("/api/new")
@access.requires(Action.MANAGE_INTEGRATIONS)
@access.password_first
def ask_make() -> Answer:
    return page("api_tokens/new.html", form=TokenForm())


@blueprint.post("/api/new")
@access.requires(Action.MANAGE_INTEGRATIONS)
@access.password_first
def make() -> Answer:
    form = TokenForm()
    if not form.validate():
        return page("api_tokens/new.html", status=422, form=form)
    token, text = actions.make(
        access.organisation(), name=form.name.data, scopes=form.scopes.data, days=form.days.data,
        networks=form.chosen_networks, by=current_user,
    )  # fmt: skip
    return _once(token, text)


def _once(token: ApiToken, text: str) -> Answer:
    shown_once.keep(f"token {token.id}", text)
    return redirect(url_for(".made", token_id=token.id), 303)


@blueprint.get(f"{PLACE}/made")
@access.requires(Action.MANAGE_INTEGRATIONS)
def made(token_id: int) -> Answer:
    """The token, this once, with a line that tries it where this page is."""
    token = seeing.own_or_404(ApiToken, token_id)
    text = shown_once.take(f"token {token.id}")
    if text is None:
        flash(_("The portal shows a token once. If you have not saved it, rotate the token to get another."), "info")
        return redirect(url_for(".show"), 303)
    return page("api_tokens/made.html", token=token, text=text, address=request.host_url)


@blueprint.get(f"{PLACE}/rotate")
@access.requires(Action.MANAGE_INTEGRATIONS)
@access.password_first
def ask_rotate(token_id: int) -> Answer:
    return page("api_tokens/rotate.html", token=seeing.own_or_404(ApiToken, token_id))


@blueprint.post(f"{PLACE}/rotate")
@access.requires(Action.MANAGE_INTEGRATIONS)
@access.password_first
def rotate(token_id: int) -> Answer:
    token = seeing.own_or_404(ApiToken, token_id)
    return _once(token, actions.rotate(token, by=current_user))


@blueprint.get(f"{PLACE}/revoke")
@access.requires(Action.MANAGE_INTEGRATIONS)
def ask_revoke(token_id: int) -> Answer:
    return page("api_tokens/revoke.html", token=seeing.own_or_404(ApiToken, token_id))


@blueprint.post(f"{PLACE}/revoke")
@access.requires(Action.MANAGE_INTEGRATIONS)
def revoke(token_id: int) -> Answer:
    token = seeing.own_or_404(ApiToken, token_id)
    actions.revoke(token, by=current_user)
    return _done(_("The token %(token)s is revoked. It stopped working at once.", token=token.name))


@blueprint.get(f"{PLACE}/let-on")
@access.requires(Action.MANAGE_INTEGRATIONS)
@access.password_first
def ask_let_on(token_id: int) -> Answer:
    return page("api_tokens/let_on.html", token=seeing.own_or_404(ApiToken, token_id))


@blueprint.post(f"{PLACE}/let-on")
@access.requires(Action.MANAGE_INTEGRATIONS)
@access.password_first
def let_on(token_id: int) -> Answer:
    token = seeing.own_or_404(ApiToken, token_id)
    actions.let_on(token, by=current_user)
    return _done(_("The token %(token)s works again.", token=token.name))


@blueprint.post("/api/pause")
@access.requires(Action.MANAGE_INTEGRATIONS)
def pause() -> Answer:
    actions.pause(access.organisation(), by=current_user)
    return _done(_("The API is paused. No token works until an Admin resumes it."))


@blueprint.post("/api/resume")
@access.requires(Action.MANAGE_INTEGRATIONS)
def resume() -> Answer:
    actions.resume(access.organisation(), by=current_user)
    return _done(_("The API works again."))


def _done(message: str) -> Answer:
    flash(message, "success")
    return redirect(url_for(".show"), 303)
