"""Employment Hero: people page by page, after an Admin has signed in there once.

https://developer.employmenthero.com/api-references
"""

from typing import Any
from urllib.parse import urlencode

from portal.config import read
from portal.connectors.http import Channel, body_of
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
from portal.languages import joined

LABEL = "Employment Hero"
KIND = Kind(
    "employment-hero",
    LABEL,
    _("Reads everybody after an Admin has signed in to Employment Hero. Needs its Platinum plan."),
    (
        Ask(
            "client_id",
            _("Client ID"),
            _("From an application made under Developer portal, with the scope Employees."),
            secret=True,
        ),
        Ask("client_secret", _("Client secret"), secret=True),
        Ask(
            "organisation",
            _("Organisation ID"),
            _("It is in the address of the organisation’s pages at Employment Hero."),
            pattern=r"[A-Za-z0-9-]{1,60}",
        ),
        Ask(
            "number_field",
            _("Field with the employee number"),
            _("Empty for code."),
            optional=True,
            pattern=r"[a-z_]{1,60}",
        ),
    ),
)
# Our heading -> Employment Hero's field.
FIELDS = {
    "first_name": "first_name", "last_name": "last_name", "preferred_name": "known_as", "job_title": "job_title",
    "manager_employee_number": "primary_manager", "personal_email": "personal_email", "company_email": "company_email",
    "mobile": "personal_mobile_number", "country": "country", "start_date": "start_date",
    "end_date": "termination_date", "location": "location",
}  # fmt: skip
SHOWN_BY = _("In Employment Hero, open Developer portal, and give the application the scope of this field.")
PAGE, MOST_PAGES = 100, 2_000
SIGN_IN = _("Press Sign in to Employment Hero on the page of the feed.")


def sign_in_address(client_id: str, back_to: str, state: str) -> str:
    """Where an Admin signs in and allows the portal to read."""
    asked = {"client_id": client_id, "redirect_uri": back_to, "response_type": "code", "state": state}
    return f"{read(SourceSettings).employment_hero_login_url}/oauth2/authorize?{urlencode(asked)}"


def take_code(access: Access, code: str, back_to: str) -> None:
    """Keep what the code of a sign-in is exchanged for. Raises SourceProblem."""
    _exchange(access, {"grant_type": "authorization_code", "code": code, "redirect_uri": back_to})


def fetch(access: Access) -> Fetched:
    """Everybody whom Employment Hero lists. Raises SourceProblem."""
    organisation = str(access.options.get("organisation", ""))
    fields = {"employee_number": access.options.get("number_field") or "code", **FIELDS}
    way = calls.channel(LABEL, organisation, a_minute=100)
    people = _everybody(way, access, organisation)
    records = [{heading: _value(person.get(name)) for heading, name in fields.items()} for person in people]
    for record, person in zip(records, people, strict=True):
        boss = person.get("primary_manager")
        record["manager_employee_number"] = boss.get("id") if isinstance(boss, dict) else None
    managers(records, numbers_of(people, records))
    hidden = {
        heading: name for heading, name in fields.items() if people and not any(name in person for person in people)
    }
    return fetched(LABEL, records, hidden, SHOWN_BY)


def _everybody(way: Channel, access: Access, organisation: str) -> list[dict[str, Any]]:
    people, pages = list[dict[str, Any]](), None
    for number in range(1, MOST_PAGES):
        url = (
            f"{read(SourceSettings).employment_hero_url}/organisations/{organisation}/employees"
            f"?page_index={number}&item_per_page={PAGE}"
        )
        answer = calls.ask(way, "GET", url, headers=_bearer(access), path="/organisations/…/employees")
        if answer.status_code == 401:
            # An access token lasts a quarter of an hour.
            _refresh(access)
            answer = calls.ask(way, "GET", url, headers=_bearer(access), path="/organisations/…/employees")
        _check(answer.status_code)
        data = calls.records_in(way, answer).get("data")
        data = data if isinstance(data, dict) else {}
        page = calls.many(data.get("items"))
        people += page
        pages = data["total_pages"] if isinstance(data.get("total_pages"), int) else pages
        if not page and pages is not None and number <= pages:
            raise calls.not_understood(way, answer)
        if not page or (number >= pages if pages is not None else len(page) < PAGE):
            return people
    raise SourceProblem(_("Employment Hero has more people than the portal reads."), permanent=True)


def _bearer(access: Access) -> dict[str, str]:
    if not access.secrets.get("access_token"):
        _refresh(access)
    return {"Authorization": f"Bearer {access.secrets['access_token']}"}


def _refresh(access: Access) -> None:
    if not access.secrets.get("refresh_token"):
        raise SourceProblem(_("Nobody has signed in to Employment Hero for this feed yet."), SIGN_IN, permanent=True)
    _exchange(access, {"grant_type": "refresh_token", "refresh_token": access.secrets["refresh_token"]})


def _exchange(access: Access, asked: dict[str, str]) -> None:
    """Keep fresh tokens at once: the refresh token that was sent may count only once."""
    way = calls.channel(LABEL, "sign-in", a_minute=100)
    own = {name: access.secrets.get(name, "") for name in ("client_id", "client_secret")}
    url = f"{read(SourceSettings).employment_hero_login_url}/oauth2/token"
    answer = calls.ask(way, "POST", url, headers={}, json={**own, **asked}, path="/oauth2/token")
    body = body_of(answer)
    token = body.get("access_token") if answer.status_code == 200 and isinstance(body, dict) else None
    if not isinstance(token, str):
        raise SourceProblem(_("Employment Hero has ended the sign-in of this feed."), SIGN_IN, permanent=True)
    fresh = body.get("refresh_token")
    access.keep(
        access_token=token, refresh_token=fresh if isinstance(fresh, str) else access.secrets.get("refresh_token", "")
    )


def _value(value: Any) -> Any:
    if isinstance(value, dict):
        return value.get("name")
    return value[:10] if isinstance(value, str) and value[10:11] == "T" else value


def _check(status: int) -> None:
    if status == 403:
        raise SourceProblem(
            _("Employment Hero does not let the portal read employees: the application lacks the scope Employees, "
            "or the plan is not Platinum."),
            _("In Employment Hero, open Developer portal, and make an application with the scope Employees."),
            permanent=True,
        )  # fmt: skip
    if status in (401, 404):
        raise SourceProblem(
            _("Employment Hero does not show this organisation to the person who signed in."),
            joined(_("Correct Organisation ID."), SIGN_IN), permanent=True,
        )  # fmt: skip
