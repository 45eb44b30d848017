"""Who gets an account, and which: a new one, or one that the tenant has already."""

from typing import Any
from zoneinfo import ZoneInfo

from peewee import fn

from portal.accounts import licences
from portal.accounts.models import Account, Status
from portal.accounts.naming import candidates, naming_of
from portal.accounts.units import unit_for
from portal.connections import offer
from portal.connections.offer import name_of
from portal.connections.settings import NO_LICENCE
from portal.database import now
from portal.languages import gettext as _
from portal.languages import joined, listed
from portal.operations.models import Operation
from portal.people.models import Employee
from portal.provisioning import actions, usernames
from portal.provisioning.actions import AccountRequest
from portal.runs.models import BY_RULE, LineState, Run, RunLine
from portal.runs.planners import LeftOut, Person, Planner, leave_out_who_left, place_of, sent_at
from portal.templating import local_date
from portal.theirs import apart
from portal.theirs.rules import NEVER_LINKED, STRONG, LinkOffer, because, why
from portal.theirs.tenant_index import TenantIndex


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

    @staticmethod
    def begin(run: Run, line: RunLine) -> Operation:
        # Between the plan and now may lie an import, or days until a second Admin approved.
        leave_out_who_left(line.employee, run.organisation.today)
        moment, on_start = sent_at(run, line)
        request = AccountRequest(
            username=line.username,
            licence_id=line.licence,
            licence_name=name_of(run.connection, line.licence) if line.licence else "",
            unit=unit_for(line.employee, run.connection),
            update_company_email=bool(run.options.get("update_company_email")),
            send_at=moment,
            on_start=on_start,
        )
        # The plan was held against the whole tenant, and says for whom a user chose to make another account.
        return actions.create_account(place_of(run, line), request, by=run.starter, look="done", run=run.id)


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

    @staticmethod
    def begin(run: Run, line: RunLine) -> Operation:
        return actions.link_account(place_of(run, line), line.remote_id, by=run.starter, run=run.id)


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
