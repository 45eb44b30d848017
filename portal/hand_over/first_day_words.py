"""The words about an account that was made ahead of the first day."""

from babel.dates import format_datetime, get_timezone_location

from portal.database import now
from portal.hand_over.moments import sign_in_opens
from portal.languages import gettext as _
from portal.people.models import Employee
from portal.templating import LOCALE


def beside_status(employee: Employee) -> str:
    """ "starts 3 Dec, sign-in from 06:00"; the city too where the employee is in another zone than the organisation."""
    opens = sign_in_opens(employee)
    if opens is None:
        return "no start date: nothing allows the sign-in yet"
    day, hour = (format_datetime(opens, pattern, tzinfo=opens.tzinfo, locale=LOCALE) for pattern in ("d MMM", "HH:mm"))
    if opens <= now():
        return _("started %(day)s, sign-in not allowed yet", day=day)
    zone = opens.tzinfo
    elsewhere = str(zone) != employee.organisation.time_zone
    city = f" ({get_timezone_location(str(zone), locale=LOCALE, return_city=True)})" if elsewhere else ""
    return _("starts %(day)s, sign-in from %(hour)s%(city)s", day=day, hour=hour, city=city)
