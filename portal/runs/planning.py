"""Computes a Run's plan, person by person: from before to after, or why somebody is left out. Nothing is changed."""

from dataclasses import dataclass
from typing import Any

from portal.addons.settings import NO_LICENCE
from portal.connectors import SERVICES, for_connection
from portal.connectors.errors import ConnectorError
from portal.database import now, transaction
from portal.people.models import Employee
from portal.provisioning import fields, licences, usernames
from portal.provisioning.models import OPEN, Account, Operation, Status, Verb
from portal.provisioning.naming import candidates, naming_of
from portal.provisioning.steps import PROTECTED
from portal.runs.models import BY_RULE, LineState, Run, RunLine, RunState
from portal.runs.tenant import Everybody

AT_ONCE = 500
CHANGED = (
    RunLine.state, RunLine.level, RunLine.before, RunLine.after, RunLine.username, RunLine.remote_id, RunLine.licence,
    RunLine.reason,
)  # fmt: skip


class LeftOut(Exception):
    """Why this person is not part of the Run, in one sentence."""


@dataclass
class Person:
    """A line of the Run, and what there is of the employee's account. busy: an operation is under way."""

    line: RunLine
    employee: Employee
    account: Account | None
    busy: bool


def plan(run: Run) -> None:
    """Look at every line that has not been looked at; then the Run is planned. Goes on where it was cut off.

    A tenant that cannot be asked brings it to a halt, which `run.problem` explains.
    """
    Run.update(problem="").where(Run.id == run.id).execute()
    try:
        planner = PLANNERS[Verb(run.verb)](run)
    except ConnectorError as error:
        Run.update(problem=f"{error.message} {error.next_step}".strip()).where(Run.id == run.id).execute()
        return
    while persons := _next_persons(run):
        for person in persons:
            _look_at(person, planner)
        with transaction():
            RunLine.bulk_update([person.line for person in persons], CHANGED, batch_size=100)
        if Run.get_by_id(run.id).state != RunState.PLANNING:
            return
    run.become(RunState.PLANNED)


def _next_persons(run: Run) -> list[Person]:
    """Some of the lines still to be looked at, in their order."""
    query = RunLine.select(RunLine, Employee).join(Employee)
    query = query.where(RunLine.run == run, RunLine.state == LineState.UNPLANNED)
    lines = list(query.order_by(RunLine.id).limit(AT_ONCE))
    ids = [line.employee_id for line in lines]
    accounts = Account.select().where(
        Account.connection == run.connection_id, Account.employee.in_(ids), Account.detached_at.is_null()
    )
    by_employee = {account.employee_id: account for account in accounts}
    open_ones = Operation.select(Operation.employee).where(Operation.employee.in_(ids), Operation.state.in_(OPEN))
    busy = set(open_ones.tuples())
    found = []
    for line in lines:
        line.employee.organisation = run.organisation
        account = by_employee.get(line.employee_id)
        found.append(Person(line, line.employee, account, (line.employee_id,) in busy))
    return found


def _look_at(person: Person, planner: "Planner") -> None:
    line, account = person.line, person.account
    line.before = f"{account.status} · {account.username}" if account else str(Status.NO_ACCESS)
    line.after, line.reason, line.state = "", "", LineState.PLANNED
    try:
        if person.busy:
            raise LeftOut("Another operation is under way for this employee.")
        planner.look_at(person)
    except LeftOut as reason:
        line.state, line.reason = LineState.LEFT_OUT, str(reason)


class Planner:
    """Decides about one person after the other. Made once per Run; it may read the tenant, which may raise."""

    def __init__(self, run: Run):
        self.run, self.connection = run, run.connection

    def look_at(self, person: Person) -> None:
        """Write what will be into the person's line. Raises LeftOut."""
        raise NotImplementedError


class CreatePlanner(Planner):
    def __init__(self, run: Run):
        super().__init__(run)
        licences.read_offer(self.connection)
        chosen = run.options.get("domain")
        self.domain = chosen if chosen in self.connection.domains else next(iter(self.connection.domains), "")
        self.today = now().astimezone(run.organisation.zone).date()
        self.naming = naming_of(self.connection)
        self.defaults = licences.Defaults(self.connection)
        self.tenant = Everybody(for_connection(self.connection))
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
            raise LeftOut(f"Has an account already: {person.account.username}.")
        if employee.end_date is not None and employee.end_date < self.today:
            raise LeftOut("Has left the organisation.")
        if not employee.personal_email:
            raise LeftOut("Has no personal email for the login information. Add one, or create this one by hand.")
        match = self.tenant.match_of(employee)
        if match:
            raise LeftOut(f"{match.account} has {match.evidence}. Is it theirs? Then link it.")
        line.licence = self._licence(employee)
        line.username = self._free_name(employee)
        self.given.add(line.username)
        words = licences.name_of(self.connection, line.licence)
        line.after, line.level = f"{Status.ACTIVE} · {line.username} · {words}", self._level(employee)

    def _licence(self, employee: Employee) -> str:
        asked = self.run.options.get("licence", BY_RULE)
        licence = asked if asked != BY_RULE else self.defaults.of(employee).plan_id
        if licence is None:
            raise LeftOut("No licence is chosen for this person: choose one for all, or set a default in the settings.")
        if licence and not licences.country_for(employee):
            raise LeftOut("A licence needs the country: fill it in on the Profile.")
        return licence or NO_LICENCE

    def _free_name(self, employee: Employee) -> str:
        for local_part in candidates(employee, self.naming):
            username = f"{local_part}@{self.domain}"
            if username not in self.given and username not in self.tenant.addresses:
                return username
        raise LeftOut("No name is free that resembles theirs: create this one by hand.")

    def _level(self, employee: Employee) -> int:
        """How many of this Run stand above the employee."""
        above, manager_id = [], employee.manager_id
        while manager_id is not None and manager_id not in above:
            above.append(manager_id)
            manager_id = self.manager_of.get(manager_id)
        return sum(employee_id in self.in_run for employee_id in above)


class LinkPlanner(Planner):
    """Proposes the account that shares employee number or company email; Start is the person's decision."""

    def __init__(self, run: Run):
        super().__init__(run)
        self.tenant = Everybody(for_connection(self.connection))
        accounts: Any = Account.select(Account.remote_id).where(Account.connection == self.connection)
        self.taken = {remote_id for (remote_id,) in accounts.where(Account.detached_at.is_null()).tuples()}

    def look_at(self, person: Person) -> None:
        if person.account is not None:
            raise LeftOut(f"Has an account already: {person.account.username}.")
        match = self.tenant.match_of(person.employee)
        if match is None:
            raise LeftOut("No account has their employee number or company email.")
        if match.barred:
            raise LeftOut(PROTECTED[match.barred])
        if match.remote_id in self.taken:
            raise LeftOut(f"{match.account} is linked to somebody else.")
        self.taken.add(match.remote_id)
        person.line.remote_id = match.remote_id
        person.line.after = f"Linked to {match.account}: it has {match.evidence}"


class DeactivatePlanner(Planner):
    def look_at(self, person: Person) -> None:
        account = _changeable(person.account, Status.ACTIVE, "Is deactivated already.")
        taken = licences.to_take(account)
        person.line.after = ", ".join([f"{Status.DEACTIVATED}, signed out everywhere", *_less(taken.values())])


def _less(names: Any) -> list[str]:
    return [f"without {' and '.join(names)}"] if names else []


class ReactivatePlanner(Planner):
    def look_at(self, person: Person) -> None:
        _changeable(person.account, Status.DEACTIVATED, "Is active already.")
        person.line.after = str(Status.ACTIVE)


class UpdatePlanner(Planner):
    def look_at(self, person: Person) -> None:
        account = _changeable(person.account)
        sent = (account.fields_sent or {}).get("fields", {})
        wanted = fields.record_of(person.employee, self.connection)
        if account.fields_sent == wanted:
            raise LeftOut("Nothing of the HR record changed since it was last sent.")
        names = [name for name, value in wanted["fields"].items() if sent.get(name) != value]
        person.line.after = ", ".join(fields.LABELS[name] for name in names) or fields.LABELS["manager"]


class LicencePlanner(Planner):
    def __init__(self, run: Run):
        super().__init__(run)
        licences.read_offer(self.connection)
        self.add, self.remove = set(run.options.get("add", [])), set(run.options.get("remove", []))

    def look_at(self, person: Person) -> None:
        account = _changeable(person.account)
        own = {held.plan_id for held in licences.held_by(account) if not held.inherited}
        gained, lost = self.add - set(account.plan_ids), self.remove & own
        if not gained and not lost:
            raise LeftOut("Has and lacks exactly these licences already.")
        if gained and not licences.country_for(person.employee):
            raise LeftOut("A licence needs the country: fill it in on the Profile.")
        kept = (set(account.plan_ids) - lost) | gained
        person.line.licence = next(iter(sorted(gained)), "")
        person.line.after = ", ".join(licences.names_of(self.connection, kept).values()) or "No licence"


def _changeable(account: Account | None, status: Status | None = None, already: str = "") -> Account:
    """The account, if it can be changed and has this status. Raises LeftOut."""
    if account is None or account.read_at is None:
        raise LeftOut("Has no account.")
    if account.protections:
        raise LeftOut(PROTECTED[account.protections[0]])
    if status is not None and account.status != status:
        raise LeftOut(already)
    return account


PLANNERS: dict[Verb, type[Planner]] = {
    Verb.CREATE: CreatePlanner,
    Verb.LINK: LinkPlanner,
    Verb.DEACTIVATE: DeactivatePlanner,
    Verb.REACTIVATE: ReactivatePlanner,
    Verb.UPDATE: UpdatePlanner,
    Verb.LICENCE: LicencePlanner,
}


def name_problem(run: Run, line: RunLine, local_part: str) -> str:
    """Why the name before the @ cannot be the line's; empty when it can. Raises ConnectorError."""
    problem = SERVICES[run.connection.service].local_part_problem(local_part)
    if problem:
        return problem
    domain = line.username.partition("@")[2]
    username = f"{local_part}@{domain}"
    other = RunLine.select().where(RunLine.run == run, RunLine.username == username, RunLine.id != line.id)
    if other.where(RunLine.state == LineState.PLANNED).exists():
        return f"{username} is proposed for somebody else in this plan."
    advice = usernames.advise(line.employee, run.connection, for_connection(run.connection), local_part, domain)
    return "" if advice.free else advice.sentence
