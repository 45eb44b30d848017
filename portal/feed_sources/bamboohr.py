"""BambooHR: one report with the fields of everybody, by the API key of a user.

https://documentation.bamboohr.com/reference/request-custom-report-1
"""

import re
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

LABEL = "BambooHR"
KIND = Kind(
    "bamboohr",
    LABEL,
    _("Reads everybody in one report, with an API key."),
    (
        Ask(
            "company", _("Company"), _("The word before .bamboohr.com in your address."), pattern=r"[a-zA-Z0-9-]{1,60}"
        ),
        Ask(
            "api_key",
            _("API key"),
            _("From a user made for this alone: the key ends when that user does."),
            secret=True,
        ),
        Ask(
            "number_field",
            _("Field with the employee number"),
            _("Leave empty for employeeNumber."),
            optional=True,
            pattern=r"[a-zA-Z0-9_.]{1,60}",
        ),
    ),
)
# Our heading -> BambooHR's field.
FIELDS = {
    "first_name": "firstName", "last_name": "lastName", "preferred_name": "preferredName", "job_title": "jobTitle",
    "department": "department", "manager_employee_number": "supervisorEId", "personal_email": "homeEmail",
    "company_email": "workEmail", "mobile": "mobilePhone", "country": "country", "start_date": "hireDate",
    "end_date": "terminationDate", "location": "location", "status": "status",
}  # fmt: skip
SHOWN_BY = _(
    "In BambooHR, an administrator opens Settings > Access Levels and gives the user of the API key this field."
)
COMPANY = re.compile(r"[a-zA-Z0-9-]{1,60}")


def fetch(access: Access) -> Fetched:
    """Everybody, whether they still work there or not. Raises SourceProblem."""
    company = str(access.options.get("company", ""))
    if not COMPANY.fullmatch(company):
        raise SourceProblem(
            _("This cannot be the name of a company at BambooHR."), _("Correct it in the feed."), permanent=True
        )
    fields = {"employee_number": access.options.get("number_field") or "employeeNumber", **FIELDS}
    way = calls.channel(LABEL, company, a_minute=60)
    answer = calls.ask(
        way, "POST", f"{read(SourceSettings).bamboohr_url}/{company}/v1/reports/custom?format=JSON&onlyCurrent=false",
        headers=calls.basic(access.secrets.get("api_key", ""), "x"), path="/v1/reports/custom",
        json={"title": "HR portal", "fields": ["id", *fields.values()]},
    )  # fmt: skip
    _check(answer.status_code)
    body = calls.records_in(way, answer)
    shown = {str(item.get("id")) for item in calls.many(body.get("fields"))}
    people = calls.many(body.get("employees"))
    records = [{heading: _value(person.get(name)) for heading, name in fields.items()} for person in people]
    managers(records, numbers_of(people, records))
    hidden = {heading: name for heading, name in fields.items() if name not in shown and name != "id"}
    return fetched(LABEL, records, hidden, SHOWN_BY)


def _value(value: Any) -> Any:
    # What BambooHR writes for no day.
    return "" if value == "0000-00-00" else value


def _check(status: int) -> None:
    if status == 401:
        raise SourceProblem(
            _("BambooHR does not accept the API key. A key ends when the user who made it is deactivated."),
            _("In BambooHR, make a new key under the picture of the user > API Keys, and enter it here."),
            permanent=True,
        )
    if status == 403:
        raise SourceProblem(
            _("BambooHR does not let the user of the API key read employees: the access level lacks them."),
            _("In BambooHR, an administrator opens Settings > Access Levels and gives the user of the API key access."),
            permanent=True,
        )
    if status == 404:
        raise SourceProblem(
            _("BambooHR knows no company of this name."), _("Correct Company in the feed."), permanent=True
        )
