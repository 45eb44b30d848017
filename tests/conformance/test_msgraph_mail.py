"""Microsoft's client of Graph for Python, in the name of a person, through the calls about their mail."""

import time

import pytest
from bs4 import BeautifulSoup
from kiota_abstractions.base_request_configuration import RequestConfiguration
from kiota_abstractions.headers_collection import HeadersCollection
from msgraph.generated.models.body_type import BodyType
from msgraph.generated.models.email_address import EmailAddress
from msgraph.generated.models.file_attachment import FileAttachment
from msgraph.generated.models.item_body import ItemBody
from msgraph.generated.models.message import Message
from msgraph.generated.models.recipient import Recipient
from msgraph.generated.models.single_value_legacy_extended_property import SingleValueLegacyExtendedProperty
from msgraph.generated.users.item.messages.item.create_reply.create_reply_post_request_body import (
    CreateReplyPostRequestBody,
)
from msgraph.generated.users.item.messages.item.message_item_request_builder import MessageItemRequestBuilder
from msgraph.generated.users.item.messages.messages_request_builder import MessagesRequestBuilder

from tests.conformance.conftest import Graph

OMAR, ZOE, BACK = "omar.ordinary@acme.example", "zoe@outside.example", "http://localhost/back"
SCOPES = ["Mail.Send", "Mail.ReadWrite", "User.Read"]
MARKER = "String {00020329-0000-0000-C000-000000000046} Name PortalMessage"
ANSWERS = "singleValueExtendedProperties($filter=id eq 'String 0x1042' or id eq 'String 0x1039')"


class _Person:
    """What msal holds of a person who signed in, in the shape that Microsoft's clients want a credential in."""

    def __init__(self, application):
        self.application = application

    def get_token(self, *_scopes, **_options):
        from azure.core.credentials import AccessToken

        [account] = self.application.get_accounts()
        answer = self.application.acquire_token_silent(SCOPES, account)
        return AccessToken(answer["access_token"], int(time.time()) + answer["expires_in"])

    def close(self):
        pass


@pytest.fixture
def omar(application, tls_sandbox, trusting):
    """Graph as Omar, whose organisation has allowed it."""
    tls_sandbox.allow_for_people(*SCOPES)
    flow = application.initiate_auth_code_flow(SCOPES, redirect_uri=BACK, response_mode="form_post")
    page = BeautifulSoup(trusting.post(flow["auth_uri"], data={"pick": OMAR}).text, "html.parser")
    values = {field["name"]: field["value"] for field in page.select("input[type=hidden]")}
    assert "access_token" in application.acquire_token_by_auth_code_flow(flow, values)
    return Graph(tls_sandbox, application, _Person)


def drafted() -> Message:
    return Message(
        subject="Your application", body=ItemBody(content_type=BodyType.Text, content="Hello Zoë"),
        to_recipients=[Recipient(email_address=EmailAddress(address=ZOE))],
        single_value_extended_properties=[SingleValueLegacyExtendedProperty(id=MARKER, value="m-1")],
    )  # fmt: skip


def listing(**options):
    return RequestConfiguration(
        query_parameters=MessagesRequestBuilder.MessagesRequestBuilderGetQueryParameters(**options)
    )


def test_a_mail_with_a_file_is_drafted_sent_and_found_again_by_its_marker(omar, tls_sandbox):
    """https://learn.microsoft.com/graph/api/user-post-messages and message-send"""

    async def sent(client):
        made = await client.me.messages.post(drafted())
        file = FileAttachment(
            odata_type="#microsoft.graph.fileAttachment", name="offer.pdf", content_type="application/pdf",
            content_bytes=b"JVBERi0=",
        )  # fmt: skip
        await client.me.messages.by_message_id(made.id).attachments.post(file)
        await client.me.messages.by_message_id(made.id).send.post()
        by_marker = f"singleValueExtendedProperties/Any(ep: ep/id eq '{MARKER}' and ep/value eq 'm-1')"
        return made, await client.me.messages.get(listing(filter=by_marker))

    made, found = omar.run(sent)
    assert [(one.is_draft, one.internet_message_id) for one in found.value] == [(False, made.internet_message_id)]
    assert [file["name"] for file in tls_sandbox.outside(ZOE)[0]["files"]] == ["offer.pdf"]


def test_an_answer_is_listed_with_what_it_answers_read_as_text_and_answered(omar, tls_sandbox):
    """https://learn.microsoft.com/graph/api/user-list-messages and message-createreply"""

    async def sent(client):
        made = await client.me.messages.post(drafted())
        await client.me.messages.by_message_id(made.id).send.post()
        return made

    made = omar.run(sent)
    file = {"name": "CV.pdf", "type": "application/pdf", "data": "JVBERi0="}
    answers = tls_sandbox.outside(ZOE)[0]["seq"]
    tls_sandbox.write_from_outside(answers=answers, sender=ZOE, text="With pleasure", files=[file])

    async def read(client):
        page = await client.me.messages.get(
            listing(
                filter="receivedDateTime ge 2020-01-01T00:00:00Z", orderby=["receivedDateTime"], expand=[ANSWERS],
                select=["id", "from", "conversationId", "receivedDateTime", "hasAttachments"], top=50,
            )
        )  # fmt: skip
        back = page.value[-1]
        headers = HeadersCollection()
        headers.add("Prefer", 'outlook.body-content-type="text"')
        query = MessageItemRequestBuilder.MessageItemRequestBuilderGetQueryParameters(select=["uniqueBody"])
        one = client.me.messages.by_message_id(back.id)
        whole = await one.get(RequestConfiguration(query_parameters=query, headers=headers))
        files = await one.attachments.get()
        reply = await one.create_reply.post(CreateReplyPostRequestBody(comment="Thank you"))
        await client.me.messages.by_message_id(reply.id).send.post()
        return back, whole, files.value, reply

    back, whole, files, reply = omar.run(read)
    assert {item.value for item in back.single_value_extended_properties} == {made.internet_message_id}
    assert (whole.unique_body.content, back.has_attachments) == ("With pleasure", True)
    assert [(file.name, file.size) for file in files] == [("CV.pdf", 5)]
    assert reply.conversation_id == back.conversation_id
    assert tls_sandbox.outside(ZOE)[-1]["references"][0] == made.internet_message_id
