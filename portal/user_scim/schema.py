"""What a directory can say about a user of the portal: the attributes that are kept, and no others.

https://www.rfc-editor.org/rfc/rfc7643#section-4.1
"""

from typing import Annotated, ClassVar

from scim2_models import (
    URN,
    Bulk,
    ChangePassword,
    ComplexAttribute,
    ETag,
    ExtensibleStringEnum,
    Filter,
    Patch,
    Required,
    Resource,
    ResourceType,
    ScimProvider,
    ServiceProviderConfig,
    Sort,
    Uniqueness,
)

from portal.api_tokens.scopes import Scope
from portal.scim_protocol.answering import MOST_RESULTS, POLICY, by_token
from portal.scim_protocol.words import USER


class Name(ComplexAttribute):
    formatted: str | None = None
    family_name: str | None = None
    given_name: str | None = None


class Email(ComplexAttribute):
    class Type(ExtensibleStringEnum):
        work = "work"

    value: str | None = None
    type: Type | None = None
    primary: bool | None = None


class Role(ComplexAttribute):
    value: str | None = None
    display: str | None = None
    type: str | None = None
    primary: bool | None = None


class User(Resource):
    """A user of the portal. The value of a role is the access level."""

    __schema__ = URN(USER)

    user_name: Annotated[str | None, Uniqueness.server, Required.true] = None
    name: Name | None = None
    Name: ClassVar[type[ComplexAttribute]] = Name
    display_name: str | None = None
    active: bool | None = None
    emails: list[Email] | None = None
    Emails: ClassVar[type[ComplexAttribute]] = Email
    roles: list[Role] | None = None
    Roles: ClassVar[type[ComplexAttribute]] = Role


USERS = ResourceType.from_resource(User)
PROVIDER = ScimProvider(
    [User], [USERS],
    ServiceProviderConfig(
        patch=Patch(supported=True), bulk=Bulk(supported=False, max_operations=0, max_payload_size=0),
        filter=Filter(supported=True, max_results=MOST_RESULTS), change_password=ChangePassword(supported=False),
        sort=Sort(supported=False), etag=ETag(supported=True),
        authentication_schemes=by_token(Scope.PORTAL_USERS),
    ),
    POLICY,
)  # fmt: skip
