"""What Graph's answers about a person's own mail look like, as far as the portal reads them.

https://learn.microsoft.com/graph/api/resources/message
"""

from typing import Annotated

from pydantic import Field, StringConstraints

from portal.connectors.microsoft365.shapes import Address, Anything, Id, Moment, Name
from portal.connectors.shape import Shape

ItemId = Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,600}$")]
Nothing = Anything


class Item(Shape):
    id: ItemId


class Person(Shape):
    id: Id
    userPrincipalName: Address
    mail: Address | None = None
    displayName: Name | None = None
    proxyAddresses: list[str] | None = None


class Message(Shape):
    id: ItemId
    internetMessageId: Annotated[str, StringConstraints(min_length=1, max_length=1000)]
    conversationId: str | None = None
    isDraft: bool | None = None
    sentDateTime: Moment | None = None
    webLink: str | None = None


class Messages(Shape):
    value: list[Message]


class Mailed(Shape):
    address: str | None = None
    name: str | None = None


class Recipient(Shape):
    emailAddress: Mailed | None = None


class Property(Shape):
    id: str
    value: str | None = None


class Header(Shape):
    """What strangers wrote may be missing or odd: one such mail must not stand in the way of the others."""

    id: ItemId
    internetMessageId: str | None = None
    conversationId: str | None = None
    from_: Recipient | None = Field(default=None, alias="from")
    sender: Recipient | None = None
    toRecipients: list[Recipient] | None = None
    ccRecipients: list[Recipient] | None = None
    receivedDateTime: Moment | None = None
    isDraft: bool | None = None
    webLink: str | None = None
    singleValueExtendedProperties: list[Property] | None = None


class Headers(Shape):
    value: list[Header]
    nextLink: str | None = Field(default=None, alias="@odata.nextLink")


class Body(Shape):
    content: str | None = None


class InternetHeader(Shape):
    name: str | None = None
    value: str | None = None


class Mail(Shape):
    id: ItemId
    subject: str | None = None
    uniqueBody: Body | None = None
    body: Body | None = None
    internetMessageHeaders: list[InternetHeader] | None = None
    hasAttachments: bool | None = None


class File(Shape):
    id: ItemId
    name: str | None = None
    contentType: str | None = None
    size: int | None = None
    isInline: bool | None = None


class Files(Shape):
    value: list[File]
