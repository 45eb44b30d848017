"""Settings > Integrations: the pages of a receiver and its messages."""

from collections.abc import Iterator

from flask import Blueprint, flash, redirect, request, url_for
from flask_login import current_user

from portal import access, doors, seeing, shown_once
from portal.access import Action
from portal.languages import gettext as _
from portal.languages import joined, ngettext
from portal.organisations.models import Organisation
from portal.problems import Problem
from portal.web import Answer, page
from portal.webhooks import actions
from portal.webhooks.forms import NewReceiverForm, ReceiverForm, SinceForm
from portal.webhooks.kinds import KINDS
from portal.webhooks.models import Delivery, Kind, Receiver

blueprint = Blueprint("receivers", __name__, url_prefix="/settings/integrations/receivers")
PLACE = "/<int:receiver_id>"


def doors_of(organisation: Organisation, *kinds: Kind) -> Iterator[doors.Door]:
    """The receivers of these kinds."""
    query = Receiver.select().where(Receiver.organisation == organisation, Receiver.kind.in_(kinds))
    for receiver in query.order_by(Receiver.id):
        left = _("%(name)s is no longer an Admin", name=receiver.made_by_name) if receiver.maker_left else ""
        problem = receiver.problem or (receiver.paused_why if receiver.paused_at and receiver.problem else "")
        yield doors.Door(
            receiver.name, _(receiver.kind.capitalize()), receiver.state,
            "receivers.show", {"receiver_id": receiver.id}, "receivers.pause", "receivers.resume", receiver.host,
            receiver.last_ok_at, problem,
            receiver.paused_at is not None, left, "receivers.test",
        )  # fmt: skip


doors.register(doors.Subject(
    "webhooks", _("Webhooks"), _("Other systems are told what happens here, each time with a signature."),
    lambda organisation: doors_of(organisation, Kind.WEBHOOK), ((_("Add webhook"), "receivers.ask_make", {}),),
    _("A webhook tells another system at once when an employee or an account changes."),
))  # fmt: skip


@blueprint.get("/new")
@access.requires(Action.MANAGE_INTEGRATIONS)
@access.password_first
def ask_make() -> Answer:
    return page("webhooks/new.html", form=NewReceiverForm(), words=KINDS)


@blueprint.post("/new")
@access.requires(Action.MANAGE_INTEGRATIONS)
@access.password_first
def make() -> Answer:
    form = NewReceiverForm()
    if not form.validate() or form.address.found is None:
        return page("webhooks/new.html", status=422, form=form, words=KINDS)
    receiver, secret = actions.make(
        access.organisation(), name=form.name.data, address=form.address.found, kinds=form.kinds.data, by=current_user
    )
    return _once(receiver, secret)


def _once(receiver: Receiver, secret: str) -> Answer:
    shown_once.keep(f"webhook {receiver.id}", secret)
    return redirect(url_for(".made", receiver_id=receiver.id), 303)


@blueprint.get(f"{PLACE}/made")
@access.requires(Action.MANAGE_INTEGRATIONS)
def made(receiver_id: int) -> Answer:
    """The secret, this once."""
    receiver = _receiver(receiver_id)
    secret = shown_once.take(f"webhook {receiver.id}")
    if secret is None:
        return _done(receiver, _("The portal shows a secret once. If you have not saved it, rotate it."), "info")
    return page("webhooks/made.html", receiver=receiver, secret=secret)


@blueprint.get(PLACE)
@access.requires(Action.MANAGE_INTEGRATIONS)
def show(receiver_id: int) -> Answer:
    return _shown(_receiver(receiver_id), SinceForm())


def _receiver(receiver_id: int) -> Receiver:
    found: Receiver = seeing.own_or_404(Receiver, receiver_id)
    return found


def _shown(receiver: Receiver, since: SinceForm, status: int = 200) -> Answer:
    return page(
        "webhooks/receiver.html", status=status, receiver=receiver, deliveries=actions.latest(receiver), since=since,
        pretty=actions.pretty, kinds=Kind,
    )  # fmt: skip


@blueprint.get(f"{PLACE}/edit")
@access.requires(Action.MANAGE_INTEGRATIONS)
def ask_change(receiver_id: int) -> Answer:
    receiver = _receiver(receiver_id)
    return page("webhooks/edit.html", form=ReceiverForm(receiver.kind, obj=receiver), receiver=receiver)


@blueprint.post(f"{PLACE}/edit")
@access.requires(Action.MANAGE_INTEGRATIONS)
def change(receiver_id: int) -> Answer:
    receiver = _receiver(receiver_id)
    form = ReceiverForm(receiver.kind)
    if not form.validate():
        return page("webhooks/edit.html", status=422, form=form, receiver=receiver)
    actions.change(receiver, name=form.name.data, kinds=form.kinds.data, by=current_user)
    return _done(receiver, _("Saved."))


@blueprint.post(f"{PLACE}/pause")
@access.requires(Action.MANAGE_INTEGRATIONS)
def pause(receiver_id: int) -> Answer:
    receiver = _receiver(receiver_id)
    actions.pause(receiver, by=current_user)
    return _done(receiver, _("%(receiver)s is paused. What happens meanwhile is kept.", receiver=receiver.name))


@blueprint.post(f"{PLACE}/resume")
@access.requires(Action.MANAGE_INTEGRATIONS)
def resume(receiver_id: int) -> Answer:
    receiver = _receiver(receiver_id)
    actions.resume(receiver, by=current_user)
    return _done(receiver, _("%(receiver)s is told again, first what was kept.", receiver=receiver.name))


@blueprint.post(f"{PLACE}/test")
@access.requires(Action.MANAGE_INTEGRATIONS)
def test(receiver_id: int) -> Answer:
    """Send a test at once, and say how it went."""
    receiver = _receiver(receiver_id)
    try:
        delivery = actions.test(receiver, actions.test_message(receiver), by=current_user)
    except Problem as problem:
        return _done(receiver, joined(problem.message, problem.next_step), "danger")
    if delivery.problem:
        return _done(receiver, joined(_("The test did not get through:"), delivery.problem), "danger")
    if receiver.kind == Kind.TEAMS:
        return _done(receiver, _("The test was handed over. Teams does not say whether it arrives: please look there."))
    return _done(
        receiver, _("The test was accepted: %(host)s answered %(status)s.", host=receiver.host, status=delivery.status)
    )


@blueprint.post(f"{PLACE}/arrived")
@access.requires(Action.MANAGE_INTEGRATIONS)
def say_arrived(receiver_id: int) -> Answer:
    """What the Admin saw of the test."""
    receiver, arrived = _receiver(receiver_id), request.form.get("arrived") == "yes"
    actions.say_arrived(receiver, arrived, by=current_user)
    return _done(
        receiver, _("Good: it works.") if arrived else _("See below what to check."), "success" if arrived else "info"
    )


@blueprint.post(f"{PLACE}/messages/<int:delivery_id>/again")
@access.requires(Action.MANAGE_INTEGRATIONS)
def send_again(receiver_id: int, delivery_id: int) -> Answer:
    receiver = _receiver(receiver_id)
    delivery = Delivery.get_or_none(Delivery.id == delivery_id, Delivery.receiver == receiver)
    return _again(receiver, delivery_id=delivery.id if delivery else 0)


def _again(receiver: Receiver, **which: object) -> Answer:
    try:
        count = actions.send_again(receiver, by=current_user, **which)  # type: ignore[arg-type]
    except Problem as problem:
        return _done(receiver, joined(problem.message, problem.next_step), "danger")
    words = ngettext(
        "%(num)s message goes out again, under the same ids.",
        "%(num)s messages go out again, under the same ids.",
        count,
    )
    return _done(
        receiver, words if count else _("There is no message to send again."), "success" if count else "warning"
    )


@blueprint.post(f"{PLACE}/since")
@access.requires(Action.MANAGE_INTEGRATIONS)
def send_since(receiver_id: int) -> Answer:
    receiver, form = _receiver(receiver_id), SinceForm()
    if not form.validate():
        return _shown(receiver, form, 422)
    return _again(receiver, since=form.since.data.replace(tzinfo=receiver.organisation.zone))


@blueprint.get(f"{PLACE}/rotate")
@access.requires(Action.MANAGE_INTEGRATIONS)
@access.password_first
def ask_rotate(receiver_id: int) -> Answer:
    return page("webhooks/rotate.html", receiver=_receiver(receiver_id))


@blueprint.post(f"{PLACE}/rotate")
@access.requires(Action.MANAGE_INTEGRATIONS)
@access.password_first
def rotate(receiver_id: int) -> Answer:
    receiver = _receiver(receiver_id)
    return _once(receiver, actions.rotate(receiver, by=current_user))


@blueprint.get(f"{PLACE}/remove")
@access.requires(Action.MANAGE_INTEGRATIONS)
def ask_remove(receiver_id: int) -> Answer:
    return page("webhooks/remove.html", receiver=_receiver(receiver_id))


@blueprint.post(f"{PLACE}/remove")
@access.requires(Action.MANAGE_INTEGRATIONS)
def remove(receiver_id: int) -> Answer:
    receiver = _receiver(receiver_id)
    actions.remove(receiver, by=current_user)
    flash(_("%(receiver)s is removed.", receiver=receiver.name), "success")
    return redirect(url_for("integrations.show"), 303)


def _done(receiver: Receiver, message: str, kind: str = "success") -> Answer:
    flash(message, kind)
    return redirect(url_for(".show", receiver_id=receiver.id), 303)
