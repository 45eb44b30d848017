"""What Google's answers look like, as far as the portal reads them: everything it relies on is checked here, once.

https://developers.google.com/workspace/admin/directory/reference/rest/v1/users and the pages that `client.py` names.
What is not named here is not looked at. An answer of another shape is no answer: NotAsDescribed, which the client turns
into TryLater.
"""

from typing import Annotated, Any

from pydantic import AfterValidator, Field, StringConstraints

from portal.connectors.google_workspace.moments import moment
from portal.connectors.shape import Shape


def _readable(text: str) -> str:
    moment(text)
    return text


ID = r"^[A-Za-z0-9_-]{1,64}$"
Id = Annotated[str, StringConstraints(pattern=ID)]
Address = Annotated[str, StringConstraints(min_length=3, max_length=320)]
Token = Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]+$")]
Moment = Annotated[str, AfterValidator(_readable)]
Seconds = Annotated[int | float, Field(ge=0)] | Annotated[str, StringConstraints(pattern=r"^[0-9]{1,9}$")]
Entries = list[dict[str, Any]]


class Anything(Shape):
    """An object of which nothing is read, or no answer at all."""

    may_be_empty = True


class Name(Shape):
    givenName: str | None = None
    isMailboxSetup: bool | None = None
    familyName: str | None = None
    fullName: str | None = None
    displayName: str | None = None


class User(Shape):
    """A user as Google shows it: all but the id may be left out, of a deleted one and right after it was made."""

    id: Id
    primaryEmail: Address | None = None
    name: Name | None = None
    suspended: bool | None = None
    archived: bool | None = None
    suspensionReason: str | None = None
    isAdmin: bool | None = None
    isDelegatedAdmin: bool | None = None
    isGuestUser: bool | None = None
    customerId: str | None = None
    aliases: list[str] | None = None
    nonEditableAliases: list[str] | None = None
    creationTime: Moment | None = None
    deletionTime: Moment | None = None
    orgUnitPath: str | None = None
    recoveryEmail: str | None = None
    externalIds: Entries | None = None
    organizations: Entries | None = None
    phones: Entries | None = None
    relations: Entries | None = None
    addresses: Entries | None = None


class Account(User):
    """A user that was asked for with all that the portal decides by: one without `suspended` may be either."""

    primaryEmail: Address
    suspended: bool


class Photo(Shape):
    photoData: str


class LoggedIn(Shape):
    id: Id
    lastLoginTime: Moment | None = None


class Users(Shape):
    """A page of users. `odd.readable` looks at each of them alone."""

    users: list[Any] = []
    nextPageToken: str | None = None


class Group(Shape):
    id: Id
    email: str | None = None
    name: str | None = None


class Groups(Shape):
    groups: list[Group] = []
    nextPageToken: str | None = None


class Member(Shape):
    id: Id
    role: str | None = None
    delivery_settings: str | None = None


class AnyMember(Shape):
    """One that has no account of its own, or a whole customer, may come without an id."""

    id: Id | None = None
    role: str | None = None


class Members(Shape):
    members: list[AnyMember] = []
    nextPageToken: str | None = None


class Domain(Shape):
    domainName: Annotated[str, StringConstraints(min_length=1, max_length=253)]
    isPrimary: bool | None = None
    verified: bool | None = None


class Domains(Shape):
    domains: list[Domain] = []


class PostalAddress(Shape):
    organizationName: str | None = None
    countryCode: str | None = None


class Customer(Shape):
    id: Id
    customerDomain: str | None = None
    postalAddress: PostalAddress | None = None


class OrgUnit(Shape):
    orgUnitPath: Annotated[str, StringConstraints(pattern=r"^/")]


class OrgUnits(Shape):
    organizationUnits: list[OrgUnit] = []


class Assignment(Shape):
    """https://developers.google.com/workspace/admin/licensing/reference/rest/v1/licenseAssignments"""

    skuId: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    skuName: str | None = None
    productId: str | None = None
    userId: str | None = None


class Assignments(Shape):
    items: list[Assignment] = []
    nextPageToken: str | None = None


class Parameter(Shape):
    name: str | None = None
    value: str | None = None


class Event(Shape):
    name: str | None = None
    parameters: list[Parameter] | None = None


class ActivityId(Shape):
    time: Moment | None = None
    uniqueQualifier: str | None = None


class Activity(Shape):
    id: ActivityId | None = None
    events: list[Event] | None = None


class Activities(Shape):
    """https://developers.google.com/workspace/admin/reports/reference/rest/v1/activities/list"""

    items: list[Activity] = []
    nextPageToken: str | None = None


class Discovery(Shape):
    """https://developers.google.com/identity/openid-connect/openid-connect#discovery"""

    issuer: str
    jwks_uri: str


class Keys(Shape):
    keys: list[dict[str, Any]]


class Tokens(Shape):
    """https://developers.google.com/identity/protocols/oauth2/web-server#exchange-authorization-code"""

    access_token: Token
    expires_in: Seconds | None = None
    refresh_token: Token | None = None
    refresh_token_expires_in: Seconds | None = None
    scope: str | None = None
    id_token: Token | None = None


class Claims(Shape):
    """https://developers.google.com/identity/openid-connect/openid-connect#an-id-tokens-payload"""

    # Also the id in the directory, which is shorter than Google promises of a sub.
    sub: Id
    email: str | None = None
    email_verified: bool | None = None
    name: str | None = None
    hd: Annotated[str, StringConstraints(max_length=255)] | None = None
    nonce: str | None = None
