"""A person's own mail in Microsoft Graph v1.0, one method per call. Each names the page it follows."""

import base64
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import requests

from portal.connectors.errors import ReconnectNeeded, Refused
from portal.connectors.http import Channel, Cost, body_of, written_by_anybody
from portal.connectors.microsoft365 import mailbox_shapes as shapes
from portal.connectors.microsoft365.client import IDS, described, own_path, quoted, wanted_claims, with_query
from portal.connectors.microsoft365.mailbox_cases import from_mail
from portal.connectors.microsoft365.mailbox_payloads import KEPT, MARKER
from portal.connectors.microsoft365.person_cases import ENDED
from portal.connectors.microsoft365.person_tokens import PersonTokens
from portal.connectors.microsoft365.refusals import not_as_described
from portal.connectors.microsoft365.settings import settings
from portal.connectors.pace import Pacer, Window, retry_after
from portal.connectors.shape import Shape
from portal.connectors.values import Call

NAME = "Outlook"
PATIENCE = 3.0
# https://learn.microsoft.com/graph/outlook-immutable-id
IMMUTABLE = 'IdType="ImmutableId"'
OF_MESSAGE = "id,internetMessageId,conversationId,isDraft,sentDateTime,webLink"
# Who wrote to whom, and nothing of what they wrote.
OF_HEADER = "id,internetMessageId,conversationId,from,sender,toRecipients,ccRecipients,receivedDateTime,isDraft,webLink"
OF_TEXT = "id,subject,uniqueBody,internetMessageHeaders,hasAttachments"
OF_FILE = "id,name,contentType,size,isInline"
PAGE = 100
OF_PERSON = "id,displayName,mail,userPrincipalName,proxyAddresses"
# https://learn.microsoft.com/graph/throttling-limits#outlook-service-limits. Exchange itself sends 30 messages a
# minute, and each takes about four writes.
WRITES, WRITE_SECONDS = 100, 60.0
CALLS, CALL_SECONDS = 9_000, 600.0

_pacers: dict[str, Pacer] = {}


def pacer_of(person_id: str) -> Pacer:
    """The pacer that all calls of this process to the mailbox share."""
    return _pacers.setdefault(
        person_id,
        Pacer(
            f"outlook {person_id}", writes=Window(WRITES, WRITE_SECONDS), units=Window(CALLS, CALL_SECONDS),
        ),
    )  # fmt: skip


def _message(message_id: str) -> str:
    return f"/me/messages/{quote(message_id, safe='')}"


class MailClient:
    """Calls about one person's mailbox. patience: seconds that the repeats of one call may take together."""

    def __init__(self, tokens: PersonTokens, *, patience: float = PATIENCE):
        self.tokens = tokens
        self.channel = Channel(NAME, pacer_of(tokens.person_id), patience=patience, ids=IDS, confidential=True)

    @property
    def calls(self) -> list[Call]:
        return self.channel.calls

    def me(self) -> dict[str, Any]:
        """https://learn.microsoft.com/graph/api/user-get"""
        return self._call("GET", with_query("/me", select=OF_PERSON), shape=shapes.Person)

    def inbox(self) -> None:
        """https://learn.microsoft.com/graph/api/mailfolder-get: whether there is a mailbox at all."""
        self._call("GET", with_query("/me/mailFolders/inbox", select="id"), shape=shapes.Item)

    def messages(self, condition: str) -> list[dict[str, Any]]:
        """https://learn.microsoft.com/graph/api/user-list-messages with $filter; the first ten."""
        path = with_query("/me/messages", filter=condition, select=OF_MESSAGE, top=10)
        return self._call("GET", path, shape=shapes.Messages)["value"]

    def with_marker(self, marker: str) -> list[dict[str, Any]]:
        """https://learn.microsoft.com/graph/api/singlevaluelegacyextendedproperty-get"""
        return self.messages(
            f"singleValueExtendedProperties/Any(ep: ep/id eq {quoted(MARKER)} and ep/value eq {quoted(marker)})"
        )

    def with_message_id(self, message_id: str) -> list[dict[str, Any]]:
        return self.messages(f"internetMessageId eq {quoted(message_id)}")

    def listed(self, moment: datetime) -> Iterator[dict[str, Any]]:
        """https://learn.microsoft.com/graph/api/user-list-messages: all folders, the oldest first, without their text.

        The properties that say what a mail answers are asked for together. Where that is refused, or they all stay
        out, each is asked for alone.
        """
        try:
            first = self._page(_since(moment, OF_HEADER, KEPT))
            if not first["value"] or any(held(item) for item in first["value"]):
                yield from self._pages(first)
                return
        except Refused:
            pass
        alone = [self._alone(moment, name) for name in KEPT]
        for item in self._pages(self._page(_since(moment, OF_HEADER))):
            held_alone = [one for found in alone for one in found.get(item["id"], ())]
            yield {**item, "singleValueExtendedProperties": held_alone}

    def _alone(self, moment: datetime, name: str) -> dict[str, list[dict[str, Any]]]:
        """One property of each mail, by the id of the mail; none when the mailbox refuses to tell it."""
        try:
            return {item["id"]: held(item) for item in self._pages(self._page(_since(moment, "id", (name,))))}
        except Refused:
            return {}

    def _page(self, path: str) -> dict[str, Any]:
        found: dict[str, Any] = self._call("GET", path, shape=shapes.Headers)
        return found

    def _pages(self, page: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """https://learn.microsoft.com/graph/paging"""
        seen = set()
        while True:
            yield from page["value"]
            link = page.get("@odata.nextLink")
            if not link or link in seen:
                return
            seen.add(link)
            page = self._page(own_path(link))

    def read(self, message_id: str) -> dict[str, Any]:
        """https://learn.microsoft.com/graph/api/message-get: as text, and without what is quoted."""
        return self._call("GET", with_query(_message(message_id), select=OF_TEXT), shape=shapes.Mail, prefer="text")

    def formatted(self, message_id: str) -> dict[str, Any]:
        """https://learn.microsoft.com/graph/api/message-get: as HTML, without what could run."""
        return self._call("GET", with_query(_message(message_id), select="id,body"), shape=shapes.Mail, prefer="html")

    def source(self, message_id: str) -> bytes:
        """https://learn.microsoft.com/graph/outlook-get-mime-message"""
        return self._bytes(f"{_message(message_id)}/$value")

    def content(self, message_id: str, file_id: str) -> bytes:
        """https://learn.microsoft.com/graph/api/attachment-get: of a file its bytes, of a mail its source."""
        return self._bytes(f"{_message(message_id)}/attachments/{quote(file_id, safe='')}/$value")

    def create(self, body: dict[str, Any]) -> dict[str, Any]:
        """https://learn.microsoft.com/graph/api/user-post-messages"""
        return self._call("POST", "/me/messages", body, shape=shapes.Message)

    def create_reply(self, message_id: str, body: dict[str, Any]) -> dict[str, Any]:
        """https://learn.microsoft.com/graph/api/message-createreply: the draft has the signs of an answer."""
        return self._call("POST", f"{_message(message_id)}/createReply", {"message": body}, shape=shapes.Message)

    def update(self, message_id: str, body: dict[str, Any]) -> dict[str, Any]:
        """https://learn.microsoft.com/graph/api/message-update"""
        return self._call("PATCH", _message(message_id), body, shape=shapes.Message)

    def attach(self, message_id: str, name: str, content_type: str, content: bytes) -> None:
        """https://learn.microsoft.com/graph/api/message-post-attachments"""
        body = {
            "@odata.type": "#microsoft.graph.fileAttachment", "name": name, "contentType": content_type,
            "contentBytes": base64.b64encode(content).decode(),
        }  # fmt: skip
        self._call("POST", f"{_message(message_id)}/attachments", body, shape=shapes.Item)

    def files(self, message_id: str) -> list[dict[str, Any]]:
        """https://learn.microsoft.com/graph/api/message-list-attachments, without what is in them."""
        path = with_query(f"{_message(message_id)}/attachments", select=OF_FILE)
        return self._call("GET", path, shape=shapes.Files)["value"]

    def send(self, message_id: str) -> None:
        """https://learn.microsoft.com/graph/api/message-send"""
        self._call("POST", f"{_message(message_id)}/send")

    def delete(self, message_id: str) -> None:
        """https://learn.microsoft.com/graph/api/message-delete"""
        self._call("DELETE", _message(message_id))

    def _call(
        self, method: str, path: str, body: Any = None, *, shape: type[Shape] = shapes.Nothing, prefer: str = ""
    ) -> Any:
        """The JSON of a good answer, of this shape; prefer: how texts are written. Raises ConnectorError."""
        response = self._answer(method, path, body, prefer)
        if response.status_code == 202:
            # Accepted, whatever else the answer says: asking again would send it twice.
            return None
        return described(
            method, written_by_anybody(response), shape, empty=not response.content,
            request_id=response.headers.get("request-id", ""),
        )  # fmt: skip

    def _bytes(self, path: str) -> bytes:
        return self._answer("GET", path, None, "").content

    def _answer(self, method: str, path: str, body: Any, prefer: str) -> requests.Response:
        """The answer, if it is a good one. Raises ConnectorError for everything else."""
        response = self._sent(method, path, body, self.tokens.token(), prefer)
        if response.status_code == 401:
            claims = wanted_claims(response.headers.get("WWW-Authenticate", ""))
            token = self.tokens.token(claims_challenge=claims, fresh=True)
            response = self._sent(method, path, body, token, prefer)
        request_id = response.headers.get("request-id", "")
        if response.status_code == 401:
            raise ReconnectNeeded(
                ENDED.message, next_step=ENDED.next_step, code="401", status=401, request_id=request_id
            )
        if 200 <= response.status_code < 300:
            return response
        if response.status_code < 400:
            raise not_as_described(method, f"{response.status_code}: sent elsewhere", request_id=request_id)
        raise from_mail(
            response.status_code, body_of(response), method=method, request_id=request_id,
            wait=retry_after(response.headers),
        )  # fmt: skip

    def _sent(self, method: str, path: str, body: Any, token: str, prefer: str) -> requests.Response:
        preferred = f'{IMMUTABLE}, outlook.body-content-type="{prefer}"' if prefer else IMMUTABLE
        return self.channel.request(
            method, f"{settings().graph}/v1.0{path}", path=f"/v1.0{path.partition('?')[0]}",
            headers={"Prefer": preferred, "Authorization": f"Bearer {token}"}, json=body,
            cost=Cost(writes=0 if method == "GET" else 1),
        )  # fmt: skip


def held(message: dict[str, Any]) -> list[dict[str, Any]]:
    """The properties that came along with a message."""
    return message.get("singleValueExtendedProperties") or []


def _since(moment: datetime, select: str, properties: Iterable[str] = ()) -> str:
    """What is sorted by must be filtered by."""
    wanted = " or ".join(f"id eq {quoted(name)}" for name in properties)
    expand = {"expand": f"singleValueExtendedProperties($filter={wanted})"} if wanted else {}
    return with_query(
        "/me/messages", filter=f"receivedDateTime ge {moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        orderby="receivedDateTime", select=select, top=PAGE, **expand,
    )  # fmt: skip


def sent_before_drafts(found: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(found, key=lambda message: bool(message.get("isDraft")))
