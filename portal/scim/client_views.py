"""Settings > Integrations > SCIM: the systems that push employees, how what they say differs, and applying it."""

from collections.abc import Iterator
from datetime import datetime

from flask import Blueprint, flash, redirect, request, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from peewee import fn
from wtforms import RadioField
from wtforms.fields import SelectChoice

from portal import access, doors, params, seeing
from portal.access import Action
from portal.config import settings
from portal.database import count_of, now, read_together
from portal.incoming import brake, proposals
from portal.incoming.brake import Limits
from portal.incoming.models import LeavingProposal
from portal.languages import gettext as _
from portal.languages import joined, ngettext, pgettext
from portal.organisations.models import Organisation
from portal.scim import actions, working
from portal.scim.models import Key, Leavers, ScimClient, ScimPerson
from portal.web import Answer, page

blueprint = Blueprint("scim_clients", __name__, url_prefix="/settings/integrations/scim")
ONE = "/<int:client_id>"
MOST_SHOWN = 50
MOST_COMPARED = 500


class ClientForm(FlaskForm):
    """How a client is understood."""

    key = RadioField(
        _("Employee number"),
        choices=[
            SelectChoice(str(Key.NUMBER), _("employeeNumber, or else externalId")),
            SelectChoice(str(Key.EXTERNAL), _("Always externalId")),
        ],
    )
    leavers = RadioField(
        _("When it says that a person is no longer active"),
        choices=[
            SelectChoice(str(Leavers.ASK), _("Ask an Admin")),
            SelectChoice(str(Leavers.AT_ONCE), _("Enter the last day at once")),
        ],
    )


def doors_of(organisation: Organisation) -> Iterator[doors.Door]:
    """Each system that has pushed people, for the pages that list the doors."""
    for client in actions.clients_of(organisation):
        counts = _counts(client)
        state, problem = _state(client, counts)
        yield doors.Door(
            client.name, "SCIM", state, "scim_clients.show", {"client_id": client.id}, "scim_clients.pause",
            "scim_clients.resume", ngettext("%(num)s person", "%(num)s people", counts["people"]),
            client.token.last_used_at, problem, client.paused_at is not None, _remark(client, counts),
        )  # fmt: skip


def _state(client: ScimClient, counts: dict[str, int]) -> tuple[str, str]:
    """In a word, and what is wrong as a sentence."""
    if client.token.state != "Active":
        return client.token.state, _("Its token no longer works.")
    if client.paused_at is not None:
        return pgettext("door", "Paused"), ""
    if client.learns_until:
        return _("Learn first"), ""
    return pgettext("door", "Active"), ""


def _remark(client: ScimClient, counts: dict[str, int]) -> str:
    """What waits for a person."""
    if counts["held"] or (counts["waits"] and client.live_at is None and not client.learns_until):
        return _("Waits for you")
    if leavers := proposals.waiting(client.organisation).where(LeavingProposal.source == client.actor).count():
        return ngettext("Waits for you: %(num)s proposed leaver", "Waits for you: %(num)s proposed leavers", leavers)
    return _("Needs you") if counts["notes"] else ""


doors.register(doors.Subject(
    "scim", "SCIM",
    _("Another system pushes employees. The portal listens for a day, and then shows you what differs."),
    doors_of, ((_("How to connect one"), "scim_clients.connect", {}),), _("No system pushes employees yet."),
))  # fmt: skip


@blueprint.get("")
@access.requires(Action.MANAGE_INTEGRATIONS)
def connect() -> Answer:
    return page("scim/connect.html", address=f"{settings().public_url.rstrip('/')}/scim/v2")


def _counts(client: ScimClient) -> dict[str, int]:
    """How many people it has described, for how many nothing was done yet, and how many need a person."""
    mine = ScimPerson.select().where(ScimPerson.client == client)
    kinds = {
        "people": mine.where(ScimPerson.deleted_at.is_null()), "waits": mine.where(ScimPerson.waits),
        "held": mine.where(ScimPerson.waits, ScimPerson.held),
        "notes": mine.where(~ScimPerson.waits, fn.LENGTH(ScimPerson.notes.cast("TEXT")) > 2),
    }  # fmt: skip
    return read_together(**{name: count_of(query) for name, query in kinds.items()})


@blueprint.get(ONE)
@access.requires(Action.MANAGE_INTEGRATIONS)
def show(client_id: int) -> Answer:
    client = _client_or_404(client_id)
    return _page(client, ClientForm(data={"key": client.key, "leavers": client.leavers}))


def _page(client: ScimClient, form: ClientForm, *, status: int = 200) -> Answer:
    """The differences of those who wait, some at once; what was looked at up to now is what Apply applies."""
    seen, after = now(), params.number("after") or 0
    waits = working.waiting(client).where(ScimPerson.id > after)
    people = list(waits.limit(MOST_COMPARED))
    found = working.differences(client, people)
    told = [(one, kind) for one, kind in zip(people, found, strict=True) if kind.matters or kind.notes]
    more = people[-1].id if len(people) == MOST_COMPARED else None
    if len(told) > MOST_SHOWN:
        more, told = told[MOST_SHOWN - 1][0].id, told[:MOST_SHOWN]
    notes = ScimPerson.select().where(
        ScimPerson.client == client, ~ScimPerson.waits, fn.LENGTH(ScimPerson.notes.cast("TEXT")) > 2
    )
    return page(
        "scim/client.html", status=status, client=client, form=form, counts=_counts(client), seen=seen.isoformat(),
        told=told, more=more, after=after, coming=brake.count(found), whole=not after and more is None,
        reasons=brake.reasons(brake.count(found), Limits.of(client.organisation), working.applied_lately(client)),
        noted=list(notes.order_by(ScimPerson.id).limit(MOST_SHOWN)),
    )  # fmt: skip


@blueprint.post(ONE)
@access.requires(Action.MANAGE_INTEGRATIONS)
@access.password_first
def set_up(client_id: int) -> Answer:
    client, form = _client_or_404(client_id), ClientForm()
    if not form.validate():
        return _page(client, form, status=422)
    actions.set_up(client, key=Key(form.key.data), leavers=Leavers(form.leavers.data), by=current_user)
    return _done(_("The settings of this client are saved."), client)


@blueprint.post(f"{ONE}/apply")
@access.requires(Action.MANAGE_INTEGRATIONS)
@access.password_first
def apply(client_id: int) -> Answer:
    client = _client_or_404(client_id)
    left = actions.apply(client, _moment(request.form.get("seen", "")), by=current_user)
    done = _("What %(client)s says is applied.", client=client.name)
    rest = (
        ngettext("%(num)s more follows within a few minutes.", "%(num)s more follow within a few minutes.", left)
        if left
        else ""
    )
    return _done(joined(done, rest), client)


def _moment(text: str) -> datetime:
    """When the page was shown; without it, nothing that the Admin can have seen."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    earliest = datetime.fromtimestamp(0, now().tzinfo)
    return min(found, now()) if found is not None and found.tzinfo is not None and found > earliest else earliest


@blueprint.get(f"{ONE}/remove")
@access.requires(Action.MANAGE_INTEGRATIONS)
@access.password_first
def ask_remove(client_id: int) -> Answer:
    return page("scim/remove.html", client=_client_or_404(client_id))


@blueprint.post(f"{ONE}/remove")
@access.requires(Action.MANAGE_INTEGRATIONS)
@access.password_first
def remove(client_id: int) -> Answer:
    client = _client_or_404(client_id)
    actions.remove(client, by=current_user)
    return _done(_("%(client)s is removed. The employees stay as they are.", client=client.name))


@blueprint.post(f"{ONE}/pause")
@access.requires(Action.MANAGE_INTEGRATIONS)
def pause(client_id: int) -> Answer:
    client = _client_or_404(client_id)
    actions.pause(client, paused=True, by=current_user)
    return _done(_("%(client)s is paused. It cannot push anybody until an Admin resumes it.", client=client.name))


@blueprint.post(f"{ONE}/resume")
@access.requires(Action.MANAGE_INTEGRATIONS)
def resume(client_id: int) -> Answer:
    client = _client_or_404(client_id)
    actions.pause(client, paused=False, by=current_user)
    return _done(_("%(client)s can push people again.", client=client.name))


def _client_or_404(client_id: int) -> ScimClient:
    client = seeing.own_or_404(ScimClient, client_id)
    client.organisation = access.organisation()
    return client


def _done(message: str, client: ScimClient | None = None) -> Answer:
    flash(message, "success")
    return redirect(url_for(".show", client_id=client.id) if client else url_for("integrations.show"), 303)
