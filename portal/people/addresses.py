"""Private email addresses that were replaced: passwords go to the new one, so the old one hears of it.

For some days, sending a password to such an employee wants the user's own password first (access.password_first_for).
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from peewee import CharField, ForeignKeyField, chunked

from portal import mail
from portal.clock import lately
from portal.database import BaseModel, UtcDateTimeField, now, transaction
from portal.languages import ENGLISH, speaking
from portal.logs import log
from portal.mail import lane
from portal.organisations.models import Organisation
from portal.people.models import Employee

LATELY = timedelta(days=7)
# How long the portal tries to reach the old address.
TRIED_FOR = timedelta(days=1)


class ReplacedAddress(BaseModel):
    """One change of an employee's personal email. old_address: until it was told, or cannot be."""

    organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
    employee = ForeignKeyField(Employee, on_delete="CASCADE")
    old_address = CharField(max_length=254, default="")
    at = UtcDateTimeField(default=now)
    told_at = UtcDateTimeField(null=True)


def note(employee: Employee, old: str, new: str) -> None:
    """Within the transaction of the change: keep that the address was replaced."""
    note_all(employee.organisation_id, [(employee.id, old, new)])


def note_all(organisation_id: int, changes: Iterable[tuple[int, str, str]]) -> None:
    """As note(), for many. changes: (id of the employee, old address, new address)."""
    moment = now()
    rows = [
        {"organisation": organisation_id, "employee": employee_id, "old_address": old, "at": moment,
         "told_at": None if old else moment}
        for employee_id, old, new in changes if old.casefold() != new.casefold()
    ]  # fmt: skip
    for some in chunked(rows, 500):
        ReplacedAddress.insert_many(some).execute()


def replaced_lately(employees: Any) -> bool:
    """Whether the address of one of them was replaced within LATELY. employees: a select of ids, or a list."""
    replaced = ReplacedAddress.select().where(ReplacedAddress.employee.in_(employees))
    return replaced.where(lately(ReplacedAddress.at, LATELY)).exists()


def forget(employee: Employee) -> None:
    ReplacedAddress.delete().where(ReplacedAddress.employee == employee).execute()


def sweep() -> None:
    """Have the old addresses told, in a thread for mails, and forget what is over."""
    ReplacedAddress.delete().where(ReplacedAddress.at < now() - LATELY).execute()
    if _untold().exists():
        lane.OTHER.start(_tell_all)


def _untold() -> Any:
    return ReplacedAddress.select().where(ReplacedAddress.told_at.is_null())


def _tell_all() -> None:
    for replaced in list(_untold().order_by(ReplacedAddress.id).limit(200)):
        with transaction():
            # Noted first: a process that dies in between leaves one out rather than telling it twice.
            mine = ReplacedAddress.update(told_at=now()).where(ReplacedAddress.id == replaced.id)
            if not mine.where(ReplacedAddress.told_at.is_null()).execute():
                continue
        _tell(replaced)


def _tell(replaced: ReplacedAddress) -> None:
    organisation = replaced.organisation
    day = replaced.at.astimezone(organisation.zone).date()
    again = False
    try:
        with speaking(organisation.language or ENGLISH):
            message = mail.address_replaced(recipient=replaced.old_address, organisation=organisation.name, day=day)
        mail.send(message)
    except mail.NotSent as problem:
        log.warning("notice of a replaced address not sent", replaced=replaced.id, reason=str(problem))
        again = problem.may_be_sent_again and replaced.at > now() - TRIED_FOR
    changes: dict[str, Any] = {"told_at": None} if again else {"old_address": ""}
    ReplacedAddress.update(changes).where(ReplacedAddress.id == replaced.id).execute()
