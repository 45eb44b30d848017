"""What an address asks for: numbers and words of its query, checked.

Every page reads its query through here. What cannot be what it should is as if it were not there.
"""

import re
from datetime import date

from flask import request

# What the number of a row can be, on SQLite and PostgreSQL.
LARGEST = 2**31 - 1
CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]+")
# Days that stay days when a time zone or a year is added.
FIRST_YEAR, LAST_YEAR = 1970, 9998


def cursor(text: str | None) -> int | None:
    """The number of a row, such as one after which a page begins; None for what cannot be one."""
    if not text or not re.fullmatch(r"[0-9]{1,10}", text):
        return None
    return int(text) if int(text) <= LARGEST else None


def number(name: str) -> int | None:
    """The number of this name in the address or the form; None for what cannot be one."""
    return cursor(request.values.get(name))


def line(name: str, *, most: int = 100, otherwise: str = "") -> str:
    """The words of this name in the address, as one line that every database takes. most: in letters."""
    return one_line(request.args.get(name, otherwise), most=most)


def one_line(text: str, *, most: int) -> str:
    return CONTROL_CHARACTERS.sub(" ", text).strip()[:most]


def day(text: str) -> date | None:
    """The day that is written as in ISO 8601; None for what is none, or too far away to be reckoned with."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if FIRST_YEAR <= found.year <= LAST_YEAR else None


def is_packed() -> bool:
    """Whether the body came packed, as gzip does it: unpacked it could be of any size, so nothing here reads it."""
    return request.headers.get("Content-Encoding", "").strip().casefold() not in ("", "identity")


def is_utf8() -> bool:
    """Whether the body is in UTF-8, as far as its Content-Type says."""
    return request.mimetype_params.get("charset", "utf-8").casefold() in ("utf-8", "utf8", "us-ascii")
