"""What Graph's answers about a person's own mail look like, as far as the portal reads them.

https://learn.microsoft.com/graph/api/resources/message
"""

from typing import Annotated

from pydantic import StringConstraints

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


class File(Shape):
    id: ItemId
    name: str | None = None


class Files(Shape):
    value: list[File]
