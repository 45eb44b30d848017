"""What goes between organiser and attendees: invitations, updates, cancellations and answers.

https://learn.microsoft.com/graph/api/resources/eventmessage
"""

from datetime import UTC, datetime
from typing import Any

from portal.sandbox.calendar import items
from portal.sandbox.mail import items as mails
from portal.sandbox.mail import letters, transport
from portal.sandbox.mail.items import folded, recipient
from portal.sandbox.state import State, User
from portal.sandbox.state.models import CalendarEvent, OutsideMail

REQUEST, CANCEL = "REQUEST", "CANCEL"
KINDS = {REQUEST: "IPM.Schedule.Meeting.Request", CANCEL: "IPM.Schedule.Meeting.Canceled"}
# What an attendee says -> the message class of the answer, its subject, and what Graph calls it.
ANSWERS = {
    "accepted": ("IPM.Schedule.Meeting.Resp.Pos", "Accepted"),
    "tentativelyAccepted": ("IPM.Schedule.Meeting.Resp.Tent", "Tentative"),
    "declined": ("IPM.Schedule.Meeting.Resp.Neg", "Declined"),
}


def tell(
    state: State, organiser: User, event: CalendarEvent, method: str, addresses: list[str], words: str = ""
) -> None:
    """Mail attendees about the event, and keep the calendars of those who have one here."""
    for address in dict.fromkeys(addresses):
        reader = transport.holder(address)
        text = words or letters.as_text(event.body.get("body") or {})
        if reader is None:
            _mail_outside(state, organiser, event, method, address, text)
        elif reader.id != organiser.id:
            _keep_copy(state, reader, event, method)
            _mail_inside(state, organiser, reader, event, method, text)


def _subject(event: CalendarEvent, method: str) -> str:
    subject = event.body.get("subject") or ""
    return f"Canceled: {subject}" if method == CANCEL else subject


def _mail_outside(
    state: State, organiser: User, event: CalendarEvent, method: str, address: str, text: str
) -> None:  # fmt: skip
    own = transport.own_addresses(organiser)[0]
    OutsideMail.create(
        address=folded(address), at=state.clock.time(), sender=own, recipients=items.guests(event),
        subject=_subject(event, method), text=text, internet_id=mails.fresh_message_id(), references=[], files=[],
        meeting={
            "uid": event.uid, "method": method, "starts": _utc(event.starts), "ends": _utc(event.ends),
            "place": (event.body.get("location") or {}).get("displayName") or "", "join_url": event.join_url,
        },
    )  # fmt: skip


def _utc(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _mail_inside(
    state: State, organiser: User, reader: User, event: CalendarEvent, method: str, text: str
) -> None:  # fmt: skip
    own = transport.own_addresses(organiser)[0]
    writer = recipient(own, organiser.body.get("displayName") or "")
    body = {
        "subject": _subject(event, method), "from": writer, "sender": writer, "isRead": False,
        "toRecipients": [recipient(address) for address in items.guests(event)],
        "body": {"contentType": "text", "content": text},
    }  # fmt: skip
    mails.add(state, reader, body, folder="inbox", sender=own, kind=KINDS[method], sent=state.clock.time())


def _keep_copy(state: State, reader: User, event: CalendarEvent, method: str) -> None:
    copy = items.of(reader).where(CalendarEvent.uid == event.uid).first()
    if method == CANCEL:
        if copy is not None:
            items.remove(state, copy)
        return
    moments = {name: getattr(event, name) for name in ("starts", "ends", "start_zone", "end_zone", "join_url")}
    body = {**event.body, "showAs": "tentative"}
    if copy is None:
        items.add(state, reader, body, organiser=False, uid=event.uid, **moments)
    else:
        items.change(state, copy, body, **moments)


def answered(state: State, uid: str, address: str, response: str, words: str = "") -> None:
    """An attendee answers: the organiser has a mail, and Exchange books it into the event. Raises KeyError."""
    event = CalendarEvent.get_or_none((CalendarEvent.uid == uid) & CalendarEvent.organiser)
    organiser = User.get_or_none(User.id == event.user) if event else None
    if event is None or organiser is None:
        raise KeyError(uid)
    if state.timing.answers_booked:
        items.answer(state, event, address, response)
    kind, said = ANSWERS[response]
    writer, own = recipient(address), transport.own_addresses(organiser)[0]
    body: dict[str, Any] = {
        "subject": f"{said}: {event.body.get('subject') or ''}", "from": writer, "sender": writer,
        "toRecipients": [recipient(own)], "body": {"contentType": "text", "content": words},
    }  # fmt: skip
    mails.add(state, organiser, body, folder="inbox", sender=address, kind=kind, sent=state.clock.time())
    _note_own_copy(state, address, uid, response)


def _note_own_copy(state: State, address: str, uid: str, response: str) -> None:
    reader = transport.holder(address)
    copy = items.of(reader).where(CalendarEvent.uid == uid).first() if reader else None
    if copy is None:
        return
    if response == "declined":
        items.remove(state, copy)
    else:
        items.change(state, copy, {"showAs": "busy" if response == "accepted" else "tentative"})


def update(state: State, organiser: User, event: CalendarEvent, values: dict[str, Any], **moments: Any) -> None:
    """Change an event as its organiser, and tell those whom it concerns.

    https://learn.microsoft.com/graph/api/event-update
    """
    before = set(items.guests(event))
    moved = any(getattr(event, name) != value for name, value in moments.items() if name in ("starts", "ends"))
    if moved:
        # Whoever answered for another time has not answered for this one.
        kept = values.get("attendees") or event.body.get("attendees") or []
        values = {**values, "attendees": [{**guest, "status": items.NOT_ANSWERED} for guest in kept]}
    items.change(state, event, values, **moments)
    left = [address for address in before if address not in items.guests(event)]
    tell(state, organiser, event, CANCEL, left)
    only_guests = set(values) == {"attendees"} and not moments
    whom = [address for address in items.guests(event) if not only_guests or address not in before]
    tell(state, organiser, event, REQUEST, whom)


def cancel(state: State, organiser: User, event: CalendarEvent, words: str = "") -> None:
    """https://learn.microsoft.com/graph/api/event-cancel: it goes to Deleted Items."""
    tell(state, organiser, event, CANCEL, items.guests(event), words)
    items.remove(state, event)
