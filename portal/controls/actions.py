"""Changing a setting that holds people back, and deciding on a change that waits."""

from enum import Enum
from typing import Any

from portal import audit
from portal.auth import proof, users
from portal.auth.models import AccessLevel, User
from portal.controls import second_admin
from portal.controls.models import ALONE_WAITS, LASTS, ChangeState, PendingChange
from portal.controls.table import CONTROLS, Control, Value
from portal.database import now
from portal.languages import gettext as _
from portal.logs import log
from portal.organisations.models import Organisation
from portal.problems import Problem


class Outcome(Enum):
    """What became of a change: nothing differed, it is done, or it waits for a second Admin."""

    SAME = "same"
    DONE = "done"
    WAITS = "waits"


class AnotherWaits(Problem):
    message = _("Another Admin has already asked to change this setting.")
    next_step = _("Decide on that one first, under Settings > Approvals.")


class Decided(Problem):
    message = _("An Admin has already decided on this change, or it has expired.")
    next_step = _("Look at the setting as it is now.")


class NotYours(Problem):
    message = _("You cannot decide on this change.")
    status = 403
    next_step = _("Ask another Admin to decide under Settings > Approvals.")


def would_weaken(organisation: Organisation, key: str, value: Value) -> bool:
    """Whether this change has to wait for a second Admin."""
    control = CONTROLS[key]
    return control.weaker(control.read(organisation), value)


def change(organisation: Organisation, key: str, value: Value, *, by: User) -> Outcome:
    """Give the setting this value at once, or write down that it waits for a second Admin. Raises AnotherWaits.

    Which of the two is decided in the transaction that writes, so that two requests at once cannot slip through.
    """
    control = CONTROLS[key]
    with audit.turn(organisation.id):
        proof.hold_actor(by)
        before = control.read(organisation)
        if before == value:
            return Outcome.SAME
        if control.weaker(before, value):
            _ask(organisation, key, before, value, by)
            return Outcome.WAITS
        _write(organisation, key, before, value, by=by, action=control.action)
    return Outcome.DONE


def _ask(organisation: Organisation, key: str, before: Value, after: Value, by: User) -> None:
    waiting = waiting_for(organisation, key)
    if waiting and waiting[0].by_id != by.id:
        raise AnotherWaits()
    if waiting and waiting[0].after == after:
        return
    for own in waiting:
        _close(own, ChangeState.WITHDRAWN, by=by, action="withdraw change of setting")
    moment = now()
    alone = not second_admin.others(organisation, asked_by=by.id, asked_at=moment)
    asked = PendingChange.create(
        organisation=organisation, control=key, before=before, after=after, by=by, by_name=by.display_name,
        asked_at=moment, takes_effect_at=moment + ALONE_WAITS if alone else None,
    )  # fmt: skip
    _record(by, "ask to weaken setting", asked, nobody_else_can_approve=alone)
    log.warning("weaker setting asked for", organisation=organisation.id, setting=key, user=by.id, alone=alone)


def _write(organisation: Organisation, key: str, before: Value, after: Value, *, by: Any, action: str) -> None:
    """Within a transaction: change the setting; what else waits for it was asked about a value that is gone."""
    control = CONTROLS[key]
    control.write(organisation, after)
    for waiting in waiting_for(organisation, key):
        _close(waiting, ChangeState.OVERTAKEN, by=by, action="change of setting is overtaken")
    values = {"before": control.words(before), "after": control.words(after)}
    audit.record(by, action, organisation, organisation=organisation, setting=control.label, **values)


def approve(asked: PendingChange, *, by: User) -> None:
    """The word of a second Admin: the setting changes now. Raises NotYours, Decided."""
    with audit.turn(asked.organisation_id):
        proof.hold_actor(by)
        problem = second_admin.why_not(User.get_by_id(by.id), asked_by=asked.by_id, asked_at=asked.asked_at)
        if problem:
            raise NotYours(problem)
        if asked.expires_at <= now():
            raise Decided(_("No Admin decided in time, so this has expired."), _("Ask for it again."))
        _take_effect(asked, ChangeState.APPROVED, by=by, action="approve change of setting")


def decline(asked: PendingChange, *, by: User) -> None:
    """The setting stays as it is. Every other Admin may say so. Raises NotYours, Decided."""
    if asked.by_id == by.id:
        raise NotYours(_("You asked for this yourself."), _("Withdraw it instead."))
    with audit.turn(asked.organisation_id):
        proof.hold_actor(by)
        _close(asked, ChangeState.DECLINED, by=by, action="decline change of setting")


def withdraw(asked: PendingChange, *, by: User) -> None:
    """The Admin who asked takes it back. Raises NotYours, Decided."""
    if asked.by_id != by.id:
        raise NotYours(_("Only the person who asked for this can withdraw it."), _("Decline it instead."))
    with audit.turn(asked.organisation_id):
        proof.hold_actor(by)
        _close(asked, ChangeState.WITHDRAWN, by=by, action="withdraw change of setting")


def approve_as_operator(asked: PendingChange, *, by: str) -> None:
    """The operator approves it, where no second Admin can. Raises Decided."""
    with audit.turn(asked.organisation_id):
        _take_effect(asked, ChangeState.APPROVED, by=by, action="approve change of setting")


def settle_due() -> None:
    """End each change that had no answer in time: the only Admin's takes effect, and all others expire."""
    for asked in list(PendingChange.select().where(PendingChange.state == ChangeState.WAITING)):
        try:
            with audit.turn(asked.organisation_id):
                _settle(asked)
        except Decided:
            continue


def _settle(asked: PendingChange) -> None:
    if not _asked_by_an_admin(asked):
        _close(asked, ChangeState.WITHDRAWN, by="portal", action="withdraw change of setting")
    elif asked.takes_effect_at is not None and asked.takes_effect_at <= now():
        _take_effect(asked, ChangeState.TOOK_EFFECT, by="portal", action="change of setting takes effect")
    elif asked.asked_at <= now() - LASTS:
        _close(asked, ChangeState.EXPIRED, by="portal", action="change of setting expires")


def withdraw_all_of(user: User, by: User | str) -> None:
    """Within a transaction: what this Admin asked for ends when they are one no longer."""
    mine = PendingChange.select().where(PendingChange.by == user, PendingChange.state == ChangeState.WAITING)
    for asked in list(mine):
        _close(asked, ChangeState.WITHDRAWN, by=by, action="withdraw change of setting")


users.WITH_AN_ADMIN.append(withdraw_all_of)


def _asked_by_an_admin(asked: PendingChange) -> bool:
    """Whether the Admin who asked may still ask: a change ends with their rights."""
    maker = User.get_or_none(User.id == asked.by_id)
    return maker is not None and maker.enabled and maker.access_level == AccessLevel.ADMIN


def _take_effect(asked: PendingChange, state: ChangeState, *, by: Any, action: str) -> None:
    """Within the organisation's turn: change the setting from what it was then. Raises Decided."""
    control, organisation = CONTROLS[asked.control], Organisation.get_by_id(asked.organisation_id)
    if control.read(organisation) != asked.before:
        raise Decided(
            _("This setting has changed since the request, so the request no longer applies."), _("Decline it.")
        )
    if not _asked_by_an_admin(asked):
        raise Decided(_("The person who asked for this is no longer an Admin."), _("Decline it."))
    _close(asked, state, by=by, action="")
    _write(organisation, asked.control, asked.before, asked.after, by=by, action=action)


def _close(asked: PendingChange, state: ChangeState, *, by: Any, action: str) -> None:
    """Within a transaction: end the waiting. action: for the audit log; empty when another line says it."""
    name = by if isinstance(by, str) else by.display_name
    mine = PendingChange.update(state=state, decided_by_name=name, decided_at=now())
    if not mine.where(PendingChange.id == asked.id, PendingChange.state == ChangeState.WAITING).execute():
        raise Decided()
    asked.state = state
    if action:
        _record(by, action, asked)


def _record(by: Any, action: str, asked: PendingChange, **detail: Any) -> None:
    control: Control = CONTROLS[asked.control]
    organisation = Organisation.get_by_id(asked.organisation_id)
    values = {"before": control.words(asked.before), "after": control.words(asked.after), "asked_by": asked.by_name}
    audit.record(by, action, organisation, organisation=organisation, setting=control.label, **values, **detail)


def sentence(asked: PendingChange) -> str:
    """The change in one line, for the command line."""
    control = CONTROLS[asked.control]
    values = f"from {control.words(asked.before)} to {control.words(asked.after)}"
    return f"{asked.id}: {control.label}, {values}, asked for by {asked.by_name}"


def waiting_for(organisation: Organisation, key: str = "") -> list[PendingChange]:
    """The changes of the organisation that wait: of this setting, or all."""
    query = waiting_changes(organisation)
    return list((query.where(PendingChange.control == key) if key else query).order_by(PendingChange.id))


def waiting_changes(organisation: Organisation) -> Any:
    """The changes of the organisation that wait, as a query."""
    return PendingChange.select().where(
        PendingChange.organisation == organisation, PendingChange.state == ChangeState.WAITING
    )


def decided(organisation: Organisation, *, most: int = 20) -> list[PendingChange]:
    """The changes that were decided on last."""
    query = PendingChange.select().where(
        PendingChange.organisation == organisation, PendingChange.state != ChangeState.WAITING
    )
    return list(query.order_by(PendingChange.decided_at.desc(), PendingChange.id.desc()).limit(most))
