"""Personio: version 1 of its API, which gives a hundred people in each answer.

https://developer.personio.de/reference/get_company-employees
"""

from typing import Any

from portal.config import read
from portal.connectors.http import Channel, body_of
from portal.feed_sources import calls
from portal.feed_sources.base import Access, Ask, Fetched, Kind, SourceProblem, SourceSettings, fetched, managers
from portal.languages import gettext as _

LABEL = "Personio"
KIND = Kind(
    "personio",
    LABEL,
    _("Reads everybody with the credentials of an API client."),
    (
        Ask(
            "client_id",
            _("Client ID"),
            _("From an API credential made for the portal, under Settings > API credentials."),
            secret=True,
        ),
        Ask("client_secret", _("Client secret"), secret=True),
        Ask(
            "number_field",
            _("Attribute with the employee number"),
            _("As Personio labels it, such as Personnel number. Leave empty for the ID that Personio gives everybody."),
            optional=True,
        ),
    ),
)
# Our heading -> Personio's attribute.
FIELDS = {
    "first_name": "first_name", "last_name": "last_name", "preferred_name": "preferred_name", "job_title": "position",
    "department": "department", "manager_employee_number": "supervisor", "company_email": "email",
    "start_date": "hire_date", "end_date": "termination_date", "location": "office", "status": "status",
}  # fmt: skip
SHOWN_BY = _("In Personio, open Settings > API credentials, and tick the attribute under Readable employee attributes.")
PAGE, MOST_PAGES = 100, 2_000


def fetch(access: Access) -> Fetched:
    """Everybody, whether they still work there or not. Raises SourceProblem."""
    way = calls.channel(LABEL, access.secrets.get("client_id", ""), a_minute=200)
    people = _everybody(way, access)
    label = str(access.options.get("number_field") or "")
    shown = {name for person in people for name, attribute in person.items() if _is_shown(attribute)}
    records, numbers = [], {}
    for person in people:
        record = {heading: _day(_value(person.get(name))) for heading, name in FIELDS.items()}
        record["employee_number"] = _value(_by_label(person, label)) if label else _value(person.get("id"))
        record["manager_employee_number"] = _id_of(person.get("supervisor"))
        numbers[str(_value(person.get("id")))] = str(record["employee_number"] or "")
        records.append(record)
    managers(records, numbers)
    hidden = {heading: name for heading, name in FIELDS.items() if people and name not in shown}
    if people and not any(record["employee_number"] for record in records):
        hidden["employee_number"] = label or "id"
    return fetched(LABEL, records, hidden, SHOWN_BY, without=("personal_email", "mobile", "country", "employment_type"))


def _everybody(way: Channel, access: Access) -> list[dict[str, Any]]:
    """The attributes of each person, page by page."""
    token, people = _token(way, access), list[dict[str, Any]]()
    base, pages = f"{read(SourceSettings).personio_url}/v1/company/employees", None
    for number in range(MOST_PAGES):
        url = f"{base}?limit={PAGE}&offset={number * PAGE}"
        answer = calls.ask(way, "GET", url, headers={"Authorization": f"Bearer {token}"}, path="/v1/company/employees")
        if answer.status_code == 401:
            # A token lasts a day: it may end between two pages.
            token = _token(way, access)
            answer = calls.ask(
                way, "GET", url, headers={"Authorization": f"Bearer {token}"}, path="/v1/company/employees"
            )
        if answer.status_code in (401, 403):
            raise SourceProblem(
                _("Personio does not let the API credential read employees."),
                _("In Personio, open Settings > API credentials, and allow reading under Employees."), permanent=True,
            )  # fmt: skip
        body = calls.records_in(way, answer)
        page = calls.many(body.get("data"))
        people += [item["attributes"] for item in page if isinstance(item.get("attributes"), dict)]
        told = (body.get("metadata") or {}).get("total_pages")
        pages = told if isinstance(told, int) else pages
        if not page and pages is not None and number < pages:
            raise calls.not_understood(way, answer)
        if len(page) < PAGE or (pages is not None and number + 1 >= pages):
            return people
    raise SourceProblem(_("Personio has more people than the portal reads."), permanent=True)


def _token(way: Channel, access: Access) -> str:
    """https://developer.personio.de/reference/post_auth. Raises SourceProblem."""
    answer = calls.ask(
        way, "POST", f"{read(SourceSettings).personio_url}/v1/auth", headers={}, path="/v1/auth",
        json={"client_id": access.secrets.get("client_id"), "client_secret": access.secrets.get("client_secret")},
    )  # fmt: skip
    body = body_of(answer)
    data = body.get("data") if isinstance(body, dict) else None
    token = data.get("token") if answer.status_code == 200 and isinstance(data, dict) else None
    if not isinstance(token, str):
        raise SourceProblem(
            _("Personio does not accept the client ID and the client secret."),
            _("In Personio, look under Settings > API credentials, and enter both here again."), permanent=True,
        )  # fmt: skip
    return token


def _is_shown(attribute: Any) -> bool:
    """What a credential may not read comes as an empty object or list."""
    return isinstance(attribute, dict) and "value" in attribute


def _value(attribute: Any) -> Any:
    value = attribute.get("value") if isinstance(attribute, dict) else None
    if isinstance(value, dict):
        inner = value.get("attributes")
        return inner.get("name") if isinstance(inner, dict) and not isinstance(inner.get("name"), dict) else None
    return value


def _day(value: Any) -> Any:
    """Personio writes days with a time behind them."""
    return value[:10] if isinstance(value, str) and value[10:11] == "T" else value


def _by_label(person: dict[str, Any], label: str) -> Any:
    wanted = label.casefold()
    found = (one for one in person.values() if isinstance(one, dict) and str(one.get("label")).casefold() == wanted)
    return next(found, None)


def _id_of(attribute: Any) -> Any:
    """The ID of the person whom an attribute names."""
    value = attribute.get("value") if isinstance(attribute, dict) else None
    inner = value.get("attributes") if isinstance(value, dict) else None
    return _value(inner.get("id")) if isinstance(inner, dict) else None
