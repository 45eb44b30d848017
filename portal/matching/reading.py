"""Reads every account of a tenant, page by page, and notes whose each may be. Nothing is linked by it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from peewee import chunked, fn

from portal.connectors import for_connection
from portal.connectors.base import Protection, RemoteAccount
from portal.connectors.errors import ConnectorError
from portal.database import now, transaction
from portal.logs import log
from portal.matching.models import Declined, FoundAccount, Reading, ReadingState, Rule
from portal.people.models import Employee
from portal.provisioning.candidates import what_speaks_for
from portal.provisioning.models import Account

AT_ONCE = 500
BARRED = (Protection.GUEST, Protection.DELETED)
STRONG = (Rule.NUMBER, Rule.ADDRESS)


class Lost(Exception):
    """Somebody else has the reading in hand by now."""


def read(reading: Reading) -> None:
    """Carry the reading out; it ends as read, or as failed with the reason. Begins anew when it was cut off."""
    if not reading.claim():
        return
    try:
        _read_all(reading)
    except Lost:
        return
    except ConnectorError as error:
        _end(reading, ReadingState.FAILED, f"{error.message} {error.next_step}".strip())
    except Exception:
        log.exception("reading the tenant failed", reading=reading.id)
        words = "The portal met an error it did not expect. Try again; whoever runs it finds it in the log."
        _end(reading, ReadingState.FAILED, words)


def _read_all(reading: Reading) -> None:
    FoundAccount.delete().where(FoundAccount.reading == reading).execute()
    reading.accounts = 0
    staff = Staff(reading)
    for remotes in chunked(for_connection(reading.connection).all_accounts(), AT_ONCE):
        rows = _rows(reading, staff, remotes)
        with transaction():
            if not reading.hold(accounts=reading.accounts + len(remotes)):
                raise Lost()
            if rows:
                FoundAccount.insert_many(rows).execute()
    _doubt_those_of_one_employee(reading)
    _end(reading, ReadingState.READ)


def _end(reading: Reading, state: ReadingState, problem: str = "") -> None:
    """Write how it ended; what earlier readings found is dropped once there is something newer."""
    with transaction():
        if not reading.release(state=state, problem=problem, finished_at=now()):
            return
        earlier = (Reading.connection == reading.connection_id) & (Reading.id < reading.id)
        if state == ReadingState.READ:
            Reading.delete().where(earlier).execute()


@dataclass(frozen=True, slots=True)
class Proposal:
    """Whose an account may be. others: employees of whom the same can be said."""

    employee_id: int
    rule: Rule
    others: tuple[int, ...] = ()


class Staff:
    """The employees without an account at the tenant, by what an account can be known by."""

    def __init__(self, reading: Reading):
        self._by: dict[Rule, dict[Any, list[int]]] = {rule: defaultdict(list) for rule in Rule}
        declined: Any = Declined.select(Declined.remote_id, Declined.employee)
        self._declined = set(declined.where(Declined.connection == reading.connection_id).tuples())
        has_one = Account.select(Account.employee).where(
            Account.connection == reading.connection_id, Account.detached_at.is_null()
        )
        everybody = Employee.select().where(Employee.organisation == reading.organisation_id)
        for employee in everybody.where(Employee.id.not_in(has_one)).iterator():
            self._note(employee)

    def _note(self, employee: Employee) -> None:
        self._by[Rule.NUMBER][employee.employee_number].append(employee.id)
        if employee.company_email:
            self._by[Rule.ADDRESS][employee.company_email.casefold()].append(employee.id)
        if employee.department:
            self._by[Rule.NAME][_name_key(employee.name, employee.department)].append(employee.id)

    def proposal_for(self, remote: RemoteAccount) -> Proposal | None:
        """By the strongest rule that fits; one that was declined only when nothing else fits."""
        fits = [(rule, found) for rule in self._by for found in self._fitting(rule, remote)]
        wanted = [(rule, found) for rule, found in fits if (remote.id, found) not in self._declined]
        if not fits:
            return None
        rule, employee_id = (wanted or fits)[0]
        alike = STRONG if rule in STRONG else (rule,)
        others = {found for also, found in wanted if also in alike and found != employee_id}
        return Proposal(employee_id, rule, tuple(others))

    def _fitting(self, rule: Rule, remote: RemoteAccount) -> list[int]:
        return list(dict.fromkeys(found for key in _keys(rule, remote) for found in self._by[rule].get(key, ())))


def _keys(rule: Rule, remote: RemoteAccount) -> Iterable[Any]:
    if rule == Rule.NUMBER:
        return [remote.fields.get("employee_number")]
    if rule == Rule.ADDRESS:
        return [address.casefold() for address in (remote.username, remote.email, *remote.aliases) if address]
    department = remote.fields.get("department")
    return [_name_key(remote.display_name, department)] if rule == Rule.NAME and department else []


def _name_key(name: str, department: str) -> tuple[str, str]:
    return " ".join(name.casefold().split()), department.strip().casefold()


def _rows(reading: Reading, staff: Staff, remotes: list[RemoteAccount]) -> list[dict[str, Any]]:
    """What is kept of those of the accounts that nobody has."""
    linked: Any = Account.select(Account.remote_id).where(
        Account.connection == reading.connection_id,
        Account.detached_at.is_null(),
        Account.remote_id.in_([remote.id for remote in remotes]),
    )
    taken = {remote_id for (remote_id,) in linked.tuples()}
    # An account that changes while the pages are read can come twice.
    free = {remote.id: remote for remote in remotes if remote.id not in taken}
    again: Any = FoundAccount.select(FoundAccount.remote_id).where(
        FoundAccount.reading == reading, FoundAccount.remote_id.in_(list(free))
    )
    for (remote_id,) in again.tuples():
        free.pop(remote_id)
    proposals = {id: staff.proposal_for(remote) for id, remote in free.items() if not _barred(remote)}
    ids = {id for found in proposals.values() if found for id in (found.employee_id, *found.others)}
    employees = {employee.id: employee for employee in Employee.select().where(Employee.id.in_(list(ids)))}
    return [_row(reading, remote, proposals.get(remote.id), employees) for remote in free.values()]


def _barred(remote: RemoteAccount) -> str:
    return next((str(kind) for kind in BARRED if kind in remote.protections), "")


def _row(
    reading: Reading, remote: RemoteAccount, proposal: Proposal | None, employees: dict[int, Employee]
) -> dict[str, Any]:
    about = ", ".join(filter(None, (remote.fields.get("job_title"), remote.fields.get("department"))))
    row: dict[str, Any] = {
        "reading": reading.id, "remote_id": remote.id, "username": remote.username[:320],
        "display_name": remote.display_name[:256], "about": about[:400], "enabled": bool(remote.enabled),
        "barred": _barred(remote), "created_at": remote.created_at, "employee": None, "rule": "", "evidence": "",
        "doubt": "",
    }  # fmt: skip
    # Somebody may have been removed from the records since the staff was read.
    if proposal is None or proposal.employee_id not in employees:
        return row
    evidence = ", ".join(what_speaks_for(employees[proposal.employee_id], remote)).capitalize()
    row |= {"employee": proposal.employee_id, "rule": proposal.rule, "evidence": evidence[:400]}
    if others := [employees[id].name for id in proposal.others if id in employees]:
        row |= {"rule": Rule.DOUBT, "doubt": f"It may also be the account of {' or '.join(sorted(others)[:5])}."}
    return row


def _doubt_those_of_one_employee(reading: Reading) -> None:
    """Where several accounts may be one employee's, nobody is linked without a person's look at them."""
    mine = (FoundAccount.reading == reading) & FoundAccount.employee.is_null(False)
    several: Any = FoundAccount.select(FoundAccount.employee).where(mine)
    several = several.group_by(FoundAccount.employee).having(fn.COUNT(FoundAccount.id) > 1)
    for (employee_id,) in list(several.tuples()):
        with transaction():
            _doubt(list(FoundAccount.select().where(mine, FoundAccount.employee == employee_id)))


def _doubt(found: list[FoundAccount]) -> None:
    """Sure ones leave no room for those that are only called the same; of several alike, each is in doubt."""
    best = [account for account in found if account.rule != Rule.NAME] or found
    for account in found:
        if account not in best:
            account.employee, account.rule, account.evidence = None, "", ""
        elif len(best) > 1:
            others = " and ".join(sorted(other.username for other in best if other is not account)[:5])
            account.rule, account.doubt = Rule.DOUBT, account.doubt or f"{others} may be theirs too."
        account.save()
