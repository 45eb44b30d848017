"""A person's own mail in Microsoft Graph v1.0, one method per call. Each names the page it follows."""

import base64
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

import requests

from portal.connectors.base import Call
from portal.connectors.errors import ReconnectNeeded
from portal.connectors.http import Channel, Cost, body_of
from portal.connectors.microsoft365 import mailbox_shapes as shapes
from portal.connectors.microsoft365.client import IDS, described, quoted, wanted_claims, with_query
from portal.connectors.microsoft365.mailbox_cases import from_mail
from portal.connectors.microsoft365.mailbox_payloads import MARKER
from portal.connectors.microsoft365.person_cases import ENDED
from portal.connectors.microsoft365.person_tokens import PersonTokens
from portal.connectors.microsoft365.refusals import not_as_described
from portal.connectors.microsoft365.settings import settings
from portal.connectors.pace import Pacer, Window, retry_after
from portal.connectors.shape import Shape

NAME = "Outlook"
PATIENCE = 3.0
# https://learn.microsoft.com/graph/outlook-immutable-id
IMMUTABLE = {"Prefer": 'IdType="ImmutableId"'}
OF_MESSAGE = "id,internetMessageId,conversationId,isDraft,sentDateTime,webLink"
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

    def messages(self, condition: str, *, top: int = 10) -> list[dict[str, Any]]:
        """https://learn.microsoft.com/graph/api/user-list-messages with $filter; one page of it."""
        path = with_query("/me/messages", filter=condition, select=OF_MESSAGE, top=top)
        return self._call("GET", path, shape=shapes.Messages)["value"]

    def with_marker(self, marker: str) -> list[dict[str, Any]]:
        """https://learn.microsoft.com/graph/api/singlevaluelegacyextendedproperty-get"""
        return self.messages(
            f"singleValueExtendedProperties/Any(ep: ep/id eq {quoted(MARKER)} and ep/value eq {quoted(marker)})"
        )

    def with_message_id(self, message_id: str) -> list[dict[str, Any]]:
        return self.messages(f"internetMessageId eq {quoted(message_id)}")

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
        path = with_query(f"{_message(message_id)}/attachments", select="id,name,size")
        return self._call("GET", path, shape=shapes.Files)["value"]

    def send(self, message_id: str) -> None:
        """https://learn.microsoft.com/graph/api/message-send"""
        self._call("POST", f"{_message(message_id)}/send")

    def delete(self, message_id: str) -> None:
        """https://learn.microsoft.com/graph/api/message-delete"""
        self._call("DELETE", _message(message_id))

    def _call(self, method: str, path: str, body: Any = None, *, shape: type[Shape] = shapes.Nothing) -> Any:
        """The JSON of a good answer, of this shape. Raises a ConnectorError for everything else."""
        response = self._sent(method, path, body, self.tokens.token())
        if response.status_code == 401:
            claims = wanted_claims(response.headers.get("WWW-Authenticate", ""))
            response = self._sent(method, path, body, self.tokens.token(claims_challenge=claims, fresh=True))
        request_id = response.headers.get("request-id", "")
        if response.status_code == 401:
            raise ReconnectNeeded(
                ENDED.message, next_step=ENDED.next_step, code="401", status=401, request_id=request_id
            )
        if response.status_code == 202:
            # Accepted, whatever else the answer says: asking again would send it twice.
            return None
        if 200 <= response.status_code < 300:
            return described(method, body_of(response), shape, empty=not response.content, request_id=request_id)
        if response.status_code < 400:
            raise not_as_described(method, f"{response.status_code}: sent elsewhere", request_id=request_id)
        raise from_mail(
            response.status_code, body_of(response), method=method, request_id=request_id,
            wait=retry_after(response.headers),
        )  # fmt: skip

    def _sent(self, method: str, path: str, body: Any, token: str) -> requests.Response:
        return self.channel.request(
            method, f"{settings().graph}/v1.0{path}", path=f"/v1.0{path.partition('?')[0]}",
            headers={**IMMUTABLE, "Authorization": f"Bearer {token}"}, json=body,
            cost=Cost(writes=0 if method == "GET" else 1),
        )  # fmt: skip


def sent_before_drafts(found: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(found, key=lambda message: bool(message.get("isDraft")))
