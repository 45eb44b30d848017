"""HiBob: a search that gives everybody at once, by a service user.

https://apidocs.hibob.com/reference/post_people-search
"""

from typing import Any

from portal.config import read
from portal.feed_sources import calls
from portal.feed_sources.base import (
    Access,
    Ask,
    Fetched,
    Kind,
    SourceProblem,
    SourceSettings,
    fetched,
    managers,
    numbers_of,
)
from portal.languages import gettext as _

LABEL = "HiBob"
KIND = Kind(
    "hibob",
    LABEL,
    _("Reads everybody in one search, with a service user."),
    (
        Ask(
            "user_id",
            _("Service user ID"),
            _("From a service user made for the portal, under Settings > Integrations."),
            secret=True,
        ),
        Ask("token", _("Token"), secret=True),
        Ask(
            "number_field",
            _("Field with the employee number"),
            _("Leave empty for work.employeeIdInCompany."),
            optional=True,
            pattern=r"[a-zA-Z0-9_.]{1,80}",
        ),
    ),
)
# Our heading -> HiBob's field.
FIELDS = {
    "first_name": "firstName", "last_name": "surname", "job_title": "work.title", "department": "work.department",
    "manager_employee_number": "work.reportsTo", "personal_email": "home.privateEmail", "company_email": "email",
    "mobile": "home.mobilePhone", "start_date": "work.startDate", "end_date": "internal.terminationDate",
    "location": "work.site", "status": "internal.status",
}  # fmt: skip
SHOWN_BY = _(
    "In HiBob, open Settings > Integrations > Service users, and give the service user a permission group with "
    "this field."
)


def fetch(access: Access) -> Fetched:
    """Everybody, whether they still work there or not. Raises SourceProblem."""
    fields = {"employee_number": access.options.get("number_field") or "work.employeeIdInCompany", **FIELDS}
    user = access.secrets.get("user_id", "")
    way = calls.channel(LABEL, user, a_minute=50)
    wanted = ["root.id", *(name if "." in name else f"root.{name}" for name in fields.values())]
    answer = calls.ask(
        way, "POST", f"{read(SourceSettings).hibob_url}/people/search", path="/v1/people/search",
        headers=calls.basic(user, access.secrets.get("token", "")),
        json={"fields": wanted, "showInactive": True, "humanReadable": "REPLACE"},
    )  # fmt: skip
    _check(answer.status_code)
    people = calls.many(calls.records_in(way, answer).get("employees"))
    records = [{heading: _at(person, name) for heading, name in fields.items()} for person in people]
    for record, person in zip(records, people, strict=True):
        record["manager_employee_number"] = _at(person, "work.reportsTo.id")
    managers(records, numbers_of(people, records))
    hidden = {
        heading: name for heading, name in fields.items()
        if people and not any(_is_there(person, name) for person in people)
    }  # fmt: skip
    return fetched(LABEL, records, hidden, SHOWN_BY)


def _at(person: dict[str, Any], name: str) -> Any:
    """The value at work.title, say; of what is chosen from a list, the word."""
    value: Any = person
    for part in name.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value.get("value") if isinstance(value, dict) and "value" in value else value


def _is_there(person: dict[str, Any], name: str) -> bool:
    """Whether the field came at all: HiBob leaves out what a service user may not see, without a word."""
    *path, last = name.split(".")
    value: Any = person
    for part in path:
        value = value.get(part) if isinstance(value, dict) else None
    return isinstance(value, dict) and last in value


def _check(status: int) -> None:
    if status == 401:
        raise SourceProblem(
            _("HiBob does not accept the service user."),
            _("In HiBob, open Settings > Integrations > Service users, make a new token, and enter it here."),
            permanent=True,
        )
    if status == 403:
        raise SourceProblem(
            _("HiBob does not let the service user search for people."),
            _(
                "In HiBob, open Settings > Integrations > Service users, and give the service user a permission "
                "group with People’s data."
            ),
            permanent=True,
        )
