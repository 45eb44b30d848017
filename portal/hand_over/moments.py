"""When the portal sends login information."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from portal.database import now
from portal.people.models import Employee

START_OF_DAY = time(8)


def first_morning(employee: Employee, zone: ZoneInfo) -> datetime | None:
    """The morning of the employee's start date, while it is still to come."""
    if employee.start_date is None:
        return None
    moment = datetime.combine(employee.start_date, START_OF_DAY, tzinfo=zone)
    return moment if moment > now() else None


def moment_for(when: str, employee: Employee, zone: ZoneInfo) -> datetime | None:
    """The moment that was chosen; None for at once. when: "now", "start", or a moment in ISO 8601."""
    if when == "start":
        return first_morning(employee, zone)
    return None if when == "now" else datetime.fromisoformat(when)
