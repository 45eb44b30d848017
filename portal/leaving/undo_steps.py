"""The steps of Undo leaving: each line comes back for itself, and what was changed since stays as it is."""

from typing import Any

from portal.accounts.known import remember_account, shown
from portal.connections.offer import names_of
from portal.connectors.errors import NoMailbox, NotFound, OutOfSeats, Refused
from portal.connectors.values import NOBODY
from portal.languages import N_, joined, ngettext, stored
from portal.languages import gettext as _
from portal.leaving import replies, snapshots
from portal.leaving.models import Snapshot
from portal.leaving.requests import ForReply, FromSnapshot, UndoLeaveRequest
from portal.leaving.snapshots import Contents
from portal.leaving.steps import snapshot_of
from portal.operations.models import Operation
from portal.operations.work import Outcome, Work
from portal.people import actions as people
from portal.people.models import Employee, MovedReport
from portal.provisioning import licence_steps, steps
from portal.reporting_lines import successions
from portal.reporting_lines.successions import CannotTakeOver

AS_IT_WAS = _("It is as it was.")


def noted(operation: Operation) -> Contents:
    """What was noted before it was taken."""
    return snapshots.contents_of(_snapshot(operation))


def _snapshot(operation: Operation) -> Snapshot:
    return snapshot_of(operation, operation.request_as(FromSnapshot).snapshot)


def left(work: Work, *sentences: str) -> dict[str, Any]:
    """For the operation's results: what did not come back, in sentences."""
    return {"left": [*work.operation.results.get("left", []), *map(stored, sentences)]}


def forget_end_date(work: Work) -> Outcome:
    """The employee stays, so the Profile has no last day any more, and nobody who takes over."""
    operation, employee = work.operation, work.operation.employee
    before = employee.end_date.isoformat() if employee.end_date else "none"

    def save() -> None:
        by = operation.by or operation.by_name or "portal"
        people.edit_employee(employee, {"end_date": None, "successor": None}, by=by)

    return Outcome(before={N_("last day"): before}, after={N_("last day"): N_("none")}, save=save)


def give_licences(work: Work) -> Outcome:
    """Give the licences back, each with the parts it had. Those without a seat are waited for, if that was asked."""
    held = noted(work.operation).licences
    names = names_of(work.operation.connection, held)
    missing, refused = licence_steps.give_missing(work, names, held)
    waiting = [key for key, error in refused.items() if isinstance(error, OutOfSeats)]
    others = [
        _("%(licence)s: %(message)s", licence=missing[key], message=error.message)
        for key, error in refused.items()
        if key not in waiting
    ]
    given = ", ".join(name for key, name in missing.items() if key not in refused)
    sentences = [*([seats_sentence([missing[key] for key in waiting])] if waiting else []), *others]
    return Outcome(
        after={N_("licences"): given or N_("none")},
        note=joined(*sentences) or ("" if missing else AS_IT_WAS),
        remember={"waiting": waiting, "changed_licences": list(held), **left(work, *sentences)},
    )


def seats_sentence(names: list[str]) -> str:
    """ "1 licence waits for a seat: Business Standard." """
    return ngettext(
        "%(num)s licence waits for a seat: %(names)s.",
        "%(num)s licences wait for a seat: %(names)s.",
        len(names),
        names=", ".join(names),
    )


def give_manager(work: Work) -> Outcome:
    """Set the manager again where there is none now. Another one stays."""
    contents = noted(work.operation)
    now = work.connector.manager_of(work.remote_id)
    if not contents.manager_id or now.id == contents.manager_id:
        return Outcome(note=AS_IT_WAS)
    if now != NOBODY:
        words = _(
            "The manager is now %(now)s, and stays. It was %(manager)s before.",
            now=now.name,
            manager=contents.manager_name,
        )
        return Outcome(note=words, remember=left(work, words))
    try:
        work.connector.set_manager(work.remote_id, contents.manager_id)
    except NotFound as error:
        # The account itself is there: `find` says so, or raises.
        work.connector.find(work.remote_id)
        raise error.worded(
            _("%(manager)s, the previous manager, no longer has an account.", manager=contents.manager_name),
            next_step=_("Choose another manager on the Profile."), kind=Refused,
        ) from error  # fmt: skip
    return Outcome(after={N_("manager"): contents.manager_name})


def give_reports(work: Work) -> Outcome:
    """Those who were moved to another manager report to the employee again, unless they were moved on since."""
    operation = work.operation
    # As it is now: its last day may have been taken off by an earlier step.
    employee = Employee.get_by_id(operation.employee_id)
    moved = list(MovedReport.select().where(MovedReport.leaver == employee))
    back = {row.id for row in successions.to_move_back(employee)}
    if not moved:
        return Outcome(note=AS_IT_WAS)
    if employee.end_date is not None:
        words = _(
            "%(name)s’s reports stay with their new manager, since the Profile still has a last day.",
            name=employee.name,
        )
        return Outcome(note=words, remember=left(work, words))
    names = [row.employee.name for row in moved if row.id in back]
    moved_on = [
        _("%(name)s has another manager now, and stays there.", name=row.employee.name)
        for row in moved
        if row.id not in back
    ]

    def save() -> None:
        try:
            successions.move_back(employee, by=operation.by or operation.by_name or "portal")
        except CannotTakeOver as problem:
            raise Refused(problem.message) from problem

    return Outcome(
        after={N_("report to them again"): ", ".join(names) or N_("none")}, note=joined(*moved_on),
        remember=left(work, *moved_on), save=save,
    )  # fmt: skip


def give_reply(work: Work) -> Outcome:
    """The automatic reply as it was before ours. One that was changed since stays."""
    operation = work.operation
    snapshot = _snapshot(operation)
    before, ours = snapshots.contents_of(snapshot).reply, snapshot.operation.request_as(ForReply).reply
    if before is None or ours is None:
        return Outcome(note=AS_IT_WAS)
    now = work.connector.mailbox(work.remote_id).reply
    if now is None:
        # A mailbox whose licence has only now come back is not there at once.
        return Outcome(note=_("There is no mailbox yet."), remember=left(work, _("There is no mailbox yet.")))
    if replies.same(now, before):
        return Outcome(note=AS_IT_WAS)
    if not replies.same(now, ours):
        words = _("The automatic reply has been changed since, and stays.")
        return Outcome(note=words, remember=left(work, words))
    try:
        work.connector.set_reply(work.remote_id, before)
    except NoMailbox:
        return Outcome(note=_("There is no mailbox yet."))
    return Outcome(after={N_("automatic reply"): _("as before: %(status)s", status=replies.in_words(before))})


def stop_forward(work: Work) -> Outcome:
    """Delete the rules that the portal made, and no other."""
    ours = [forward for forward in work.connector.mailbox(work.remote_id).forwards if forward.ours]
    for forward in ours:
        work.connector.clear_forward(work.remote_id, forward.id)
    return Outcome(after={N_("mail"): _("is no longer forwarded")}) if ours else Outcome(note=AS_IT_WAS)


def read_back(work: Work) -> Outcome:
    """Read the account again: as active, unless only licences were given."""
    if not work.operation.request_as(UndoLeaveRequest).licences_only:
        return steps.read_back_active(work)
    account = work.account
    remote = work.connector.with_licences(work.connector.find(work.remote_id), list(noted(work.operation).licences))
    return Outcome(after=shown(remote), save=lambda: remember_account(account, remote))


def had_mailbox(operation: Operation) -> bool:
    """Whether something of a mailbox was noted, so that there may be something to give back."""
    asked = operation.request_as(FromSnapshot)
    return bool(asked.snapshot) and noted(operation).reply is not None
