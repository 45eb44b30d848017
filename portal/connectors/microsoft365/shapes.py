"""What Graph's answers look like, as far as the portal reads them: everything it relies on is checked here, once.

https://learn.microsoft.com/graph/api/resources/user and the pages that `client.py` names. What is not named here is not
looked at. An answer of another shape is no answer: NotAsDescribed, which the client turns into TryLater.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from portal.connectors.microsoft365.moments import moment
from portal.connectors.shape import NotAsDescribed, Shape, check

Item = TypeVar("Item")


def _readable(text: str) -> str:
    moment(text)
    return text


Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
Name = Annotated[str, StringConstraints(max_length=256)]
Address = Annotated[str, StringConstraints(max_length=320)]
Token = Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]+$")]
Seconds = Annotated[int, Field(ge=0)] | Annotated[str, StringConstraints(pattern=r"^\d{1,9}$")]
Moment = Annotated[str, AfterValidator(_readable)]


class Licence(Shape):
    skuId: Id
    assignedByGroup: str | None = None
    disabledPlans: list[Id] | None = None


class Attributes(Shape):
    extensionAttribute15: str | None = None


class Manager(Shape):
    id: Id
    displayName: Name | None = None
    userPrincipalName: Address | None = None


class Removed(Shape):
    reason: str | None = None


class User(Shape):
    """Everything but the id may be left out: what is read depends on what was selected."""

    id: Id
    userPrincipalName: Address | None = None
    displayName: Name | None = None
    accountEnabled: bool | None = None
    mail: Address | None = None
    proxyAddresses: list[str] | None = None
    otherMails: list[str] | None = None
    createdDateTime: Moment | None = None
    deletedDateTime: Moment | None = None
    signInSessionsValidFromDateTime: Moment | None = None
    userType: str | None = None
    onPremisesSyncEnabled: bool | None = None
    onPremisesExtensionAttributes: Attributes | None = None
    assignedLicenses: list[Licence] | None = None
    licenseAssignmentStates: list[Licence] | None = None
    manager: Manager | Literal[""] | None = None
    givenName: str | None = None
    surname: str | None = None
    jobTitle: str | None = None
    department: str | None = None
    employeeId: str | None = None
    mobilePhone: str | None = None
    companyName: str | None = None
    officeLocation: str | None = None
    employeeType: str | None = None
    usageLocation: str | None = None
    employeeHireDate: str | None = None
    employeeLeaveDateTime: str | None = None
    removed: Removed = Field(Removed(), alias="@removed")


class Account(User):
    """A user that was asked for with all that the portal decides by."""

    userPrincipalName: Address
    accountEnabled: bool


class SignInActivity(Shape):
    """https://learn.microsoft.com/graph/api/resources/signinactivity"""

    lastSignInDateTime: Moment | None = None
    lastNonInteractiveSignInDateTime: Moment | None = None
    lastSuccessfulSignInDateTime: Moment | None = None


class SignedIn(Shape):
    id: Id
    signInActivity: SignInActivity | None = None


class ReportSettings(Shape):
    displayConcealedNames: bool | None = None


class OtherMails(Shape):
    otherMails: list[str] | None = None


class Member(Shape):
    """What an account is a member of. Without its kind, a group looks like an administrator role."""

    type: str = Field(alias="@odata.type")
    id: str | None = None
    roleTemplateId: str | None = None
    displayName: str | None = None
    isAssignableToRole: bool | None = None


class PassTarget(Shape):
    id: str


class PassPolicy(Shape):
    """https://learn.microsoft.com/graph/api/resources/temporaryaccesspassauthenticationmethodconfiguration"""

    state: str | None = None
    minimumLifetimeInMinutes: int | None = None
    maximumLifetimeInMinutes: int | None = None
    defaultLifetimeInMinutes: int | None = None
    isUsableOnce: bool | None = None
    includeTargets: list[PassTarget] | None = None
    excludeTargets: list[PassTarget] | None = None


class TemporaryPass(Shape):
    """https://learn.microsoft.com/graph/api/resources/temporaryaccesspassauthenticationmethod: the value comes once."""

    temporaryAccessPass: Annotated[str, StringConstraints(min_length=1, max_length=256)]
    startDateTime: Moment | None = None
    lifetimeInMinutes: int | None = None
    isUsableOnce: bool | None = None


class Group(Shape):
    id: Id
    displayName: str | None = None
    mail: str | None = None
    mailEnabled: bool | None = None
    proxyAddresses: list[str] | None = None
    groupTypes: list[str] | None = None
    resourceProvisioningOptions: list[str] | None = None
    onPremisesSyncEnabled: bool | None = None
    isAssignableToRole: bool | None = None
    isManagementRestricted: bool | None = None
    assignedLicenses: list[Licence] | None = None


class Linked(Shape):
    id: Id


class Organization(Shape):
    id: Id
    displayName: str | None = None
    countryLetterCode: str | None = None


class Domain(Shape):
    id: Annotated[str, StringConstraints(min_length=1, max_length=253)]
    isVerified: bool | None = None
    isDefault: bool | None = None
    authenticationType: str | None = None


class Units(Shape):
    enabled: int | None = None
    warning: int | None = None


class ServicePlan(Shape):
    servicePlanName: str | None = None


class Sku(Shape):
    skuId: Id
    skuPartNumber: str = ""
    capabilityStatus: str | None = None
    appliesTo: str | None = None
    consumedUnits: int | None = None
    prepaidUnits: Units | None = None
    servicePlans: list[ServicePlan] | None = None


class TimeAndZone(Shape):
    """Asked for in UTC: a time in another zone is not read."""

    dateTime: Moment
    timeZone: Literal["UTC"] = "UTC"


class AutomaticReply(Shape):
    status: Literal["disabled", "alwaysEnabled", "scheduled"] | None = None
    externalAudience: Literal["none", "contactsOnly", "all"] | None = None
    internalReplyMessage: str | None = None
    externalReplyMessage: str | None = None
    scheduledStartDateTime: TimeAndZone | None = None
    scheduledEndDateTime: TimeAndZone | None = None


class MailboxSettings(Shape):
    may_be_empty = True
    userPurpose: str | None = None
    automaticRepliesSetting: AutomaticReply | None = None


class EmailAddress(Shape):
    address: Address | None = None


class Recipient(Shape):
    emailAddress: EmailAddress | None = None


class RuleActions(Shape):
    redirectTo: list[Recipient] | None = None
    forwardTo: list[Recipient] | None = None
    forwardAsAttachmentTo: list[Recipient] | None = None


class Rule(Shape):
    """An inbox rule; its id is longer than that of an account."""

    id: Annotated[str, StringConstraints(min_length=1, max_length=512)]
    displayName: str | None = None
    isEnabled: bool | None = None
    hasError: bool | None = None
    actions: RuleActions | None = None


class Revoked(Shape):
    """https://learn.microsoft.com/graph/api/user-revokesigninsessions"""

    may_be_empty = True
    value: Literal[True] = True


class Page(Shape, Generic[Item]):
    value: list[Item]
    next_link: str | None = Field(None, alias="@odata.nextLink")
    delta_link: str | None = Field(None, alias="@odata.deltaLink")


class Batch(Shape):
    responses: list[Any]


class Part(Shape):
    """One answer of a batch. headers, body: whatever came."""

    id: str
    status: Annotated[int, Field(ge=100, le=599)]


class Anything(Shape):
    """An object of which nothing is read."""

    may_be_empty = True


class Discovery(Shape):
    """https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc"""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str


class Tokens(Shape):
    """https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow; seconds may be a text."""

    access_token: Token | None = None
    id_token: Token | None = None
    client_info: Token | None = None
    token_type: str | None = None
    scope: str | None = None
    expires_in: Seconds = 3599
    ext_expires_in: Seconds = 3599
    refresh_in: int = 1800
    error: str | None = None

    @model_validator(mode="after")
    def _says_something(self) -> "Tokens":
        if not (self.access_token or self.id_token or self.error):
            raise ValueError("neither a token nor an error")
        return self


class SignInError(Shape):
    """https://learn.microsoft.com/entra/identity-platform/reference-error-codes"""

    error: Annotated[str, StringConstraints(min_length=1)]


class Claims(Shape):
    """https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference, as far as the portal reads it."""

    tid: str
    oid: Id
    aud: str
    iss: str
    exp: int | float
    nbf: int | float = 0
    name: str | None = None
    preferred_username: str | None = None
    email: str | None = None
    wids: list[str] | None = None


def parts_of(answer: Any) -> dict[str, dict[str, Any]]:
    """The answers of a batch by their id, less those that are not as described or came twice. Raises NotAsDescribed."""
    found: dict[str, dict[str, Any]] = {}
    twice: set[str] = set()
    for item in check(answer, Batch)["responses"]:
        try:
            part = check(item, Part)
        except NotAsDescribed:
            continue
        if part["id"] in found:
            twice.add(part["id"])
        found[part["id"]] = part
    return {key: part for key, part in found.items() if key not in twice}


def headers_of(part: Mapping[str, Any]) -> dict[str, str]:
    """The headers of an answer in a batch."""
    headers = part.get("headers")
    return {name: str(value) for name, value in headers.items()} if isinstance(headers, dict) else {}
