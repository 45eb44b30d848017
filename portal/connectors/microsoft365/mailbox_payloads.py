"""Mail as Graph writes it: between its JSON and the portal's own words. Nothing here asks anything.

https://learn.microsoft.com/graph/api/resources/message
"""

import re
from typing import Any

from portal.connectors.microsoft365.moments import moment
from portal.connectors.personal import Attached, Draft, Found, Header, Kind, Letter, Mail, Owner

# https://learn.microsoft.com/graph/api/resources/extended-properties-overview: no reader of the mail sees it.
MARKER = "String {5d1a2f6c-7d0b-4c1e-9a57-2f8f4f1c3b60} Name PortalMessage"

# https://learn.microsoft.com/office/client-developer/outlook/mapi/mapi-property-identifier-ranges: what a mail answers,
# and what class of item it is. Graph may write a number without its leading zeros.
IN_REPLY_TO, REFERENCES, ITEM_CLASS = "String 0x1042", "String 0x1039", "String 0x001A"
KEPT = (IN_REPLY_TO, REFERENCES, ITEM_CLASS, MARKER)
MESSAGE_ID = re.compile(r"<[^<>\s]{1,990}>")
MOST_ANSWERED, MOST_RECIPIENTS = 100, 500
CLASSES = {
    "REPORT.": Kind.BOUNCE, "IPM.SCHEDULE.MEETING.RESP.POS": Kind.ACCEPTED,
    "IPM.SCHEDULE.MEETING.RESP.TENT": Kind.TENTATIVE, "IPM.SCHEDULE.MEETING.RESP.NEG": Kind.DECLINED,
    "IPM.NOTE.RULES.": Kind.AUTOMATIC,
}  # fmt: skip
# Records of Teams chats lie among the messages, and what a calendar sends to those whom it invites.
NO_MAIL = ("IPM.SKYPETEAMS.", "IPM.SCHEDULE.MEETING.REQUEST", "IPM.SCHEDULE.MEETING.CANCELED")
# https://learn.microsoft.com/graph/api/resources/eventmessage: what Graph says of them where it tells no class.
INVITATION = "#microsoft.graph.eventMessage"
# That it was read, deleted without being read, delivered, or handed on.
GOOD_REPORTS = (".IPNRN", ".IPNNRN", ".DR", ".RELAYED")
POSTMASTERS = (
    "mailer-daemon@",
    "mailer_daemon@",
    "mailerdaemon@",
    "mail-daemon@",
    "postmaster@",
    "microsoftexchange329e71ec88ae4615bbc36ab6ce41109e@",
)


ANSWERS_ITSELF = frozenset({"x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-reply", "x-vacation"})
# How mail programs begin the subject of an answer of their own, in small letters.
AWAY = (
    "automatic reply:", "automatic response:", "auto reply:", "auto-reply:", "autoreply:", "out of office:",
    "automatische antwort:", "abwesenheitsnotiz", "out of office autoreply:", "réponse automatique",
    "absence du bureau", "respuesta automática", "risposta automatica", "resposta automática", "automatisch antwoord",
    "autosvar", "automatisk svar", "automatiskt svar", "automaattinen vastaus", "odpowiedź automatyczna",
    "autoodpowiedź",
    "automatická odpověď", "automatikus válasz", "răspuns automat", "otomatik yanıt", "автоответ",
    "автоматический ответ", "автоматична відповідь", "αυτόματη απάντηση", "自動応答", "自動返信",
    "自动回复", "自動回覆",
    "자동 회신", "자동 응답", "رد تلقائي", "מענה אוטומטי",
)  # fmt: skip


def written(letter: Letter) -> dict[str, Any]:
    return {
        "subject": letter.subject,
        "body": {"contentType": "text", "content": letter.text},
        "toRecipients": [{"emailAddress": {"address": letter.to}}],
        **marked(letter),
    }


def marked(letter: Letter) -> dict[str, Any]:
    """Only what it is found by."""
    return {"singleValueExtendedProperties": [{"id": MARKER, "value": letter.marker}]}


def draft(message: dict[str, Any]) -> Draft:
    thread, link = message.get("conversationId") or "", web_link(message.get("webLink") or "")
    return Draft(message["id"], message["internetMessageId"], thread, link)


def found(message: dict[str, Any]) -> Found:
    return Found(
        message["id"],
        message["internetMessageId"],
        message.get("conversationId") or "",
        sent=not message.get("isDraft"),
        at=moment(message["sentDateTime"]) if message.get("sentDateTime") else None,
        web_link=web_link(message.get("webLink") or ""),
    )


def web_link(link: str) -> str:
    """An address that may be offered to press: Outlook's own, or none."""
    return link if link.startswith("https://") and len(link) <= 2000 else ""


def owner(person: dict[str, Any]) -> Owner:
    """All addresses count as the person's own. The first is the one that mail goes out from."""
    address = person.get("mail") or person["userPrincipalName"]
    aliases = [item[5:] for item in person.get("proxyAddresses") or () if item[:5].casefold() == "smtp:"]
    return Owner(person["id"], person.get("displayName") or address, address, tuple(dict.fromkeys([address, *aliases])))


def header(message: dict[str, Any]) -> Header | None:
    """None for what is no mail that came or went: a draft, a chat, an invitation, and what has no sender."""
    kept = _kept(message)
    sender, item_class = _address(message.get("from") or message.get("sender")), kept[ITEM_CLASS].upper()
    if message.get("isDraft") or not sender or item_class.startswith(NO_MAIL) or not message.get("receivedDateTime"):
        return None
    if not item_class and str(message.get("@odata.type") or "") in (INVITATION, f"{INVITATION}Request"):
        return None
    both = [*(message.get("toRecipients") or ()), *(message.get("ccRecipients") or ())][:MOST_RECIPIENTS]
    at = moment(message["receivedDateTime"])
    if at is None:
        return None
    return Header(
        message["id"], message.get("internetMessageId") or "", message.get("conversationId") or "", sender,
        tuple(address for address in map(_address, both) if address), at, _answers(kept), kept[MARKER],
        _kind(item_class, sender), _name(message.get("from") or message.get("sender")),
        web_link(message.get("webLink") or ""),
    )  # fmt: skip


def _kept(message: dict[str, Any]) -> dict[str, str]:
    """Each of KEPT with its value, which may be empty."""
    given = {_plain(item["id"]): item.get("value") or "" for item in message.get("singleValueExtendedProperties") or ()}
    return {name: given.get(_plain(name), "") for name in KEPT}


def _plain(name: str) -> str:
    return re.sub(r"0x0*", "0x", name.casefold())


def _answers(kept: dict[str, str]) -> tuple[str, ...]:
    answered = [*MESSAGE_ID.findall(kept[IN_REPLY_TO]), *reversed(MESSAGE_ID.findall(kept[REFERENCES]))]
    return tuple(dict.fromkeys(answered))[:MOST_ANSWERED]


def _kind(item_class: str, sender: str) -> Kind:
    if item_class.startswith("REPORT.") and item_class.endswith(GOOD_REPORTS):
        return Kind.AUTOMATIC
    known = next((kind for start, kind in CLASSES.items() if item_class.startswith(start)), Kind.PLAIN)
    return Kind.BOUNCE if known == Kind.PLAIN and sender.casefold().startswith(POSTMASTERS) else known


def _address(recipient: dict[str, Any] | None) -> str:
    return (((recipient or {}).get("emailAddress") or {}).get("address") or "").strip()


def _name(recipient: dict[str, Any] | None) -> str:
    return (((recipient or {}).get("emailAddress") or {}).get("name") or "").strip()


def mail(message: dict[str, Any]) -> Mail:
    headers = {
        (item.get("name") or "").casefold(): (item.get("value") or "").casefold()
        for item in message.get("internetMessageHeaders") or ()
    }
    return Mail(
        message.get("subject") or "", _content(message.get("uniqueBody")),
        _sent_by(headers, (message.get("subject") or "").strip().casefold()),
        bool(message.get("hasAttachments")),
    )  # fmt: skip


def _sent_by(headers: dict[str, str], subject: str) -> Kind:
    """https://datatracker.ietf.org/doc/html/rfc3834#section-5, Microsoft's own header, and what others write instead.

    subject: in small letters. A person's answer to such a mail begins with Re: or the like.
    """
    if "multipart/report" in headers.get("content-type", "") and "delivery-status" in headers["content-type"]:
        return Kind.BOUNCE
    said = headers.get("auto-submitted", "no").partition(";")[0].strip()
    suppressed = headers.get("x-auto-response-suppress", "none").strip()
    if said != "no" or suppressed not in ("", "none") or headers.get("precedence", "").strip() == "auto_reply":
        return Kind.AUTOMATIC
    return Kind.AUTOMATIC if ANSWERS_ITSELF & headers.keys() or subject.startswith(AWAY) else Kind.PLAIN


def _content(body: dict[str, Any] | None) -> str:
    return (body or {}).get("content") or ""


def formatted(message: dict[str, Any]) -> str:
    return _content(message.get("body"))


def attached(file: dict[str, Any]) -> Attached:
    link = str(file.get("@odata.type") or "").endswith("referenceAttachment")
    return Attached(file["id"], file.get("name") or "", file.get("contentType") or "", file.get("size") or 0, link)


def is_picture_in_text(file: dict[str, Any]) -> bool:
    """A logo and the like. Some programs mark everything as part of the text, so only pictures count."""
    return bool(file.get("isInline")) and (file.get("contentType") or "").casefold().startswith("image/")
