"""Settings > Integrations: your emails, and channels in Teams and Slack; and the page that stops emails."""

from flask import Blueprint, abort, flash, redirect, url_for
from flask_login import current_user

from portal import access, doors
from portal.access import Action
from portal.languages import gettext as _
from portal.notifications import stopping
from portal.notifications.forms import MailsForm
from portal.notifications.models import MailChoice
from portal.web import Answer, page
from portal.webhooks import actions
from portal.webhooks.forms import NewReceiverForm
from portal.webhooks.models import Kind
from portal.webhooks.views import doors_of

blueprint = Blueprint("notifications", __name__)
NAMES = {Kind.TEAMS: "Teams", Kind.SLACK: "Slack"}

doors.register(
    doors.Subject(
        "notifications",
        _("Notifications"),
        _("A digest in the morning, and what is urgent at once."),
        lambda organisation: doors_of(organisation, Kind.TEAMS, Kind.SLACK),
        (
            (_("Your emails"), "notifications.ask_choose", {}),
            (_("Add Teams"), "notifications.ask_make", {"kind": "teams"}),
            (_("Add Slack"), "notifications.ask_make", {"kind": "slack"}),
        ),
        _("No channel yet. Admins hear of what is urgent by email, and of the rest in a digest if they choose one."),
    )
)


@blueprint.get("/settings/integrations/emails")
@access.requires(Action.MANAGE_INTEGRATIONS)
def ask_choose() -> Answer:
    return page("notifications/mails.html", form=MailsForm(obj=MailChoice.of(current_user)))


@blueprint.post("/settings/integrations/emails")
@access.requires(Action.MANAGE_INTEGRATIONS)
def choose() -> Answer:
    form = MailsForm()
    if not form.validate():
        return page("notifications/mails.html", status=422, form=form)
    stopping.choose(current_user, digest=form.digest.data, urgent=form.urgent.data, by=current_user)
    flash(_("Saved."), "success")
    return redirect(url_for("integrations.show"), 303)


@blueprint.get("/settings/integrations/channels/<kind>/new")
@access.requires(Action.MANAGE_INTEGRATIONS)
@access.password_first
def ask_make(kind: str) -> Answer:
    return _new(kind, NewReceiverForm(kind))


def _new(kind: str, form: NewReceiverForm, status: int = 200) -> Answer:
    if kind not in NAMES:
        abort(404)
    return page("notifications/new.html", status=status, form=form, kind=kind, name=NAMES[Kind(kind)])


@blueprint.post("/settings/integrations/channels/<kind>/new")
@access.requires(Action.MANAGE_INTEGRATIONS)
@access.password_first
def make(kind: str) -> Answer:
    form = NewReceiverForm(kind)
    if kind not in NAMES or not form.validate() or form.address.found is None:
        return _new(kind, form, 422)
    receiver, _secret = actions.make(
        access.organisation(), kind=Kind(kind), name=form.name.data, address=form.address.found,
        kinds=form.kinds.data, by=current_user,
    )  # fmt: skip
    flash(_("Added. Press Send a test to see whether it arrives."), "success")
    return redirect(url_for("receivers.show", receiver_id=receiver.id), 303)


@blueprint.get("/stop-mails/<token>")
@access.public
def ask_stop(token: str) -> Answer:
    """Asks; opening the address stops nothing."""
    found = stopping.whose(token)
    if found is None:
        abort(404)
    return page("notifications/stop.html", token=token, what=stopping.WORDS[found[1]], stopped=False)


@blueprint.post("/stop-mails/<token>")
@access.public
def stop(token: str) -> Answer:
    found = stopping.whose(token)
    if found is None:
        abort(404)
    stopping.stop(*found)
    return page("notifications/stop.html", token=token, what=stopping.WORDS[found[1]], stopped=True)
