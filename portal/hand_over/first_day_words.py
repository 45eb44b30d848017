"""The words about an account that was made ahead of the first day."""

from portal.database import now
from portal.hand_over.moments import sign_in_opens
from portal.languages import city, clock, short_day
from portal.languages import gettext as _
from portal.people.models import Employee


def beside_status(employee: Employee) -> str:
    """ "starts 3 Dec, sign-in from 06:00"; the city too where the employee is in another zone than the organisation."""
    opens = sign_in_opens(employee)
    if opens is None:
        return _("no start date: nothing allows the sign-in yet")
    day, hour = short_day(opens.date()), clock(opens)
    if opens <= now():
        return _("started %(day)s, sign-in not allowed yet", day=day)
    zone = opens.tzinfo
    elsewhere = str(zone) != employee.organisation.time_zone
    if not elsewhere:
        return _("starts %(day)s, sign-in from %(hour)s", day=day, hour=hour)
    return _("starts %(day)s, sign-in from %(hour)s (%(city)s)", day=day, hour=hour, city=city(str(zone)))
