"""Messages in the mailbox of the person in whose name the application asks.

https://learn.microsoft.com/graph/api/resources/message
"""

from typing import Any
from urllib.parse import quote

from flask import Response, request

from portal.sandbox.graph.calls import address, answer, nothing, of_person, sent, state
from portal.sandbox.graph.me import folder_named
from portal.sandbox.graph.shapes import CONTEXT
from portal.sandbox.mail import items, letters, queries, shapes, transport
from portal.sandbox.refusals import Refusal, bad_request
from portal.sandbox.rules.permissions import Caller
from portal.sandbox.state import User
from portal.sandbox.state.models import MailItem

LIST, READ, WRITE, SEND = (
    ("Mail.ReadBasic", "Mail.Read", "Mail.ReadWrite"), ("Mail.Read", "Mail.ReadWrite"), ("Mail.ReadWrite",),
    ("Mail.Send",),
)  # fmt: skip
# What an application without Mail.Read does not see.
BEYOND_BASICS = ("body", "uniqueBody", "bodyPreview")
WRITABLE = (
    "subject", "body", "toRecipients", "ccRecipients", "bccRecipients", "replyTo", "importance", "categories", "from",
    "sender", "isRead", "flag", "isReadReceiptRequested", "isDeliveryReceiptRequested", "inferenceClassification",
)  # fmt: skip
# What can change once a message is no draft any more.
ALWAYS_WRITABLE = ("isRead", "categories", "flag", "importance", "inferenceClassification")
MOST_HEADERS = 5


@of_person("GET", "/me/messages", needs=LIST)
def messages(caller: Caller, user: User) -> Response:
    """https://learn.microsoft.com/graph/api/user-list-messages: those of all folders."""
    return _listed(caller, user, list(items.of(user)), "/me/messages")


@of_person("GET", "/me/mailFolders/<folder>/messages", needs=LIST)
def messages_in(caller: Caller, user: User, folder: str) -> Response:
    """https://learn.microsoft.com/graph/api/mailfolder-list-messages"""
    name = folder_named(user, folder)
    inside = [item for item in items.of(user) if item.folder == name]
    return _listed(caller, user, inside, f"/me/mailFolders/{folder}/messages")


def _listed(caller: Caller, user: User, held: list[MailItem], path: str) -> Response:
    asked = queries.read_options(request.args, user)
    found = queries.found(held, asked)
    shown = found[asked.skip : asked.skip + asked.top]
    page: dict[str, Any] = {"@odata.context": f"{CONTEXT}users('{user.id}')/messages"}
    if asked.count:
        page["@odata.count"] = len(found)
    page["value"] = [_shown(caller, user, item, asked.select, asked.expand, files=asked.files) for item in shown]
    if len(found) > asked.skip + asked.top:
        kept = {name: value for name, value in request.args.items() if name.lstrip("$") != "skip"}
        pairs = {**kept, "$skip": str(asked.skip + asked.top)}
        page["@odata.nextLink"] = address(path) + "?" + "&".join(
            f"{quote(name, safe='$')}={quote(value)}" for name, value in pairs.items()
        )  # fmt: skip
    return answer(page)


def _shown(
    caller: Caller, user: User, item: MailItem, select: tuple[str, ...] = (), expand: tuple[str, ...] = (),
    *, files: bool = False,
) -> dict[str, Any]:  # fmt: skip
    found = shapes.message_shape(user, item, select)
    if not caller.scopes & set(READ):
        found = {name: value for name, value in found.items() if name not in BEYOND_BASICS}
        expand, files = (), False
    if expand and (len(expand) == 1 or state().timing.joined_properties):
        held = shapes.expanded(item, list(expand))
        # As Graph has it, a message without any of them comes without the list.
        found.update({"singleValueExtendedProperties": held} if held else {})
    if files:
        found["attachments"] = [shapes.file_shape(file) for file in items.files_of(item)]
    return found


def _entity(caller: Caller, user: User, item: MailItem, status: int = 200) -> Response:
    asked = queries.read_options(
        {name: value for name, value in request.args.items() if name.lstrip("$") in ("select", "expand")}, user
    )
    body = _shown(caller, user, item, asked.select, asked.expand, files=asked.files)
    return answer({"@odata.context": f"{CONTEXT}users('{user.id}')/messages/$entity", **body}, status)


@of_person("GET", "/me/messages/<name>", needs=LIST)
def message(caller: Caller, user: User, name: str) -> Response:
    """https://learn.microsoft.com/graph/api/message-get"""
    return _entity(caller, user, items.find(user, name))


@of_person("GET", "/me/messages/<name>/$value", needs=READ)
def mime(_caller: Caller, user: User, name: str) -> Response:
    """https://learn.microsoft.com/graph/outlook-get-mime-message"""
    return Response(letters.mime(items.find(user, name)), content_type="text/plain")


@of_person("POST", "/me/messages", needs=WRITE)
def create(caller: Caller, user: User) -> Response:
    """https://learn.microsoft.com/graph/api/user-post-messages: a draft."""
    body = sent()
    own = transport.own_addresses(user)[0]
    writer = items.recipient(own, user.body.get("displayName") or "")
    item = items.add(
        state(), user, {"from": writer, "sender": writer, **_written(body)}, folder="drafts", sender=own, draft=True,
        properties=_properties(body),
    )  # fmt: skip
    for file in body.get("attachments") or ():
        attach(item, file)
    return _entity(caller, user, item, 201)


def _written(body: dict[str, Any]) -> dict[str, Any]:
    """The part of a body that is the message itself. Raises Refusal."""
    found = {name: value for name, value in body.items() if name in WRITABLE}
    content = found.get("body")
    if content is not None and str(content.get("contentType", "text")).lower() not in ("text", "html"):
        raise bad_request("Requested value was not found.", code="RequestBodyRead")
    if "internetMessageHeaders" in body:
        found["internetMessageHeaders"] = _headers(body["internetMessageHeaders"])
    return found


def _headers(headers: Any) -> list[dict[str, str]]:
    """https://learn.microsoft.com/graph/api/resources/internetmessageheader"""
    if not headers or len(headers) > MOST_HEADERS:
        words = f"The collection of internet message headers must have between 1 and {MOST_HEADERS}."
        raise bad_request(words, code="InvalidInternetMessageHeaderCollection")
    for header in headers:
        if not str(header.get("name", "")).lower().startswith("x-"):
            words = f"The internet message header name '{header.get('name')}' should start with 'x-' or 'X-'."
            raise bad_request(words, code="InvalidInternetMessageHeader")
    return list(headers)


def _properties(body: dict[str, Any]) -> dict[str, str]:
    return {item["id"]: item["value"] for item in body.get("singleValueExtendedProperties") or ()}


@of_person("PATCH", "/me/messages/<name>", needs=WRITE)
def update(caller: Caller, user: User, name: str) -> Response:
    """https://learn.microsoft.com/graph/api/message-update"""
    body, item = sent(), items.find(user, name)
    changes = _written(body)
    if not item.draft and set(changes) - set(ALWAYS_WRITABLE):
        raise bad_request("Update is not allowed on a message that was sent.", code="ErrorInvalidPropertySet")
    item.body = {**item.body, **changes}
    item.properties = {**item.properties, **_properties(body)}
    item.changed = state().clock.time()
    item.save()
    return _entity(caller, user, item)


@of_person("DELETE", "/me/messages/<name>", needs=WRITE)
def delete(_caller: Caller, user: User, name: str) -> Response:
    """https://learn.microsoft.com/graph/api/message-delete: into Deleted Items, and from there for good."""
    item = items.find(user, name)
    if item.folder == "deleteditems":
        items.remove(item)
    else:
        items.move(state(), item, "deleteditems")
    return nothing()


@of_person("POST", "/me/messages/<name>/createReply", needs=WRITE)
def create_reply(caller: Caller, user: User, name: str) -> Response:
    """https://learn.microsoft.com/graph/api/message-createreply"""
    given = {key.casefold(): value for key, value in (sent() if request.get_data() else {}).items()}
    message, comment = given.get("message") or {}, given.get("comment") or ""
    if comment and "body" in message:
        raise bad_request("A comment and the body of a message cannot both be given.", code="ErrorInvalidRequest")
    answered = items.find(user, name)
    own = transport.own_addresses(user)[0]
    writer = items.recipient(own, user.body.get("displayName") or "")
    subject = answered.body.get("subject") or ""
    text = f"{comment}\n\n{letters.quoted(answered)}"
    body = {
        "from": writer, "sender": writer,
        "subject": subject if subject.casefold().startswith("re:") else f"RE: {subject}",
        # An answer to one's own mail goes to oneself, unless the application says otherwise.
        "toRecipients": answered.body.get("replyTo") or [answered.body.get("from")],
        "body": {"contentType": "text", "content": text}, **_written(message),
    }  # fmt: skip
    item = items.add(
        state(), user, body, folder="drafts", sender=own, draft=True, conversation=answered.conversation,
        references=[*answered.references, answered.internet_id], properties=_properties(message),
    )  # fmt: skip
    return _entity(caller, user, item, 201)


@of_person("POST", "/me/messages/<name>/send", needs=SEND)
def send(_caller: Caller, user: User, name: str) -> Response:
    """https://learn.microsoft.com/graph/api/message-send: accepted, not delivered."""
    item = items.find(user, name)
    if not item.draft:
        raise items.gone()
    transport.accept(state(), user, item)
    return nothing(202)


@of_person("POST", "/me/sendMail", needs=SEND)
def send_mail(_caller: Caller, user: User) -> Response:
    """https://learn.microsoft.com/graph/api/user-sendmail: without an id by which it could be found again."""
    given = {key.casefold(): value for key, value in sent().items()}
    body = given.get("message")
    if not isinstance(body, dict):
        raise Refusal(400, "ErrorInvalidArgument", "The request is malformed: Message is required.")
    own = transport.own_addresses(user)[0]
    writer = items.recipient(own, user.body.get("displayName") or "")
    item = items.add(state(), user, {"from": writer, "sender": writer, **_written(body)}, folder="drafts", sender=own,
                     draft=True, properties=_properties(body))  # fmt: skip
    for file in body.get("attachments") or ():
        attach(item, file)
    transport.accept(state(), user, item)
    return nothing(202)


# https://learn.microsoft.com/graph/outlook-large-attachments
LARGEST_AT_ONCE = 3_000_000


def attach(item: MailItem, given: dict[str, Any]) -> Any:
    """Raises Refusal."""
    data, name = given.get("contentBytes"), given.get("name")
    if not isinstance(data, str) or not name:
        raise bad_request("The property 'contentBytes' or 'name' is required.", code="ErrorInvalidRequest")
    if len(data) * 3 // 4 > LARGEST_AT_ONCE:
        raise Refusal(413, "ErrorAttachmentSizeLimitExceeded", "The attachment exceeds the maximum supported size.")
    return items.attach(
        state(), item, name, data, content_type=given.get("contentType"), inline=bool(given.get("isInline"))
    )
