"""What a SCIM client can say about a person: the attributes that are kept, and no others.

https://www.rfc-editor.org/rfc/rfc7643
"""

from typing import Annotated, ClassVar

from scim2_models import (
    URN,
    Bulk,
    CaseExact,
    ChangePassword,
    ComplexAttribute,
    ETag,
    ExtensibleStringEnum,
    Extension,
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
from scim2_models.resources.resource import AnyExtension

from portal.api_tokens.scopes import Scope
from portal.scim_protocol.answering import MOST_RESULTS, POLICY, by_token
from portal.scim_protocol.words import DATES, ENTERPRISE, LARGEST, USER

# As many as exporters send at once.
MOST_OPERATIONS = 50


class Name(ComplexAttribute):
    formatted: str | None = None
    family_name: str | None = None
    given_name: str | None = None


class Email(ComplexAttribute):
    class Type(ExtensibleStringEnum):
        work = "work"
        home = "home"

    value: str | None = None
    type: Type | None = None
    primary: bool | None = None


class PhoneNumber(ComplexAttribute):
    class Type(ExtensibleStringEnum):
        mobile = "mobile"

    value: str | None = None
    type: Type | None = None
    primary: bool | None = None


class Address(ComplexAttribute):
    class Type(ExtensibleStringEnum):
        work = "work"

    country: str | None = None
    type: Type | None = None
    primary: bool | None = None


class User(Resource[AnyExtension]):
    """A person, as a client says."""

    __schema__ = URN(USER)

    user_name: Annotated[str | None, Uniqueness.server, Required.true] = None
    name: Name | None = None
    Name: ClassVar[type[ComplexAttribute]] = Name
    display_name: str | None = None
    nick_name: str | None = None
    title: str | None = None
    active: bool | None = None
    emails: list[Email] | None = None
    Emails: ClassVar[type[ComplexAttribute]] = Email
    phone_numbers: list[PhoneNumber] | None = None
    PhoneNumbers: ClassVar[type[ComplexAttribute]] = PhoneNumber
    addresses: list[Address] | None = None
    Addresses: ClassVar[type[ComplexAttribute]] = Address


class Manager(ComplexAttribute):
    value: Annotated[str | None, CaseExact.true] = None


class EnterpriseUser(Extension):
    __schema__ = URN(ENTERPRISE)

    employee_number: str | None = None
    department: str | None = None
    manager: Manager | None = None
    Manager: ClassVar[type[ComplexAttribute]] = Manager


class EmploymentDates(Extension):
    """The first and the last day, which the schemas of SCIM do not have. As in ISO 8601: 2027-01-31."""

    __schema__ = URN(DATES)

    start_date: str | None = None
    end_date: str | None = None


FullUser = User[EnterpriseUser | EmploymentDates]
CONFIG = ServiceProviderConfig(
    patch=Patch(supported=True),
    bulk=Bulk(supported=True, max_operations=MOST_OPERATIONS, max_payload_size=LARGEST),
    filter=Filter(supported=True, max_results=MOST_RESULTS),
    change_password=ChangePassword(supported=False),
    sort=Sort(supported=False),
    etag=ETag(supported=True),
    authentication_schemes=by_token(Scope.SCIM),
)  # fmt: skip
USERS = ResourceType.from_resource(FullUser)
PROVIDER = ScimProvider([User, EnterpriseUser, EmploymentDates], [USERS], CONFIG, POLICY)
