"""An invented HR system that pushes people to the demo by SCIM, as an Admin finds it on the second day."""

from datetime import timedelta
from typing import Any

from portal import create_app
from portal.api_tokens import actions as tokens
from portal.api_tokens.scopes import Scope
from portal.auth.models import User
from portal.database import now
from portal.organisations.models import Organisation
from portal.people.models import Employee
from portal.scim.models import ScimClient
from portal.scim_protocol.words import ENTERPRISE, USER

NAME = "HR system"


def make(acme: Organisation, admin: User) -> None:
    """Push some of the invented people: most as they are, one with another job, one who left, and one who is new."""
    token, text = tokens.make(acme, name=NAME, scopes=[Scope.SCIM], days=365, networks=(), by=admin)
    visitor = create_app().test_client()
    known = list(Employee.select().where(Employee.organisation == acme).order_by(Employee.id).limit(8))
    people = [_described(one) for one in known if one.end_date is None]
    people[-1]["title"] = "Team Lead"
    people[-2]["active"] = False
    people.append(_person("A0900", "Noor", "Haddad") | {"title": "Analyst"})
    for person in people:
        visitor.post("/scim/v2/Users", json=person, headers={"Authorization": f"Bearer {text}"})
    ScimClient.update(first_used_at=now() - timedelta(days=2)).where(ScimClient.token == token).execute()


def _described(employee: Employee) -> dict[str, Any]:
    person = _person(employee.employee_number, employee.first_name, employee.last_name)
    return person | {"title": employee.job_title, "active": True}


def _person(number: str, first: str, last: str) -> dict[str, Any]:
    return {
        "schemas": [USER, ENTERPRISE], "userName": f"{number.lower()}@acme.example", "externalId": number,
        "name": {"givenName": first, "familyName": last}, ENTERPRISE: {"employeeNumber": number},
    }  # fmt: skip
