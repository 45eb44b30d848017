"""The rules of deleting an account: who may ask, who may approve, and when nobody may."""

from datetime import timedelta

from portal import audit
from portal.accounts.models import Account, Status
from portal.accounts.place import Place
from portal.auth import proof
from portal.auth.models import User
from portal.connections.settings import settings_of
from portal.controls import second_admin
from portal.database import now
from portal.deleting.models import Deletion, DeletionState
from portal.languages import gettext as _
from portal.operations.models import Operation
from portal.operations.requests import DeleteRequest
from portal.problems import Problem
from portal.provisioning.actions import start

LASTS = timedelta(days=7)


class MayNot(Problem):
    """This account cannot be deleted from here."""

    status = 409


class NotYours(Problem):
    message = _("You cannot decide on this deletion.")
    status = 403
    next_step = _("Ask another Admin to decide.")


class Decided(Problem):
    message = _("An Admin has already decided on this, or nobody decided within seven days.")
    status = 409
    next_step = _("Ask for it again if you still want the account deleted.")


def allowed(place: Place) -> bool:
    """Whether the organisation lets accounts be deleted at this application, where a deleted one can be restored."""
    return place.service.capabilities.restores and settings_of(place.connection).may_delete


def waiting_for(account: Account) -> Deletion | None:
    """What an Admin asked for, and nobody has decided yet."""
    mine = (Deletion.account == account) & (Deletion.state == DeletionState.WAITING)
    return Deletion.get_or_none(mine, Deletion.asked_at > now() - LASTS)


def check(place: Place) -> Account:
    """The account, if it may be deleted. Raises MayNot, NoAccount."""
    account = place.need_account()
    if not allowed(place):
        raise MayNot(
            _("Your organisation does not let accounts be deleted from here."),
            _("An Admin can allow it under Settings > Add-ons > Licences, with the approval of a second Admin."),
        )
    if account.status != Status.DEACTIVATED or account.waits_for_start:
        raise MayNot(_("Only a deactivated account can be deleted."), _("Deactivate it first."))
    return account


def ask(place: Place, *, by: User) -> Deletion:
    """Write down that an Admin wants the account deleted. Nothing happens to it. Raises MayNot, NoAccount."""
    account = check(place)
    with audit.turn(place.connection.organisation_id):
        proof.hold_actor(by)
        if waiting := waiting_for(account):
            return waiting
        old = (Deletion.account == account) & (Deletion.state == DeletionState.WAITING)
        Deletion.update(state=DeletionState.WITHDRAWN).where(old).execute()
        asked = Deletion.create(
            organisation=place.connection.organisation_id, account=account, by=by, by_name=by.display_name
        )
        audit.record(by, "ask to delete account", place.employee, username=account.username)
    return asked


def why_not(asked: Deletion, user: User) -> str:
    """Why this Admin cannot approve it; empty when they can."""
    return second_admin.why_not(user, asked_by=asked.by_id, asked_at=asked.asked_at)


def approve(place: Place, asked: Deletion, *, by: User) -> Operation:
    """The word of a second Admin: the account is deleted now. Raises NotYours, Decided, MayNot, NoAccount."""
    account = check(place)
    with audit.turn(asked.organisation_id):
        proof.hold_actor(by)
        if problem := why_not(asked, User.get_by_id(by.id)):
            raise NotYours(problem)
        maker = User.get_or_none(User.id == asked.by_id)
        if maker is None or not maker.enabled or asked.account_id != account.id:
            raise Decided(_("The person who asked for this is no longer an Admin."))
        _decide(asked, DeletionState.APPROVED, by, "approve deletion of account", place)
    try:
        return start(place, DeleteRequest(asked_by=asked.by_name), by=by)
    except Problem:
        # Nothing was begun: the wish waits on, for this press again or for another Admin.
        waits = {"state": DeletionState.WAITING, "decided_by_name": "", "decided_at": None}
        Deletion.update(waits).where(Deletion.id == asked.id, Deletion.state == DeletionState.APPROVED).execute()
        raise


def decline(place: Place, asked: Deletion, *, by: User) -> None:
    """The account stays. The Admin who asked withdraws it so. Raises Decided."""
    own = asked.by_id == by.id
    with audit.turn(asked.organisation_id):
        proof.hold_actor(by)
        state = DeletionState.WITHDRAWN if own else DeletionState.DECLINED
        _decide(asked, state, by, "withdraw deletion of account" if own else "decline deletion of account", place)


def _decide(asked: Deletion, state: DeletionState, by: User, words: str, place: Place) -> None:
    mine = (Deletion.id == asked.id) & (Deletion.state == DeletionState.WAITING) & (Deletion.asked_at > now() - LASTS)
    changes = {"state": state, "decided_by_name": by.display_name, "decided_at": now()}
    if not Deletion.update(**changes).where(mine).execute():
        raise Decided()
    audit.record(by, words, place.employee, username=place.account.username if place.account else "")
