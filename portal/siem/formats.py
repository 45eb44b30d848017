"""Lines of the audit log as other systems read them: JSON, syslog (RFC 5424), CEF.

https://www.rfc-editor.org/rfc/rfc5424 · https://www.rfc-editor.org/rfc/rfc5425#section-4.3 (octet counting)
"""

import json
import re
from datetime import UTC
from importlib.metadata import PackageNotFoundError, version
from typing import Any
from urllib.parse import urlsplit

from portal import audit_words
from portal.audit import AuditEntry
from portal.config import settings

# Facility 13 is "log audit"; severity 6 is informational, 4 a warning.
FACILITY, GOOD, BAD = 13, 6, 4
# The number that RFC 5612 sets aside for those who have none of their own.
SD_ID = "portal@32473"
PORT_LESS = re.compile(r"[^\x21-\x7e]")
FAILED = re.compile(r": failed$|refus|wrong|\blocked?\b")


def fields(entry: AuditEntry, previous: str, organisation: str, *, personal: bool) -> dict[str, Any]:
    """A line as plain values. previous: the hash of the line before. organisation: its key.

    personal: with the values; else the names of the fields are all that is told of them.
    """
    detail: Any = entry.detail if personal else sorted(entry.detail)
    return {
        "number": entry.number,
        "at": instant(entry),
        "organisation": organisation,
        "by": entry.by_name,
        "action": entry.action,
        "subject_kind": entry.subject_kind,
        "subject_id": None if entry.subject_id is None else str(entry.subject_id),
        "subject_name": entry.subject_name if personal else "",
        "detail": detail,
        "address": entry.address,
        "erased": entry.erased,
        "outcome": "failure" if FAILED.search(entry.action) else "success",
        "hash": entry.hash,
        "previous_hash": previous,
    }


def instant(entry: AuditEntry) -> str:
    return entry.at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def as_json(line: dict[str, Any]) -> str:
    """On one line: JSON has no line ends of its own."""
    return json.dumps(line, ensure_ascii=False, sort_keys=True)


def syslog(line: dict[str, Any], message: str) -> bytes:
    """A frame of syslog: its length, the header, the hashes as structured data, and the message in UTF-8."""
    severity = BAD if line["outcome"] == "failure" else GOOD
    host = PORT_LESS.sub("-", urlsplit(settings().public_url).hostname or "-")[:255]
    known = {name: line[name] for name in ("organisation", "number", "hash", "previous_hash")}
    data = " ".join(f'{name}="{_parameter(str(value))}"' for name, value in known.items())
    head = f"<{FACILITY * 8 + severity}>1 {line['at']} {host} portal - {word(line['action'])} [{SD_ID} {data}] "
    frame = head.encode() + b"\xef\xbb\xbf" + message.encode()
    return str(len(frame)).encode() + b" " + frame


def word(action: str) -> str:
    """An action as one word of printable ASCII, as MSGID and CEF's event class want it."""
    return (re.sub(r"[^a-z0-9]+", "-", action.casefold()).strip("-") or "-")[:32]


def _parameter(value: str) -> str:
    """A value of structured data: RFC 5424 section 6.3.3."""
    return re.sub(r'(["\\\]])', r"\\\1", value)


def cef(line: dict[str, Any]) -> str:
    """The line in the Common Event Format."""
    severity = 7 if line["outcome"] == "failure" else 3
    head = ("portal", "portal", _version(), word(line["action"]), audit_words.action(line["action"]), severity)
    known = {
        "rt": line["at"], "suser": line["by"], "duser": line["subject_name"], "src": line["address"],
        "outcome": line["outcome"], "externalId": line["number"], "cs1Label": "hash", "cs1": line["hash"],
        "cs2Label": "previousHash", "cs2": line["previous_hash"], "cs3Label": "subject",
        "cs3": f"{line['subject_kind']} {line['subject_id'] or ''}".strip(), "cs4Label": "organisation",
        "cs4": line["organisation"], "cs5Label": "detail", "cs5": as_json(line["detail"]),
    }  # fmt: skip
    extension = " ".join(f"{name}={_value(str(value))}" for name, value in known.items() if value not in ("", None))
    return "|".join(["CEF:0", *map(_header, map(str, head)), extension])


def _header(value: str) -> str:
    return re.sub(r"[\r\n]+", " ", value.replace("\\", "\\\\").replace("|", "\\|"))


def _value(value: str) -> str:
    return value.replace("\\", "\\\\").replace("=", "\\=").replace("\r", "\\r").replace("\n", "\\n")


def _version() -> str:
    try:
        return version("account-portal")
    except PackageNotFoundError:
        return "0"
