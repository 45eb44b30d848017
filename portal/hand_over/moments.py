"""When the portal sends login information."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from portal.database import now
from portal.people.models import Employee
from portal.people.zones import zone_of

START_OF_DAY = time(8)
# When somebody who starts can sign in, where they are.
SIGN_IN_FROM = time(6)


def first_morning(employee: Employee, zone: ZoneInfo) -> datetime | None:
    """The morning of the employee's start date, while it is still to come."""
    if employee.start_date is None:
        return None
    moment = datetime.combine(employee.start_date, START_OF_DAY, tzinfo=zone)
    return moment if moment > now() else None


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
