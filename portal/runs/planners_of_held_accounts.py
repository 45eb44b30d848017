"""What becomes of the accounts that people have."""

from typing import Any

from portal.accounts import fields, licences
from portal.accounts.known import look_at
from portal.accounts.models import Account, Status
from portal.connections import offer
from portal.connections.offer import names_of
from portal.connections.settings import settings_of
from portal.connectors import SERVICES, for_connection
from portal.connectors.errors import NotFound
from portal.connectors.values import Protection
from portal.hand_over.models import LoginMail, MailState
from portal.languages import gettext as _
from portal.languages import joined, listed
from portal.leaving import actions as leaving
from portal.operations.models import Operation
from portal.provisioning import actions
from portal.provisioning.taken import to_give_back_of
from portal.runs.models import Run, RunLine
from portal.runs.planners import LeftOut, Person, Planner, place_of, sent_at
from portal.theirs.rules import PROTECTED


class DeactivatePlanner(Planner):
    def __init__(self, run: Run):
        super().__init__(run)
        self.takes = settings_of(self.connection).licences_go_on_deactivate

    def look_at(self, person: Person) -> None:
        account = _changeable(person.account, Status.ACTIVE, _("Already deactivated."))
        taken = licences.own_of(account).values() if self.takes else ()
        words = _("Sign-in blocked, signed out everywhere")
        person.line.after = (
            _("Sign-in blocked, signed out everywhere, %(licences)s removed", licences=listed(taken))
            if taken
            else words
        )
        person.line.frees = len(taken)

    @staticmethod
    def begin(run: Run, line: RunLine) -> Operation:
        return actions.deactivate_account(place_of(run, line), by=run.starter, run=run.id)


class ReactivatePlanner(Planner):
    def __init__(self, run: Run):
        super().__init__(run)
        offer.read(self.connection)
        self.given_back: dict[int, list[str]] = {}
        self.without_password: set[int] = set()

    def prepare(self, persons: list[Person]) -> None:
        self.given_back = to_give_back_of([person.account for person in persons if person.account])
        self.without_password = leaving.who_need_a_password(self.connection, [person.employee.id for person in persons])

    def look_at(self, person: Person) -> None:
        account = _changeable(person.account, Status.DEACTIVATED, _("Already active."))
        if person.employee.id in self.without_password:
            self._with_password(person)
            return
        licence_ids = self.given_back[account.id]
        names = names_of(self.connection, licence_ids).values()
        person.line.seats = " ".join(sorted(licence_ids))
        person.line.after = (
            _("Active, with %(licences)s again", licences=listed(names)) if names else str(Status.ACTIVE)
        )

    def _with_password(self, person: Person) -> None:
        """Nobody knows the password that leaving has set."""
        if not person.employee.personal_email:
            raise LeftOut(
                _(
                    "Leaving has changed the password, and there is no personal email for a new one. "
                    "Use Undo leaving on the employee’s tab."
                )
            )
        person.line.after = _(
            "Active, with a new temporary password by email to %(address)s. "
            "Groups and licences come back with Undo leaving",
            address=person.employee.personal_email,
        )

    @staticmethod
    def begin(run: Run, line: RunLine) -> Operation:
        place = place_of(run, line)
        # Who has left gets a fresh password too: nobody knows the present one.
        if leaving.who_need_a_password(run.connection, [line.employee_id]):
            return actions.allow_sign_in(place, how="send", by=run.starter, run=run.id)
        return actions.reactivate_account(place, by=run.starter, run=run.id)


class ResendPlanner(Planner):
    """Says what happened to the login information before, since a fresh password ends the one that is in use."""

    def __init__(self, run: Run):
        super().__init__(run)
        self.mails: dict[int, LoginMail] = {}

    def prepare(self, persons: list[Person]) -> None:
        accounts = [person.account.id for person in persons if person.account]
        mails = LoginMail.select().where(LoginMail.account.in_(accounts)).order_by(LoginMail.id)
        self.mails = {login_mail.account_id: login_mail for login_mail in mails}

    def look_at(self, person: Person) -> None:
        account, line = _changeable(person.account), person.line
        if account.status != Status.ACTIVE:
            raise LeftOut(_("Deactivated. Reactivate the account first."))
        if not person.employee.personal_email:
            raise LeftOut(_("Has no personal email. Add one on the Profile, or use Resend on the employee’s tab."))
        before = self.mails.get(account.id)
        told = (
            BEFORE_RESEND.get(MailState(before.state), _("login information not sent"))
            if before
            else _("no email so far")
        )
        line.before = joined(line.before, told, by=" · ")
        line.after = _(
            "New temporary password by email to %(personal_email)s. The current one stops working",
            personal_email=person.employee.personal_email,
        )

    @staticmethod
    def begin(run: Run, line: RunLine) -> Operation:
        moment, on_start = sent_at(run, line)
        return actions.resend_login_information(
            place_of(run, line), how="send", send_at=moment, on_start=on_start, by=run.starter, run=run.id
        )


BEFORE_RESEND = {
    MailState.SENT: _("login email sent"), MailState.OPENED: _("link opened"),
    MailState.TO_OPEN: _("link not opened yet"),
    MailState.SHOWN: _("password shown"), MailState.UNKNOWN: _("login email may have been sent"),
    MailState.PAUSED: _("login email paused"), MailState.SCHEDULED: _("login email scheduled"),
}  # fmt: skip


class UpdatePlanner(Planner):
    def look_at(self, person: Person) -> None:
        account, line = _changeable(person.account), person.line
        sent: dict[str, Any] = account.fields_sent or {}
        wanted = fields.record_of(person.employee, self.connection)
        if account.fields_sent == wanted:
            raise LeftOut(_("Already up to date: nothing has changed in the HR record."))
        before = sent.get("fields", {})
        changed = [name for name, value in wanted["fields"].items() if before.get(name, "") != value]
        was = [_valued(name, before[name]) for name in changed if name in before]
        line.before = joined(line.before, *was, by="; ")
        line.after = joined(*(_valued(name, wanted["fields"][name]) for name in changed), by="; ")
        if sent.get("manager_id") != wanted["manager_id"] or not changed:
            line.after = joined(line.after, fields.LABELS["manager"], by="; ")

    @staticmethod
    def begin(run: Run, line: RunLine) -> Operation:
        return actions.update_account(place_of(run, line), by=run.starter, run=run.id)


def _valued(name: str, value: Any) -> str:
    return _("%(label)s: %(value)s", label=fields.LABELS[name], value=value or "–")


class LicencePlanner(Planner):
    def __init__(self, run: Run):
        super().__init__(run)
        offer.read(self.connection)
        self.add, self.remove = set(run.options.get("add", [])), set(run.options.get("remove", []))

    def look_at(self, person: Person) -> None:
        account = _changeable(person.account)
        service = SERVICES[self.connection.service]
        if not service.capabilities.has_licences:
            raise LeftOut(_("%(name)s has no licences.", name=service.name))
        held = names_of(self.connection, account.licence_ids)
        gained, lost = self.add - set(held), self.remove & set(licences.own_of(account))
        if not gained and not lost:
            raise LeftOut(_("Already has exactly these licences."))
        if gained and licences.lacks_country(person.employee, self.connection):
            raise LeftOut(_("A licence needs a country. Enter it on the Profile."))
        kept = (set(held) - lost) | gained
        person.line.seats, person.line.frees = " ".join(sorted(gained)), len(lost)
        person.line.before = joined(person.line.before, ", ".join(held.values()) or _("No licence"), by=" · ")
        person.line.after = ", ".join(names_of(self.connection, kept).values()) or _("No licence")

    @staticmethod
    def begin(run: Run, line: RunLine) -> Operation:
        add, remove = run.options.get("add", []), run.options.get("remove", [])
        return actions.change_licences(place_of(run, line), add=add, remove=remove, by=run.starter, run=run.id)


def _changeable(account: Account | None, status: Status | None = None, already: str = "") -> Account:
    """The account, if it can be changed and has this status. Raises LeftOut."""
    if account is None or account.read_at is None:
        raise LeftOut(_("Has no account."))
    if account.protections and (still := _protections_now(account)):
        raise LeftOut(PROTECTED[sorted(still)[0]])
    if status is not None and account.status != status:
        raise LeftOut(already)
    return account


def _protections_now(account: Account) -> frozenset[Protection]:
    """What protects the account today: the role that was noted may have been taken since. Raises LeftOut."""
    try:
        return look_at(for_connection(account.connection), account)[1]
    except NotFound as error:
        raise LeftOut(error.message) from error
