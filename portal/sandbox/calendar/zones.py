"""Times as Exchange takes them: wall time and the name of a zone, Windows' own or one of those of IANA that it knows.

https://learn.microsoft.com/graph/api/resources/datetimetimezone
"""

import re
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel.core import get_global

from portal.sandbox.refusals import Refusal

WINDOWS: dict[str, str] = {**get_global("windows_zone_mapping"), "UTC": "UTC"}
# Of IANA's names Exchange knows one for each of its own: Europe/Berlin, and not Europe/Vienna.
IANA = set(WINDOWS.values())
TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?)(?:\.\d+)?(Z?)")


def zone_of(name: str) -> ZoneInfo:
    """Raises Refusal."""
    found = WINDOWS.get(name) or (name if name in IANA else "")
    if not found:
        words = f"A valid TimeZone value must be specified. The following TimeZone value is not supported: '{name}'."
        raise Refusal(400, "TimeZoneNotSupportedException", words)
    return ZoneInfo(found)


def read(value: Any) -> tuple[float, str]:
    """The moment in seconds, and the name of the zone in which it was given. Raises Refusal."""
    given = {key.casefold(): item for key, item in value.items()} if isinstance(value, dict) else {}
    found = TIME.fullmatch(str(given.get("datetime", "")))
    if found is None:
        raise Refusal(400, "ErrorPropertyValidationFailure", "At least one property failed validation.")
    name = str(given.get("timezone") or "UTC")
    zone = UTC if found.group(2) else zone_of(name)
    return datetime.fromisoformat(found.group(1)).replace(tzinfo=zone).timestamp(), name


def shown(seconds: float, zone: str = "UTC") -> dict[str, str]:
    """As Graph writes it, in the zone that the caller prefers. Raises Refusal."""
    wall = datetime.fromtimestamp(seconds, zone_of(zone))
    return {"dateTime": wall.strftime("%Y-%m-%dT%H:%M:%S.0000000"), "timeZone": zone}
