"""In which time zone an employee lives."""

from functools import cache
from zoneinfo import ZoneInfo

from babel.core import get_global

from portal.languages import gettext as _
from portal.organisations import zones
from portal.people.models import Employee

# Countries with several zones that keep the same time all year: where most people live.
SAME_TIME = {
    "AR": "America/Argentina/Buenos_Aires", "CY": "Asia/Nicosia", "DE": "Europe/Berlin", "KZ": "Asia/Almaty",
    "MH": "Pacific/Majuro", "MY": "Asia/Kuala_Lumpur", "PS": "Asia/Gaza", "UZ": "Asia/Tashkent",
}  # fmt: skip


def zone_of(employee: Employee) -> ZoneInfo:
    """The employee's own zone, else that of a country with only one time, else the organisation's."""
    key = employee.time_zone or of_country(employee.country)
    return ZoneInfo(key) if key else employee.organisation.zone


def words_of(employee: Employee) -> str:
    """The same for a page, with where it comes from when it is not their own: "Paris (GMT+01:00), from the country"."""
    label = zones.label(zone_of(employee).key)
    if employee.time_zone:
        return label
    if of_country(employee.country):
        return _("%(zone)s, from the country", zone=label)
    return _("%(zone)s, from the organisation", zone=label)


@cache
def of_country(code: str) -> str:
    """The zone of a country where the clocks show one time everywhere; empty for any other country, and for none."""
    zones = get_global("territory_zones").get(code, ())
    return zones[0] if len(zones) == 1 else SAME_TIME.get(code, "")
