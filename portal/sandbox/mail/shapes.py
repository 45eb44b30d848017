"""Messages, folders and attachments as Graph shows them.

https://learn.microsoft.com/graph/api/resources/message
"""

import re
from typing import Any

from flask import request

from portal.sandbox.clock import written
from portal.sandbox.mail import letters
from portal.sandbox.mail.items import FOLDERS, files_of
from portal.sandbox.state import User
from portal.sandbox.state.models import MailFile, MailItem

ONLY_WHEN_SELECTED = ("uniqueBody", "internetMessageHeaders")
ALWAYS = ("id",)
MEETING = "IPM.Schedule.Meeting."
# https://learn.microsoft.com/graph/outlook-mapi-properties: what is kept elsewhere in a message.
IN_REPLY_TO, REFERENCES, MESSAGE_ID, MESSAGE_CLASS = (
    "string 0x1042", "string 0x1039", "string 0x1035", "string 0x1a",
)  # fmt: skip


def prefers(text: str) -> bool:
    """Whether a Prefer header says this, quotes and case left aside."""
    said = request.headers.get("Prefer", "").replace('"', "").replace(" ", "").lower()
    return text.lower() in said


def id_of(item: MailItem) -> str:
    return item.immutable if prefers("IdType=ImmutableId") else item.id


def body_shape(body: dict[str, str]) -> dict[str, str]:
    """https://learn.microsoft.com/graph/api/message-get: as preferred, else as it was written."""
    if prefers("outlook.body-content-type=text"):
        return {"contentType": "text", "content": letters.as_text(body)}
    if prefers("outlook.body-content-type=html") or (body.get("contentType") or "").lower() == "html":
        return {"contentType": "html", "content": letters.as_html(body)}
    return {"contentType": "text", "content": body.get("content") or ""}


def _unique(body: dict[str, str]) -> dict[str, str]:
    text = letters.without_quote(letters.as_text(body))
    return body_shape({"contentType": "text", "content": text})


def folder_id(user: User, name: str) -> str:
    return f"AAMkAF{user.id.replace('-', '')}{name.encode().hex()}="


def message_shape(user: User, item: MailItem, select: tuple[str, ...] = ()) -> dict[str, Any]:
    """The message; select: names, empty for the usual ones."""
    body = item.body
    text = letters.as_text(body.get("body") or {})
    subject = body.get("subject") or ""
    files = files_of(item)
    found = {
        "@odata.etag": f'W/"{item.seq}.{item.changed}"',
        "id": id_of(item), "createdDateTime": written(item.created), "lastModifiedDateTime": written(item.changed),
        "changeKey": f"CQAAABYAAA{item.seq}", "categories": body.get("categories") or [],
        "receivedDateTime": written(item.received), "sentDateTime": written(item.sent or item.created),
        "hasAttachments": any(not file.inline for file in files), "internetMessageId": item.internet_id,
        "subject": subject, "bodyPreview": " ".join(text.split())[:255],
        "importance": body.get("importance") or "normal",
        "parentFolderId": folder_id(user, item.folder), "conversationId": item.conversation,
        "conversationIndex": "AQHZ", "isDeliveryReceiptRequested": None if item.draft else False,
        "isReadReceiptRequested": False, "isRead": bool(body.get("isRead", True)), "isDraft": item.draft,
        "webLink": f"https://outlook.office365.com/owa/?ItemID={item.id}&exvsurl=1&viewmodel=ReadMessageItem",
        "inferenceClassification": "focused", "body": body_shape(body.get("body") or {}),
        "sender": body.get("sender"), "from": body.get("from"), "toRecipients": body.get("toRecipients") or [],
        "ccRecipients": body.get("ccRecipients") or [], "bccRecipients": body.get("bccRecipients") or [],
        "replyTo": body.get("replyTo") or [], "flag": {"flagStatus": "notFlagged"},
        "uniqueBody": _unique(body.get("body") or {}),
        "internetMessageHeaders": body.get("internetMessageHeaders") or [],
    }  # fmt: skip
    if item.kind.startswith(MEETING):
        # https://learn.microsoft.com/graph/api/resources/eventmessage
        answered = item.kind.startswith(f"{MEETING}Resp.")
        found["@odata.type"] = f"#microsoft.graph.eventMessage{'Response' if answered else 'Request'}"
    if item.draft:
        found = {name: value for name, value in found.items() if name not in ("sender", "from") or value}
    if select:
        return {name: found[name] for name in found if name in (*select, *ALWAYS) or name.startswith("@")}
    return {name: value for name, value in found.items() if name not in ONLY_WHEN_SELECTED}


def properties_of(item: MailItem) -> dict[str, tuple[str, str]]:
    """Folded id -> (id as it was given, value) of all that can be asked for."""
    found = {folded_property(name): (name, value) for name, value in item.properties.items()}
    found[MESSAGE_ID] = ("String 0x1035", item.internet_id)
    found[MESSAGE_CLASS] = ("String 0x1a", item.kind)
    if item.references:
        found[IN_REPLY_TO] = ("String 0x1042", item.references[-1])
        found[REFERENCES] = ("String 0x1039", " ".join(item.references))
    return found


def folded_property(name: str) -> str:
    """The id of an extended property: its GUID without case, its Name with it, its number without leading zeros."""
    head, mark, own = name.partition(" Name ")
    head = " ".join(head.split()).casefold()
    head = re.sub(r"0x0*([0-9a-f]+)", r"0x\1", head)
    return f"{head}{mark}{own}" if mark else head


def expanded(item: MailItem, ids: list[str]) -> list[dict[str, str]]:
    """https://learn.microsoft.com/graph/api/singlevaluelegacyextendedproperty-get"""
    held = properties_of(item)
    return [
        {"id": held[key][0], "value": held[key][1]} for key in dict.fromkeys(map(folded_property, ids)) if key in held
    ]


def file_shape(file: MailFile, select: tuple[str, ...] = (), *, content: bool = True) -> dict[str, Any]:
    """https://learn.microsoft.com/graph/api/resources/fileattachment"""
    found: dict[str, Any] = {
        "@odata.type": "#microsoft.graph.fileAttachment", "@odata.mediaContentType": file.content_type, "id": file.id,
        "lastModifiedDateTime": written(file.at), "name": file.name, "contentType": file.content_type,
        "size": file.size, "isInline": file.inline, "contentId": None, "contentLocation": None,
    }  # fmt: skip
    if content:
        found["contentBytes"] = file.data
    if select:
        return {name: found[name] for name in found if name in (*select, "id") or name.startswith("@")}
    return found


def folder_shape(user: User, name: str, total: int, unread: int) -> dict[str, Any]:
    """https://learn.microsoft.com/graph/api/resources/mailfolder"""
    return {
        "id": folder_id(user, name), "displayName": FOLDERS.get(name, name),
        "parentFolderId": folder_id(user, "msgfolderroot"), "childFolderCount": 0, "unreadItemCount": unread,
        "totalItemCount": total, "isHidden": False,
    }  # fmt: skip
