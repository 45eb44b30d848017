"""The automatic reply of a leaver, and whether it still is the one that the portal set."""

import re
from datetime import date
from html import unescape

from portal.connectors.mailboxes import Audience, Reply, ReplyStatus
from portal.languages import gettext as _
from portal.people import reply_texts
from portal.people.models import Employee


def build(
    employee: Employee, successor: Employee | None, *, inside: str, outside: str, last_day: date | None = None
) -> Reply:
    """The reply to colleagues and to everybody else; with an empty `outside` only colleagues are answered.

    last_day: None for that of the record.
    """
    values = reply_texts.values_of(employee, successor, last_day or employee.end_date)
    for_colleagues, for_others = (
        reply_texts.as_html(reply_texts.filled(text, values)) for text in (inside, outside.strip() or inside)
    )
    audience = Audience.EVERYBODY if outside.strip() else Audience.NOBODY
    return Reply(ReplyStatus.ON, audience, for_colleagues, for_others)


def in_words(reply: Reply) -> str:
    """Whether it is on, and for whom."""
    if reply.status is ReplyStatus.OFF:
        return _("off")
    return {
        "nobody": _("on, for colleagues only"),
        "contacts": _("on, for colleagues and contacts"),
        "everybody": _("on, for everybody"),
    }[reply.audience]


def same(one: Reply, other: Reply) -> bool:
    """Whether both say the same to the same people; an application may write the same text in other HTML."""
    if (one.status, one.audience) != (other.status, other.audience):
        return False
    return (_plain(one.inside), _plain(one.outside)) == (_plain(other.inside), _plain(other.outside))


def _plain(html: str) -> list[str]:
    return unescape(re.sub(r"<[^<>]*>", " ", html)).split()
