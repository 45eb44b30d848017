"""The rules of leaving, coming back and leave of absence: one function per verb, as in provisioning/actions.py.

by: the user who asked for it, or the name of what in the portal did ("Timeline").
"""

from dataclasses import replace
from datetime import datetime

from portal import audit
from portal.accounts.models import Account, Status
from portal.accounts.place import Place
from portal.auth.models import User
from portal.connections.models import Connection
from portal.connections.offer import names_of
from portal.connectors import for_connection
from portal.connectors.mailboxes import Purpose, Reply
from portal.database import transaction
from portal.languages import gettext as _
from portal.leaving import replies, snapshots
from portal.leaving.models import Conversion, Kind, Snapshot
from portal.leaving.requests import (
    BeginAbsenceRequest,
    EndAbsenceRequest,
    FreeLicencesRequest,
    LeaveRequest,
    UndoLeaveRequest,
)  # fmt: skip
from portal.leaving.steps import may_have_happened, step_is_done
from portal.operations.models import Operation, State
from portal.operations.requests import Verb
from portal.people.models import Employee
from portal.problems import Problem
from portal.provisioning.actions import NothingToDo, recipient_of, start
from portal.reporting_lines import successions

ALL_BACK = _("Everything that can come back has come back already.")


class WaitsForMailbox(Problem):
    message = _("The mailbox is still to be converted to a shared one, so the licences stay.")
    next_step = _("Convert it, then press Check now on the account’s card; or skip it there.")


def leave(place: Place, request: LeaveRequest, *, by: User | str, run: int | None = None) -> Operation:
    """Take the account through a leaver's last day. The sign-in is blocked first; all else is noted before it is taken.

    What the application cannot do is left out of the request. Raises NoAccount; NothingToDo when it was done before.
    """
    account = place.need_account()
    if has_left(place):
        raise NothingToDo(
            _("%(name)s has left already, and all steps for the account are done.", name=place.employee.name)
        )
    can = place.service.capabilities
    asked = replace(request, run=run)
    if not can.has_mailbox:
        asked = replace(asked, reply=None, forward_to="", shared_mailbox=False)
    if asked.forward_to.casefold() == (account.email or account.username).casefold():
        raise NothingToDo(_("Mail cannot be forwarded to the mailbox that it comes from."), _("Choose a colleague."))
    return start(place, asked, by=by)


def has_left(place: Place) -> bool:
    """Whether the account has been through a leaver's day, and nothing of that was undone."""
    left = snapshots.open_of(place.employee, place.connection)
    account = place.account
    if left is None or account is None or account.status != Status.DEACTIVATED:
        return False
    return left.operation.verb == Verb.LEAVE and left.operation.state == State.DONE


def request_for(
    place: Place, *, inside: str = "", outside: str = "", forward: bool = False, forward_to: str = "",
    groups: bool = True, password: bool = True, shared_mailbox: bool = False, reports: bool = True,
) -> LeaveRequest:  # fmt: skip
    """What is asked for by an organisation's choices, with the successor of the Profile for all that needs one.

    inside, outside: texts of the automatic reply, with placeholders; empty ones for no reply. forward_to: an address
    that the organisation has chosen for all; empty, or the leaver's own, for the colleague. groups: left, and those
    that the employee owns go to the colleague.
    """
    employee = place.employee
    heir = heir_of(place)
    successor = heir.employee if heir else None
    reply = replies.build(employee, successor, inside=inside, outside=outside) if inside else None
    return LeaveRequest(
        reports=reports and employee.successor is not None, heir=heir.remote_id if heir and groups else "",
        password=password, reply=reply,
        forward_to=_forward_to(place, heir, forward_to) if forward else "", groups=groups,
        shared_mailbox=shared_mailbox,
    )  # fmt: skip


def _forward_to(place: Place, heir: Account | None, chosen: str) -> str:
    account = place.need_account()
    if chosen and chosen.casefold() not in (account.email.casefold(), account.username.casefold()):
        return chosen
    return (heir.email or heir.username) if heir else ""


def heir_of(place: Place) -> Account | None:
    """The account there of who takes over: the successor on the Profile, else the manager; None without one."""
    for person in (place.employee.successor, place.employee.manager):
        account = Account.live_of(person, place.connection) if person is not None else None
        if account is not None and account.status == Status.ACTIVE:
            return account
    return None


def take_licences(place: Place, *, by: User | str, run: int | None = None) -> Operation:
    """Take the leaver's licences away. Raises NoAccount; WaitsForMailbox; NothingToDo for an account that is active.

    Where the mailbox was to be converted, it is asked first whether it is.
    """
    account = place.need_account()
    if account.status != Status.DEACTIVATED:
        raise NothingToDo(_("The sign-in is not blocked, so the licences stay."), _("Deactivate the account first."))
    if conversion_of(place) == Conversion.PLANNED and not check_conversion(place, by=by):
        raise WaitsForMailbox()
    return start(place, FreeLicencesRequest(run=run, names=names_of(place.connection, account.licence_ids)), by=by)


def conversion_of(place: Place) -> Conversion:
    """What became of the mailbox that a person is to convert to a shared one."""
    noted = snapshots.open_of(place.employee, place.connection)
    return Conversion(noted.shared_mailbox) if noted is not None else Conversion.NOT_WANTED


def check_conversion(place: Place, *, by: User | str) -> bool:
    """Ask the application whether the mailbox is a shared one now, and note it if so. Raises ConnectorError."""
    mailbox = for_connection(place.connection).mailbox(place.need_account().remote_id)
    if not mailbox.exists or mailbox.purpose is not Purpose.SHARED:
        return False
    _note_conversion(place, Conversion.VERIFIED, "shared mailbox found", by)
    return True


def skip_conversion(place: Place, *, by: User | str) -> None:
    """The mailbox stays as it is, and is deleted 30 days after the licence goes."""
    _note_conversion(place, Conversion.SKIPPED, "skip shared mailbox", by)


def _note_conversion(place: Place, conversion: Conversion, what: str, by: User | str) -> None:
    noted = snapshots.open_of(place.employee, place.connection)
    if noted is None:
        raise NothingToDo(_("No conversion is planned, so nothing was changed."))
    with transaction():
        planned = (Snapshot.id == noted.id) & (Snapshot.shared_mailbox == Conversion.PLANNED)
        if Snapshot.update(shared_mailbox=conversion).where(planned).execute():
            audit.record(by, what, place.employee)


def undo(
    place: Place, *, how: str = "", send_at: datetime | None = None, wait: bool = False, end_date: bool = False,
    by: User | str, run: int | None = None,
) -> Operation:  # fmt: skip
    """Give back what leaving took, as far as it can come back. Pressed again, it gives only what is still missing.

    An account that was deleted since is restored first. how: of the fresh password, as in resend_login_information.
    wait, end_date: as of UndoLeaveRequest. Raises NoAccount; NothingToDo when everything has come back.
    """
    employee, gone = place.employee, deleted_of(place)
    account = gone or place.need_account()
    noted = snapshots.open_of(employee, place.connection)
    if noted is None:
        raise NothingToDo(ALL_BACK)
    password = needs_password(noted)
    how = how or ("send" if employee.personal_email else "show")
    asked = UndoLeaveRequest(
        run=run, snapshot=noted.id, remote_id=gone.remote_id if gone else "", wait=wait, password=password,
        hand_over=how, send_at=send_at, end_date=end_date and employee.end_date is not None,
        recipient=recipient_of(employee, how),
    )  # fmt: skip
    return start(place, asked, by=by, password=place.service.temporary_password(account.username) if password else "")


def deleted_of(place: Place) -> Account | None:
    """The account that went after leaving, while it is the last one known there; None while there is one."""
    if place.account is not None:
        return None
    mine = (Account.employee == place.employee) & (Account.connection == place.connection)
    latest = Account.select().where(mine).order_by(Account.id.desc()).first()
    return latest if latest is not None and latest.detached_by == "deleted" else None


def needs_password(noted: Snapshot) -> bool:
    """Whether leaving has made the password useless, and nothing has set a fresh one since."""
    if not may_have_happened(noted.operation, "password"):
        return False
    later = Operation.select().where(
        Operation.employee == noted.employee_id, Operation.connection == noted.connection_id,
        Operation.id > noted.operation_id, Operation.verb.in_((Verb.UNDO_LEAVE, Verb.RESEND, Verb.ALLOW)),
        Operation.state == State.DONE,
    )  # fmt: skip
    return not any(step_is_done(operation, "password") for operation in later)


def who_need_a_password(connection: Connection, employee_ids: list[int]) -> set[int]:
    """Those of the employees whose leaving there made the password useless."""
    noted = Snapshot.select().where(
        Snapshot.connection == connection, Snapshot.employee.in_(employee_ids), Snapshot.kind == Kind.LEAVER,
        Snapshot.ended_at.is_null(),
    )  # fmt: skip
    return {one.employee_id for one in noted if needs_password(one)}


def give_waiting_licences(noted: Snapshot, *, by: User | str) -> Operation:
    """Give the licences that waited for a seat. Raises NoAccount, NothingToDo, Busy."""
    place = Place.of(noted.employee, noted.connection)
    place.need_account()
    asked = UndoLeaveRequest(snapshot=noted.id, wait=True, password=False, licences_only=True)
    return start(place, asked, by=by)


def begin_absence(place: Place, *, reply: Reply | None = None, by: User | str, run: int | None = None) -> Operation:
    """Block the sign-in for a leave of absence, and reply automatically meanwhile. Licences and groups stay.

    Raises NoAccount; NothingToDo when the account is deactivated.
    """
    account = place.need_account()
    if account.status != Status.ACTIVE:
        raise NothingToDo(_("The account of %(name)s is already deactivated.", name=place.employee.name))
    reply = reply if place.service.capabilities.has_mailbox else None
    return start(place, BeginAbsenceRequest(run=run, reply=reply), by=by)


def end_absence(place: Place, *, by: User | str, run: int | None = None) -> Operation:
    """Allow the sign-in again after a leave of absence, with the automatic reply as it was before.

    Raises NoAccount; NothingToDo when the account is active.
    """
    account = place.need_account()
    if account.status == Status.ACTIVE:
        raise NothingToDo(_("%(name)s can sign in already.", name=place.employee.name))
    noted = snapshots.open_of(place.employee, place.connection, Kind.ABSENCE)
    return start(place, EndAbsenceRequest(run=run, snapshot=noted.id if noted else 0), by=by)


def reports_to_hand_over(employee: Employee) -> int:
    """How many would be handed over to the successor; 0 where none is chosen, or none reports to them."""
    if employee.successor is None or employee.end_date is None:
        return 0
    return successions.reports_of(employee).count()
