"""What each verb would do for one person: what is decided here is what the plan shows."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from peewee import fn

from portal.accounts import fields, licences
from portal.accounts.known import look_at
from portal.accounts.models import Account, Status
from portal.accounts.naming import candidates, naming_of
from portal.connections import offer
from portal.connections.offer import name_of, names_of
from portal.connections.settings import NO_LICENCE, settings_of
from portal.connectors import SERVICES, for_connection
from portal.connectors.base import Protection
from portal.connectors.errors import NotFound
from portal.database import now
from portal.hand_over.models import LoginMail, MailState
from portal.languages import gettext as _
from portal.languages import joined, listed
from portal.leaving import actions as leaving
from portal.operations.requests import Verb
from portal.people.models import Employee
from portal.provisioning import usernames
from portal.provisioning.taken import to_give_back_of
from portal.runs.models import BY_RULE, LineState, Run, RunLine
from portal.templating import local_date
from portal.theirs import apart
from portal.theirs.rules import NEVER_LINKED, PROTECTED, STRONG, LinkOffer, because, why
from portal.theirs.tenant_index import TenantIndex


class LeftOut(Exception):
    """Why this person is not part of the Run, in one sentence."""


def leave_out_who_left(employee: Employee, today: date) -> None:
    """Raises LeftOut for somebody whose last day is over. today: in the organisation’s zone."""
    if employee.end_date is not None and employee.end_date < today:
        raise LeftOut(_("Has left the organisation."))


@dataclass
class Person:
    """A line of the Run, and what there is of the employee's account. busy: an operation is under way.

    outside: they are no longer of the part to which the Run is held.
    """

    line: RunLine
    employee: Employee
    account: Account | None
    busy: bool
    outside: bool = False


class Planner(ABC):
    """Decides about one person after the other. Made once per Run; it may read the tenant, which may raise."""

    tenant: TenantIndex

    def __init__(self, run: Run):
        self.run, self.connection = run, run.connection

    def prepare(self, persons: list[Person]) -> None:  # noqa: B027 - most verbs need nothing
        """Read what is needed to look at these persons, for all of them at once."""

    def offers(self, employee: Employee) -> list[LinkOffer]:
        """The accounts that may be theirs; without the names of others where the Run is held to a part."""
        found = self.tenant.of(employee)
        return [one.unnamed for one in found] if self.run.part else found

    @abstractmethod
    def look_at(self, person: Person) -> None:
        """Write what will be into the person's line. Raises LeftOut."""


class CreatePlanner(Planner):
    def __init__(self, run: Run):
        super().__init__(run)
        offer.read(self.connection)
        chosen = run.options.get("domain")
        self.domain = chosen if chosen in self.connection.domains else next(iter(self.connection.domains), "")
        self.today = now().astimezone(run.organisation.zone).date()
        self.naming = naming_of(self.connection)
        self.defaults = licences.Defaults(self.connection)
        self.tenant = TenantIndex(self.connection, _to_look_at(run))
        # Names that other lines of this Run, or operations under way, have.
        self.given = usernames.reserved(self.connection)
        lines: Any = RunLine.select().where(RunLine.run == run)
        kept = lines.where(RunLine.state == LineState.PLANNED).select(RunLine.username).tuples()
        self.given.update(name for (name,) in kept)
        self.in_run = {employee_id for (employee_id,) in lines.select(RunLine.employee).tuples()}
        staff: Any = Employee.select(Employee.id, Employee.manager).where(Employee.organisation == run.organisation_id)
        self.manager_of = dict(staff.where(Employee.manager.is_null(False)).tuples())

    def look_at(self, person: Person) -> None:
        employee, line = person.employee, person.line
        if person.account is not None:
            raise LeftOut(_("Already has an account: %(username)s.", username=person.account.username))
        leave_out_who_left(employee, self.today)
        lacking = "" if employee.personal_email else NO_EMAIL
        if not line.another:
            self._ask_about(line, [found for found in self.offers(employee) if found.may_be], lacking)
        if lacking:
            raise LeftOut(lacking)
        line.licence = self._licence(employee)
        line.username, line.seats = self._free_name(employee), line.licence
        self.given.add(line.username)
        words = name_of(self.connection, line.licence)
        line.after, line.level = joined(_(Status.ACTIVE), line.username, words, by=" · "), self._level(employee)

    def _ask_about(self, line: RunLine, found: list[LinkOffer], lacking: str) -> None:
        """Raises LeftOut when there is an account that may be theirs already. lacking: what they lack besides."""
        if found:
            line.remote_id = found[0].remote.id
            zone = self.run.organisation.zone
            words = joined(*(because(_said(one, zone), one.reasons) for one in found[:MOST_NAMED]), by="; ")
            raise LeftOut(joined(_("May have an account: %(names)s.", names=words), lacking))

    def _licence(self, employee: Employee) -> str:
        asked = self.run.options.get("licence", BY_RULE)
        licence = asked if asked != BY_RULE else self.defaults.of(employee).licence_id
        if licence is None:
            raise LeftOut(
                _("No licence is set for this person. Choose one for everybody, or set a default licence in Settings.")
            )
        if licence and licences.lacks_country(employee, self.connection):
            raise LeftOut(_("A licence needs a country. Enter it on the Profile."))
        return licence or NO_LICENCE

    def _free_name(self, employee: Employee) -> str:
        for local_part in candidates(employee, self.naming):
            username = f"{local_part}@{self.domain}"
            if username not in self.given and username not in self.tenant.addresses:
                return username
        raise LeftOut(_("No similar username is free. Create this account on the employee’s tab."))

    def _level(self, employee: Employee) -> int:
        """How many of this Run are above the employee."""
        above, manager_id = [], employee.manager_id
        while manager_id is not None and manager_id not in above:
            above.append(manager_id)
            manager_id = self.manager_of.get(manager_id)
        return sum(employee_id in self.in_run for employee_id in above)


MOST_NAMED = 3
NO_EMAIL = _("Has no personal email. Add one on the Profile, or create this account on the employee’s tab.")


def _said(candidate: LinkOffer, zone: ZoneInfo) -> str:
    """The account, and the day of its deletion if it was deleted."""
    name, day = candidate.remote.username, candidate.deleted_on(zone)
    return (
        _("%(name)s, deleted on %(day)s", name=name, day=local_date(day))
        if candidate.deleted and day
        else _("%(name)s, deleted", name=name)
        if candidate.deleted
        else name
    )


def _to_look_at(run: Run) -> Any:
    """The employees of the run who are still to be looked at."""
    lines = RunLine.select(RunLine.employee).where(RunLine.run == run, RunLine.state == LineState.UNPLANNED)
    return Employee.select().where(Employee.id.in_(lines)).iterator()


class LinkPlanner(Planner):
    """Proposes the account that shares employee number or company email; Start is the person's decision."""

    def __init__(self, run: Run):
        super().__init__(run)
        self.tenant = TenantIndex(self.connection, _to_look_at(run))
        accounts: Any = Account.select(Account.remote_id).where(Account.connection == self.connection)
        self.taken = {remote_id for (remote_id,) in accounts.where(Account.detached_at.is_null()).tuples()}
        # Other lines of this plan that were looked at before.
        planned: Any = RunLine.select(RunLine.remote_id).where(RunLine.run == run, RunLine.state == LineState.PLANNED)
        self.taken.update(remote_id for (remote_id,) in planned.tuples())
        self.emails = _shared_emails(run.organisation_id)

    def look_at(self, person: Person) -> None:
        if person.account is not None:
            raise LeftOut(_("Already has an account: %(username)s.", username=person.account.username))
        found = [candidate for candidate in self.offers(person.employee) if not candidate.declined]
        best = [candidate for candidate in found if STRONG & set(candidate.evidence.shared)]
        if not best:
            raise LeftOut(_too_little(found, self.run.organisation.zone))
        match = best[0]
        if kinds := match.remote.protections & NEVER_LINKED:
            raise LeftOut(why(kinds))
        if len(best) > 1:
            zone = self.run.organisation.zone
            both = listed(because(_said(one, zone), one.reasons) for one in best[:MOST_NAMED])
            raise LeftOut(_("%(both)s may be theirs. Link the right one by hand.", both=both))
        if not match.evidence.is_strong:
            words = _(
                "%(username)s (%(reasons)s) may be somebody else’s.",
                username=match.remote.username,
                reasons=joined(*match.reasons, by=", "),
            )
            raise LeftOut(joined(words, _("Check whose it is, and link it by hand.")))
        if person.employee.company_email in self.emails:
            raise LeftOut(
                _(
                    "Others have the company email %(company_email)s too. Link by hand.",
                    company_email=person.employee.company_email,
                )
            )
        if match.remote.id in self.taken:
            raise LeftOut(
                _(
                    "%(username)s is linked to %(holder)s.",
                    username=match.remote.username,
                    holder=match.holder or _("somebody else"),
                )
            )
        if not_theirs := apart.why_not(match, person.employee, self.connection, self.run.sight):
            raise LeftOut(not_theirs)
        self.taken.add(match.remote.id)
        person.line.remote_id = match.remote.id
        reasons = joined(*match.reasons, by=", ")
        person.line.after = _("Linked to %(username)s: %(reasons)s", username=match.remote.username, reasons=reasons)


def _too_little(found: list[LinkOffer], zone: ZoneInfo) -> str:
    """Why nothing is proposed, although there may be accounts of the same name."""
    words = _("No account has their employee number or company email.")
    maybe = next((candidate for candidate in found if candidate.may_be), None)
    return (
        joined(
            words,
            _(
                "%(account)s has the %(reasons)s: link it by hand.",
                account=_said(maybe, zone),
                reasons=joined(*maybe.reasons, by=", "),
            ),
        )
        if maybe
        else words
    )


def _shared_emails(organisation_id: int) -> set[str]:
    """Company emails that more than one employee has."""
    email = fn.LOWER(Employee.company_email)
    rows: Any = Employee.select(email).where(Employee.organisation == organisation_id, Employee.company_email != "")
    return {found for (found,) in rows.group_by(email).having(fn.COUNT(Employee.id) > 1).tuples()}


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


PLANNERS: dict[Verb, type[Planner]] = {
    Verb.CREATE: CreatePlanner,
    Verb.LINK: LinkPlanner,
    Verb.DEACTIVATE: DeactivatePlanner,
    Verb.REACTIVATE: ReactivatePlanner,
    Verb.RESEND: ResendPlanner,
    Verb.UPDATE: UpdatePlanner,
    Verb.LICENCE: LicencePlanner,
}
