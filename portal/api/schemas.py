"""What the API takes and answers. The description under /api/v1/openapi.json is made from these classes."""

import re
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, field_validator

from portal.languages import N_
from portal.params import FIRST_YEAR, LAST_YEAR

MOST = 500
WHOLE = 2**31 - 1
DAY = re.compile(r"([0-9]{4})-[0-9]{2}-[0-9]{2}(?=$|[Tt ])")


def _day(value: Any) -> Any:
    """Seconds since 1970 are also taken for a day where nobody looks, and no person means them."""
    if isinstance(value, str | int | float) and not (isinstance(value, str) and DAY.match(value)):
        raise ValueError("Write it as in ISO 8601, such as 2027-01-31")
    return value


def _moment(value: Any) -> Any:
    """Moments at the ends of the calendar have no day in some zones."""
    if isinstance(value, str | int | float):
        found = DAY.match(value) if isinstance(value, str) else None
        if found is None or not FIRST_YEAR <= int(found[1]) <= LAST_YEAR:
            raise ValueError("Write it as in RFC 3339, such as 2027-01-31T09:00:00Z")
    return value


Day = Annotated[date, BeforeValidator(_day)]
Moment = Annotated[AwareDatetime, BeforeValidator(_moment)]


class Shown(BaseModel):
    """How it is checked is worked out when it is first used: most processes never meet most of them."""

    model_config = ConfigDict(defer_build=True)


class Strict(Shown):
    """A name that is not known is an error, and not passed over."""

    model_config = ConfigDict(extra="forbid")

    @field_validator("*", mode="before")
    @classmethod
    def _refuse_nul(cls, value: Any) -> Any:
        """PostgreSQL keeps no NUL, and fails at the question for one."""
        if isinstance(value, str) and "\0" in value:
            raise ValueError("Remove the character U+0000")
        return value


class Query(Strict):
    """What may follow the question mark."""


class Paged(Query):
    """One page of a list. after: what the page before gave as `next`."""

    limit: int = Field(100, ge=1, le=MOST, description=N_("How many on one page."))
    after: str = Field("", max_length=2000, description=N_("The value of `next` on the page before."))
    count: bool = Field(False, description=N_("Also say how many there are in all."))


class Writing(Query):
    """A change. dry_run: only say what it would do."""

    dry_run: bool = Field(False, description=N_("Change nothing: say what would change, and whether the brake is on."))


class EmployeeQuery(Paged):
    changed_since: Moment | None = Field(
        None, description=N_("Only records that changed at this moment or later, erased ones included.")
    )
    employee_number: str = Field("", max_length=40)
    company_email: str = Field("", max_length=254)
    department: str = Field("", max_length=200)


class PatchQuery(Writing):
    at_once: bool = Field(
        False, description=N_("Carry out at once what a changed date makes late; without it such a change is refused.")
    )


class OperationQuery(Paged):
    changed_since: Moment | None = Field(None, description=N_("Only what began or ended at this moment or later."))
    employee: int | None = Field(None, ge=1, le=WHOLE)
    state: Literal["", "waiting", "running", "done", "failed", "cancelled"] = ""
    verb: str = Field("", max_length=20)


class AuditQuery(Paged):
    since: Moment | None = Field(None, description=N_("Only lines from this moment on."))
    action: str = Field("", max_length=60)
    behind: int = Field(
        0,
        ge=0,
        le=2**31 - 1,
        description=N_("Only lines with a higher number than this: the last one that a collector has."),
    )


class Employee(Shown):
    """The record of an employee. Private contact details are only there with the scope employees:private."""

    id: str
    employee_number: str
    first_name: str
    last_name: str
    preferred_name: str
    name: str = Field(description="What colleagues call the person.")
    job_title: str
    department: str
    location: str
    employment_type: str
    manager: str | None = Field(description="The id of the manager.")
    second_manager: str | None
    company_email: str
    personal_email: str = Field("", description="Needs the scope employees:private.")
    mobile: str = Field("", description="Needs the scope employees:private.")
    country: str = Field(description="Two letters, as in ISO 3166.")
    time_zone: str
    start_date: Day | None
    end_date: Day | None = Field(description="The last day.")
    leave_from: Day | None
    leave_to: Day | None = Field(description="The day on which they are back at work.")
    erased: bool = Field(description="The personal data was erased; only the id is left.")
    created_at: Moment
    changed_at: Moment


class EmployeePatch(Strict):
    """What is to change. What is not sent stays as it is; null empties it."""

    employee_number: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    preferred_name: str | None = None
    job_title: str | None = None
    department: str | None = None
    location: str | None = None
    employment_type: str | None = None
    manager: str | None = Field(None, description=N_("The id of an employee."))
    second_manager: str | None = Field(None, description=N_("The id of an employee."))
    company_email: str | None = None
    personal_email: str | None = Field(None, description=N_("Needs the scope employees:private."))
    mobile: str | None = Field(None, description=N_("Needs the scope employees:private."))
    country: str | None = None
    time_zone: str | None = None
    start_date: Day | None = None
    end_date: Day | None = None
    leave_from: Day | None = None
    leave_to: Day | None = None


class NewEmployee(EmployeePatch):
    """A record to add. A first name or a last name is needed."""

    employee_number: str


class NamedLicence(Shown):
    id: str
    name: str


class Account(Shown):
    """An employee's account at one connected application, as the portal last read it."""

    application: str = Field(description="Its key, as in the address.")
    application_name: str
    status: Literal["No access", "Active", "Deactivated"]
    username: str | None
    account_id: str | None = Field(description="The application’s own id of the account.")
    made_by_portal: bool
    waits_for_first_day: bool
    licences: list[NamedLicence]
    read_at: Moment | None


class CreateAccount(Strict):
    """What the form behind the switch asks for. For what is not sent, the form’s suggestion counts."""

    username: str | None = Field(None, max_length=300, description=N_("Without it: the next free one by your pattern."))
    licence_id: str | None = Field(None, max_length=200, description=N_("“none” for no licence."))
    unit: str | None = Field(None, max_length=300)
    send: Literal["now", "on_start_date", "ahead", "at"] = Field(
        "now",
        description=N_("When the login information goes out; ahead: the sign-in stays blocked until the first day."),
    )
    send_at: Moment | None = Field(None, description=N_("With `at`."))
    update_company_email: StrictBool = True
    another: StrictBool = Field(False, description=N_("Create one although the employee may have an account already."))
    lose_deleted: StrictBool = Field(
        False, description=N_("Create it although a deleted account of this name is then lost.")
    )


class LinkAccount(Strict):
    account_id: str = Field(min_length=1, max_length=320, description=N_("The application’s own id of the account."))
    send_record: StrictBool = Field(
        False, description=N_("Send the record to the account soon, and not at its next change.")
    )


class Nothing(Strict):
    """No fields."""


class SmallPrint(Shown):
    code: str
    request_id: str


class Operation(Shown):
    """One thing that is done to one account. It is over when state is done, failed or cancelled."""

    id: str
    employee: str
    application: str
    verb: str
    state: Literal["waiting", "running", "done", "failed", "cancelled"]
    by: str
    username: str
    created_at: Moment
    finished_at: Moment | None
    message: str
    next_step: str
    small_print: SmallPrint | None = Field(description="What the application answered, for support.")


class Licence(Shown):
    """A licence that the organisation has at an application, as last read."""

    application: str
    id: str
    name: str
    free: int | None = Field(description="Seats left; null when the application does not say.")


class AuditLine(Shown):
    """A line of the audit log. Private contact details are only there with the scope employees:private."""

    number: int
    at: Moment
    by: str
    action: str
    subject_kind: str
    subject_id: str
    subject_name: str
    detail: dict[str, Any]
    address: str
    erased: bool
    hash: str
    previous_hash: str = Field(description="The hash of the line before; empty for the first one.")


class MyOrganisation(Shown):
    key: str
    name: str
    plan: str
    time_zone: str


class Limits(Shown):
    per_minute: int
    at_once: int
    page: int


class Me(Shown):
    """The token that asks."""

    token: str = Field(description="The part of the token that names it.")
    name: str
    scopes: list[str]
    networks: list[str]
    expires_at: Moment
    made_by: str
    organisation: MyOrganisation
    limits: Limits


class Brake(Shown):
    """How many changes of this kind tokens have made within 24 hours, and how many they may make."""

    on: bool
    done: int
    limit: int
    sentence: str


class Step(Shown):
    """A step of a timeline that a change would begin, move or cancel."""

    label: str
    application: str
    before: str
    after: str


class Preview(Shown):
    """What would happen. Nothing was changed."""

    dry_run: Literal[True] = True
    before: dict[str, Any]
    after: dict[str, Any]
    brake: Brake
    begin: list[Step] = Field(default_factory=list, description="Steps of a timeline that would begin.")
    move: list[Step] = Field(default_factory=list, description="Steps that would move.")
    cancel: list[Step] = Field(default_factory=list, description="Steps that would be cancelled.")
    at_once: list[Step] = Field(default_factory=list, description="Steps whose time has passed already.")


class FieldError(Shown):
    pointer: str = Field(description="A JSON pointer into the body, or ?name of the query.")
    detail: str


class ProblemBody(Shown):
    """Why nothing was done, as in RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    next_step: str
    instance: str
    errors: list[FieldError] | None = None
    small_print: dict[str, str] | None = None
