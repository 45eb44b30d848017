"""The rules of each verb: one function per verb. Each writes an Operation down; then the engine carries it out.

Every verb is given the place it acts at, and raises NotConnected when the application was disconnected meanwhile.
by: the user who asked for it, or the name of what in the portal did ("Timeline").
run: the number of the Run that the operation is part of, and which carries it out; None to carry it out at once.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from peewee import IntegrityError

from portal import audit, vault
from portal.accounts import fields, licences
from portal.accounts.models import Account, Status
from portal.accounts.place import Place
from portal.auth.models import User
from portal.committing import write
from portal.connections.live import must_be_live
from portal.connections.models import Connection
from portal.connections.offer import names_of
from portal.connectors import SERVICES
from portal.connectors.errors import ConnectorError
from portal.database import lock_name, lock_row
from portal.languages import gettext as _
from portal.languages import joined
from portal.operations import engine
from portal.operations.jobs import carry_on
from portal.operations.models import Operation
from portal.operations.requests import (
    AllowRequest,
    CreateRequest,
    DeactivateRequest,
    ForUsername,
    LicenceRequest,
    LinkRequest,
    PassRequest,
    ReactivateRequest,
    Request,
    ResendRequest,
    UnlinkRequest,
)  # fmt: skip
from portal.people.models import Employee
from portal.problems import Problem
from portal.provisioning import usernames
from portal.provisioning.taken import to_give_back
from portal.provisioning.updates import make_way, request_update
from portal.theirs import looking
from portal.theirs.looking import Look


class NothingToDo(Problem):
    """The account is already as asked, so nothing was done."""


AGAIN = _("Check the employee’s page and the account, then decide again.")


class UnderWay(NothingToDo):
    """Something else came first there, so this one did not start. It can, a moment later."""

    # Programs know both by one word.
    @property
    def kind(self) -> str:
        return "nothing-to-do"


class NameTaken(Problem):
    """Another account, or one that is being created, has this username. Nothing was created."""

    next_step = _("Choose another username.")


class MayHaveOne(Problem):
    """This employee may have an account already, so nothing was created. look: which, and what could not be checked."""

    status = 422
    next_step: str = _("Link that account, or choose to create another one.")

    def __init__(self, employee: Employee, look: Look):
        names = joined(*(one.told for one in look.candidates), by=", ")
        words = _("%(name)s may have an account already: %(names)s.", name=employee.name, names=names) if names else ""
        super().__init__(joined(words, look.unchecked))
        self.look = look


class Busy(Problem):
    message = _("Another change is under way for this employee.")
    next_step = _("Wait until it has ended.")


@dataclass(frozen=True)
class AccountRequest:
    """What the create form asks for. send_at: None for now; on_start: it is the morning of the first day.

    hand_over: "send" or "show" (once, to the admin).
    blocked: nobody can sign in before `allow_sign_in`, which hands the login information over; this does not then.
    groups: the account joins the groups of the rules.
    """

    username: str
    blocked: bool = False
    licence_id: str = ""
    licence_name: str = ""
    unit: str = ""
    groups: bool = True
    update_company_email: bool = False
    hand_over: str = "send"
    send_at: datetime | None = None
    on_start: bool = False


def look_first(place: Place) -> None:
    """Raises MayHaveOne when the employee may have an account already; ConnectorError when there is no answer."""
    found = looking.look(place.employee, place.connection)
    if found:
        raise MayHaveOne(place.employee, found)


def create_account(
    place: Place,
    request: AccountRequest,
    *,
    by: User | str,
    another: bool = False,
    look: str = "now",
    run: int | None = None,
) -> Operation:
    """Create the employee's account in the tenant of this connection, and hand the login information over.

    another: the user chose to create it although one may be theirs already. look: when the portal checks for one:
    "now"; "later", as the operation's first step, as it is too when the tenant does not answer now; "done" before.
    Returns the operation as far as it got. Raises NothingToDo when the employee has an account there already;
    MayHaveOne; NameTaken when another employee has the username, or is getting it at this moment.
    """
    employee, connection = place.employee, place.connection
    if place.account is not None:
        raise NothingToDo(_("%(name)s already has an account: nothing was created.", name=employee.name))
    if look == "now" and not another:
        try:
            look_first(place)
        except ConnectorError:
            look = "later"
    asked = CreateRequest(
        run=run,
        look=look == "later" and not another,
        blocked=request.blocked,
        username=request.username,
        display_name=employee.name,
        country=licences.country_to_send(employee, connection),
        fields=fields.at_creation(employee, connection, request.update_company_email),
        record=fields.record_of(employee, connection),
        licence_id=request.licence_id,
        licence_name=request.licence_name,
        unit=request.unit,
        groups=request.groups,
        manager=manager_has_one(place),
        update_company_email=request.update_company_email,
        hand_over=request.hand_over,
        recipient=recipient_of(employee, request.hand_over),
        send_at=request.send_at,
        on_start=request.on_start,
    )
    return start(place, asked, by=by, password=place.service.temporary_password(request.username))


def _reserve(username: str, place: Place) -> None:
    """Two who start in the same second take turns here, so that only one gets the name. Raises NameTaken."""
    # Nobody can end the connection meanwhile. Others who start here need not wait, except for this name.
    lock_row(Connection, place.connection.id, shared=True)
    lock_name(f"username {place.connection.id} {username}")
    if usernames.is_reserved(username, place.connection, but_for=place.employee):
        raise NameTaken(_("%(username)s is taken.", username=username))


def manager_has_one(place: Place) -> bool:
    """Whether the employee has a manager who has an account at the same application."""
    manager_id = place.employee.manager_id
    return manager_id is not None and Account.any_of(manager_id, place.connection)


def recipient_of(employee: Employee, how: str) -> str:
    """Where the login information goes; empty when it is shown instead."""
    return employee.personal_email if how == "send" else ""


def deactivate_account(place: Place, *, by: User | str, run: int | None = None) -> Operation:
    """Block the employee's sign-in and revoke open sessions, where the application has any.

    Raises NoAccount; NothingToDo when the account is deactivated already.
    """
    account = place.need_account()
    if account.status == Status.DEACTIVATED:
        raise NothingToDo(_("The account of %(name)s is already deactivated.", name=place.employee.name))
    taken = licences.to_take(account)
    asked = DeactivateRequest(run=run, before=account.status, take_licences=bool(taken), names=taken)
    return start(place, asked, by=by)


def reactivate_account(place: Place, *, by: User | str, run: int | None = None) -> Operation:
    """Allow the employee's sign-in again. Raises NoAccount; NothingToDo when the account is active."""
    account = place.need_account()
    if account.status == Status.ACTIVE:
        raise NothingToDo(_("The account of %(name)s is already active.", name=place.employee.name))
    asked = ReactivateRequest(run=run, before=account.status, give_back=to_give_back(account))
    return start(place, asked, by=by)


def allow_sign_in(
    place: Place, *, how: str = "", with_pass: bool = False, by: User | str, run: int | None = None
) -> Operation:
    """Let the employee sign in to the account that was made ahead of the first day, and hand a fresh password over.

    The password goes out only once the account shows both. how: as in resend_login_information; empty for "send" where
    there is a personal address, else "show". with_pass: a pass behind a link instead of the password, where the person
    may have one. Raises NoAccount; NothingToDo for an account that is active.
    """
    account, employee = place.need_account(), place.employee
    if account.status == Status.ACTIVE:
        raise NothingToDo(_("%(name)s can sign in already.", name=employee.name))
    how = _how(employee, how)
    password = place.service.temporary_password(account.username)
    asked = AllowRequest(run=run, hand_over=how, recipient=recipient_of(employee, how), with_pass=with_pass)
    return start(place, asked, by=by, password=password)


def _how(employee: Employee, how: str) -> str:
    """Raises NothingToDo where nothing can be sent."""
    if how == "send" and not employee.personal_email:
        raise NothingToDo(_("%(name)s has no personal email, so nothing was sent.", name=employee.name))
    return how or ("send" if employee.personal_email else "show")


def hand_out_pass(place: Place, *, how: str = "", by: User | str, run: int | None = None) -> Operation:
    """Make a pass with which the employee signs in for some hours, and hand it over behind a link.

    Where the person may have none, a fresh temporary password goes by link instead. how: as in allow_sign_in. Raises
    NoAccount; NothingToDo for an account that is deactivated, and for an application that has no passes.
    """
    account, employee = place.need_account(), place.employee
    if not place.service.capabilities.has_passes:
        raise NothingToDo(_("%(service)s has no passes, so none was made.", service=place.service.name))
    if account.status != Status.ACTIVE:
        raise NothingToDo(_("The account is deactivated: reactivate it first."))
    how = _how(employee, how)
    password = place.service.temporary_password(account.username)
    asked = PassRequest(run=run, hand_over=how, recipient=recipient_of(employee, how))
    return start(place, asked, by=by, password=password)


def change_licences(
    place: Place, *, add: Iterable[str], remove: Iterable[str], by: User | str, run: int | None = None
) -> Operation:
    """Give the account these licences and take those, by licence id, in one go.

    Raises NoAccount; NothingToDo when both are empty.
    """
    connection = place.need_account().connection
    if not place.service.capabilities.has_licences:
        raise NothingToDo(_("%(service)s has no licences, so nothing was changed.", service=place.service.name))
    added, removed = sorted(add), sorted(remove)
    if not added and not removed:
        raise NothingToDo(_("No licence was ticked or unticked, so nothing was changed."))
    asked = LicenceRequest(
        run=run, add=added, remove=removed, names=names_of(connection, [*added, *removed]),
        country=licences.country_to_send(place.employee, connection),
    )  # fmt: skip
    return start(place, asked, by=by)


def resend_login_information(
    place: Place, *, how: str, send_at: datetime | None = None, on_start: bool = False, by: User | str,
    run: int | None = None,
) -> Operation:  # fmt: skip
    """Set a fresh temporary password and hand it over. The earlier one stops working.

    how: "send" to the personal address, or "show" once to the admin. on_start: send_at is the morning of the first day,
    and follows it. Raises NoAccount; NothingToDo for an account that
    is deactivated, and for an employee without a personal address.
    """
    account, employee = place.need_account(), place.employee
    if account.status != Status.ACTIVE:
        raise NothingToDo(_("The account is deactivated: reactivate it first."))
    how = _how(employee, how)
    password = place.service.temporary_password(account.username)
    recipient = recipient_of(employee, how)
    asked = ResendRequest(run=run, hand_over=how, recipient=recipient, send_at=send_at, on_start=on_start)
    return start(place, asked, by=by, password=password)


def link_account(
    place: Place, remote_id: str, *, by: User | str, send_record: bool = False, run: int | None = None
) -> Operation:
    """Take an existing account of the tenant for this employee's.

    send_record: the HR record follows soon; else it does when it next changes. Raises NothingToDo when one of the two
    is linked already.
    """
    if place.account is not None:
        raise NothingToDo(_("%(name)s already has an account: unlink it first.", name=place.employee.name))
    check_choice(place.connection, remote_id)
    asked = LinkRequest(run=run, remote_id=remote_id, manager=manager_has_one(place), send_record=send_record)
    return start(place, asked, by=by)


def check_id(connection: Connection, remote_id: str) -> None:
    """Raises NothingToDo for what names no account."""
    if not SERVICES[connection.service].capabilities.account_id.fullmatch(remote_id):
        raise NothingToDo(
            _("No account was chosen, so nothing was done."), _("Search for it, then choose it from the list.")
        )


def check_choice(connection: Connection, remote_id: str) -> None:
    """Raises NothingToDo for what names no account, and for an account that another employee has."""
    check_id(connection, remote_id)
    holder = Account.get_or_none(
        Account.connection == connection, Account.remote_id == remote_id, Account.detached_at.is_null()
    )
    if holder is not None:
        raise NothingToDo(_("That account is already linked to %(name)s.", name=holder.employee.name))


def update_account(place: Place, *, by: User | str, only: str = "", run: int | None = None) -> Operation:
    """Send the employee's record to the account now. only: this field alone.

    Raises NoAccount; NothingToDo while busy.
    """
    must_be_live(place.connection)
    operation = request_update(place.need_account(), by=by, always=True, only=only, run=run)
    if operation is None:
        raise NothingToDo(_("Another change is under way for this employee. We’ll check again when it finishes."))
    return carry_on(operation) if run is None else operation


def unlink_account(place: Place, *, by: User) -> Operation:
    """Take the link away; the account itself stays as it is. Raises NoAccount."""
    place.need_account()
    return start(place, UnlinkRequest(), by=by)


def start(place: Place, request: Request, *, by: User | str, password: str = "") -> Operation:
    """Write the operation down, then carry it out. A second press returns what the first one started.

    Raises NotConnected when the connection was ended since it was loaded; NameTaken; UnderWay while something else is
    open for the employee at this application, or when the account is no longer theirs; NothingToDo when one came in
    between. One of a Run is left to it, in whose hands it is; then Busy is raised while another one is open.
    """
    try:
        operation = write(lambda: _write_down(place, request, by, password))
    except IntegrityError:
        if request.run is not None:
            raise Busy() from None
        running = Operation.latest_of(place.employee, place.connection)
        if running is None:
            raise
        if running.verb != request.VERB:
            raise UnderWay(
                _(
                    "Another change is under way for %(name)s (%(words)s), so this one did not start. "
                    "Try again when it is done.",
                    name=place.employee.name,
                    words=running.words,
                )
            ) from None
        return running
    return carry_on(operation, ours=True) if request.run is None else operation


def _write_down(place: Place, request: Request, by: User | str, password: str) -> Operation:
    """Within a transaction: the operation, in our hands already. Raises IntegrityError while another one is open."""
    employee, connection = place.employee, place.connection
    username = request.username if isinstance(request, ForUsername) else ""
    if username:
        _reserve(username, place)
    must_be_live(connection)
    make_way(request.VERB, employee, connection)
    if place.account is None and Account.any_of(employee, connection):
        raise NothingToDo(_("%(name)s got an account in the meantime, so nothing was done.", name=employee.name))
    operation = engine.start(
        request, organisation=employee.organisation, employee=employee, connection=connection,
        account=place.account, by=by if isinstance(by, User) else None,
        by_name=by.display_name if isinstance(by, User) else by,
        encrypted_password=vault.encrypt(password) if password else "",
    )  # fmt: skip
    # Asked once ours is the one that is open: no other can take the link away any more.
    if place.account is not None and not Account.is_live(place.account):
        raise UnderWay(_("The account is no longer linked to this employee."), AGAIN)
    audit.record(by, operation.words, employee, operation=operation.id, username=username or None)
    return operation
