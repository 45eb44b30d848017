"""Reads every account of a tenant, page by page, and notes whose each may be. Nothing is linked by it."""

from dataclasses import dataclass
from typing import Any

from peewee import chunked, fn

from portal.accounts.models import Account
from portal.connectors import for_connection
from portal.connectors.errors import ConnectorError, TryLater
from portal.connectors.values import RemoteAccount
from portal.database import now, transaction
from portal.languages import gettext as _
from portal.languages import joined, listed
from portal.logs import log
from portal.matching.models import FoundAccount, Reading, ReadingState, Rule
from portal.people.models import Employee
from portal.theirs.rules import NEVER_LINKED, Evidence
from portal.theirs.rules import STRONG as STRONG_SIGNS
from portal.theirs.signs import Sign
from portal.theirs.staff import Staff, declined

AT_ONCE = 500
STRONG = (Rule.NUMBER, Rule.ADDRESS)
TOO_LITTLE = _("This alone is not enough to be sure.")
OTHER_NAME = _("The account has another name. Check whose it is.")


class ReadingLost(Exception):
    """Another worker holds the reading by now."""


def read(reading: Reading) -> None:
    """Carry the reading out; it ends as read, or as failed with the reason. What was cut off starts again."""
    if not reading.claim():
        return
    try:
        _read_all(reading)
    except ReadingLost:
        return
    except ConnectorError as error:
        # What failed is left to a person.
        next_step = _("Try again.") if isinstance(error, TryLater) else error.next_step
        _end(reading, ReadingState.FAILED, joined(error.message, next_step))
    except Exception:
        log.exception("reading the tenant failed", reading=reading.id)
        words = _("The portal met an error it did not expect. Try again, or ask your IT team: the log says more.")
        _end(reading, ReadingState.FAILED, words)


def _read_all(reading: Reading) -> None:
    FoundAccount.delete().where(FoundAccount.reading == reading).execute()
    reading.accounts = 0
    staff = Proposals(reading)
    for remotes in chunked(for_connection(reading.connection).all_accounts(), AT_ONCE):
        rows = _rows(reading, staff, remotes)
        with transaction():
            if not reading.hold(accounts=reading.accounts + len(remotes)):
                raise ReadingLost()
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
    """Whose an account may be, and the evidence. others: employees with as much evidence."""

    employee_id: int
    evidence: Evidence
    others: tuple[int, ...] = ()

    @property
    def rule(self) -> Rule:
        return rule_of(self.evidence)


def rule_of(evidence: Evidence) -> Rule:
    """The rule by which an account is proposed; a person looks into evidence that is not enough alone."""
    if evidence.is_strong:
        return Rule.NUMBER if Sign.NUMBER in evidence.shared else Rule.ADDRESS
    return Rule.NAME if evidence.by_name_and_department else Rule.DOUBT


class Proposals:
    """The employees without an account at the tenant, and whose of theirs an account may be."""

    def __init__(self, reading: Reading):
        self._declined = declined(reading.connection_id)
        has_one = Account.select(Account.employee).where(
            Account.connection == reading.connection_id, Account.detached_at.is_null()
        )
        everybody = Employee.select().where(Employee.organisation == reading.organisation_id)
        self._staff = Staff(reading.connection, everybody.where(Employee.id.not_in(has_one)).iterator())

    def proposal_for(self, remote: RemoteAccount) -> Proposal | None:
        """By the strongest evidence; one that was declined only when there is no other."""
        found_by = ((found, candidate.evidence) for found, candidate in self._staff.of(remote).items())
        fits = sorted(found_by, key=lambda pair: pair[1].rank)
        wanted = [(found, evidence) for found, evidence in fits if (remote.id, found) not in self._declined]
        if not fits:
            return None
        employee_id, evidence = (wanted or fits)[0]
        rule = rule_of(evidence)
        alike = STRONG if rule in STRONG else (rule,)
        others = {found for found, other in wanted if rule_of(other) in alike and found != employee_id}
        return Proposal(employee_id, evidence, tuple(others))


def _rows(reading: Reading, staff: Proposals, remotes: list[RemoteAccount]) -> list[dict[str, Any]]:
    """What is kept of those of the accounts that no employee has."""
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
    return next((str(kind) for kind in sorted(remote.protections & NEVER_LINKED)), "")


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
    # A person may have been removed from the records since the staff was read.
    if proposal is None or proposal.employee_id not in employees:
        return row
    row |= {"employee": proposal.employee_id, "rule": proposal.rule, "evidence": proposal.evidence.sentence}
    if proposal.rule == Rule.DOUBT:
        strong = STRONG_SIGNS & set(proposal.evidence.shared)
        row["doubt"] = OTHER_NAME if strong and proposal.evidence.other_name else TOO_LITTLE
    if others := [employees[id].name for id in proposal.others if id in employees]:
        row |= {
            "rule": Rule.DOUBT,
            "doubt": _("It may also be the account of %(names)s.", names=listed(sorted(others)[:5], "or")),
        }
    return row


def _doubt_those_of_one_employee(reading: Reading) -> None:
    """Where several accounts may be one employee's, the portal links none before a person has looked at them."""
    mine = (FoundAccount.reading == reading) & FoundAccount.employee.is_null(False)
    several: Any = FoundAccount.select(FoundAccount.employee).where(mine)
    several = several.group_by(FoundAccount.employee).having(fn.COUNT(FoundAccount.id) > 1)
    for (employee_id,) in list(several.tuples()):
        with transaction():
            _doubt(list(FoundAccount.select().where(mine, FoundAccount.employee == employee_id)))


def _doubt(found: list[FoundAccount]) -> None:
    """Sure ones leave no room for those that are only called the same; of several alike, each is in doubt."""
    enough = [account for account in found if account.doubt != TOO_LITTLE]
    by_more = [account for account in enough if account.rule != Rule.NAME and account.doubt != OTHER_NAME]
    best = by_more or enough or found
    for account in found:
        if account not in best:
            account.employee, account.rule, account.evidence, account.doubt = None, "", "", ""
        elif len(best) > 1:
            others = listed(sorted(other.username for other in best if other is not account)[:5])
            said = "" if account.doubt == TOO_LITTLE else account.doubt
            account.rule, account.doubt = (
                Rule.DOUBT,
                joined(said, _("%(accounts)s may be theirs too.", accounts=others)),
            )
        account.save()
