"""When the portal sends login information."""

from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from portal.accounts.models import Account
from portal.database import now
from portal.hand_over.models import LoginMail, MailState
from portal.organisations.models import Organisation
from portal.people.models import Employee
from portal.people.zones import zone_of

START_OF_DAY = time(8)
# When somebody who starts can sign in, where they are.
SIGN_IN_FROM = time(6)


def first_morning(employee: Employee, zone: ZoneInfo) -> datetime | None:
    """The morning of the employee's start date, while it is still to come."""
    if employee.start_date is None:
        return None
    moment = morning_of(employee, zone)
    return moment if moment > now() else None


def morning_of(employee: Employee, zone: ZoneInfo) -> datetime:
    """The morning of the employee's start date, which there is."""
    day: date = employee.start_date  # type: ignore[assignment]
    return datetime.combine(day, START_OF_DAY, tzinfo=zone)


def sign_in_opens(employee: Employee) -> datetime | None:
    """When the sign-in of an account made ahead is allowed, in the employee's zone; None without a first day."""
    if employee.start_date is None:
        return None
    return datetime.combine(employee.start_date, SIGN_IN_FROM, tzinfo=zone_of(employee))


def moment_for(when: str, employee: Employee, zone: ZoneInfo) -> datetime | None:
    """The moment that was chosen; None for at once. when: "now", "start", or a moment in ISO 8601."""
    if when == "start":
        return first_morning(employee, zone)
    return None if when == "now" else datetime.fromisoformat(when)


def follow_start(employee: Employee | None = None) -> list[LoginMail]:
    """Move mails for the morning of the first day to where that is now: at once when it has passed.

    Returns those that were moved; what was sent stays as it is.
    employee: one alone; None for everybody. Without a start date a mail keeps its day.
    """
    waits = (LoginMail.state == MailState.SCHEDULED) | (
        (LoginMail.state == MailState.PAUSED) & (LoginMail.paused_from == MailState.SCHEDULED)
    )
    query: Any = LoginMail.select(LoginMail, Account, Employee, Organisation).join(Account).join(Employee)
    query = query.join(Organisation, on=(LoginMail.organisation == Organisation.id))
    query = query.where(waits, LoginMail.on_start, Employee.start_date.is_null(False))
    if employee is not None:
        query = query.where(Employee.id == employee.id)
    return [mail for mail in list(query) if _move(mail)]


def _move(mail: LoginMail) -> bool:
    morning, before, moment = morning_of(mail.account.employee, mail.organisation.zone), mail.send_at, now()
    mail.send_at = max(morning, moment) if before > moment else morning
    if mail.send_at == before or (before <= moment and morning <= moment):
        return False
    as_read = (LoginMail.id == mail.id) & (LoginMail.state == mail.state) & (LoginMail.send_at == before)
    return bool(LoginMail.update(send_at=mail.send_at, not_before=None).where(as_read).execute())
