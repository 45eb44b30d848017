"""What Exchange takes as an automatic reply, and how it shows it.

https://learn.microsoft.com/graph/api/resources/automaticrepliessetting
"""

from datetime import UTC, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from portal.sandbox.refusals import Refusal

WORDS = {"status": ("disabled", "alwaysEnabled", "scheduled"), "externalAudience": ("none", "contactsOnly", "all")}
TEXTS = ("internalReplyMessage", "externalReplyMessage")
ENDS = ("scheduledStartDateTime", "scheduledEndDateTime")
NONE: dict[str, Any] = {
    "status": "disabled", "externalAudience": "all", "internalReplyMessage": "", "externalReplyMessage": "",
    "scheduledStartDateTime": None, "scheduledEndDateTime": None,
}  # fmt: skip
# Windows' names that tests use, beside those of IANA: https://github.com/unicode-org/cldr, windowsZones.xml.
WINDOWS = {
    "UTC": "UTC", "GMT Standard Time": "Europe/London", "W. Europe Standard Time": "Europe/Berlin",
    "Pacific Standard Time": "America/Los_Angeles", "AUS Eastern Standard Time": "Australia/Sydney",
}  # fmt: skip
WRITTEN = "%Y-%m-%dT%H:%M:%S.0000000"


def unreadable() -> Refusal:
    return Refusal(400, "RequestBodyRead", "The request body is not as described, so that it cannot be read.")


def zone_of(name: str) -> tzinfo:
    """Raises Refusal for a zone that neither Windows nor IANA has."""
    try:
        return ZoneInfo(WINDOWS.get(name, name))
    except (KeyError, ValueError, OSError):
        raise Refusal(400, "InvalidTimeZone", f"The time zone '{name}' is not one that is known.") from None


def changed(before: dict[str, Any], wanted: Any) -> dict[str, Any]:
    """The reply afterwards: what is left out keeps its old value. Times are kept in UTC. Raises Refusal."""
    if not isinstance(wanted, dict) or wanted.keys() - NONE.keys():
        raise unreadable()
    after = {**NONE, **before, **wanted}
    for name, words in WORDS.items():
        if after[name] not in words:
            raise unreadable()
    for name in TEXTS:
        if name in wanted:
            after[name] = as_document(wanted[name])
    for name in ENDS:
        if name in wanted:
            after[name] = _in_utc(wanted[name])
    if after["status"] == "scheduled":
        begins, ends = (after[name] for name in ENDS)
        if not begins or not ends or begins["dateTime"] >= ends["dateTime"]:
            raise Refusal(400, "ErrorInvalidRequest", "The OData request is not supported.")
    return after


def as_document(text: Any) -> str:
    """The text as Exchange keeps it: a whole document of HTML, whatever it came as. Raises Refusal."""
    if text is None:
        return ""
    if not isinstance(text, str):
        raise unreadable()
    if not text or text.lstrip().casefold().startswith("<html"):
        return text
    return f"<html>\r\n<body>\r\n{text}\r\n</body>\r\n</html>\r\n"


def shown(setting: dict[str, Any], zone: str) -> dict[str, Any]:
    """The reply with its times in a zone. Raises Refusal."""
    return {name: _in_zone(value, zone) if name in ENDS else value for name, value in {**NONE, **setting}.items()}


def _in_utc(value: Any) -> dict[str, str] | None:
    if value is None:
        return None
    if not isinstance(value, dict) or not isinstance(value.get("dateTime"), str):
        raise unreadable()
    zone = zone_of(value.get("timeZone") or "UTC")
    try:
        moment = datetime.fromisoformat(value["dateTime"].rstrip("Z")[:26])
    except ValueError:
        raise unreadable() from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    return {"dateTime": moment.astimezone(UTC).strftime(WRITTEN), "timeZone": "UTC"}


def _in_zone(value: dict[str, str] | None, zone: str) -> dict[str, str] | None:
    if value is None or zone == "UTC":
        return value
    moment = datetime.fromisoformat(value["dateTime"][:26]).replace(tzinfo=UTC)
    return {"dateTime": moment.astimezone(zone_of(zone)).strftime(WRITTEN), "timeZone": zone}
