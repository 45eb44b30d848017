import json

import pytest

from portal.api_tokens import actions
from portal.api_tokens.scopes import Scope
from portal.database import now
from portal.scim.models import ScimClient

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
DATES = "urn:ietf:params:scim:schemas:extension:portal:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"


def somebody(number, first="Ann", last="Byron", **more):
    """A person as Entra describes one."""
    enterprise = {"employeeNumber": number, **more.pop("enterprise", {})}
    return {
        "schemas": [USER, ENTERPRISE], "externalId": f"x{number}", "userName": f"{first}.{number}@acme.example",
        "active": True, "name": {"givenName": first, "familyName": last}, ENTERPRISE: enterprise, **more,
    }  # fmt: skip


class Pusher:
    """Another system that pushes employees."""

    BASE = "/scim/v2"

    def __init__(self, app, token):
        self.app, self.token = app, token

    def ask(self, method, path, body=None, **headers):
        sent = {"Authorization": f"Bearer {self.token}", **{name.replace("_", "-"): headers[name] for name in headers}}
        data = {"data": json.dumps(body), "content_type": "application/scim+json"} if body is not None else {}
        return self.app.test_client().open(f"{self.BASE}{path}", method=method, headers=sent, **data)

    def get(self, path):
        return self.ask("GET", path)

    def post(self, body, path="/Users", **headers):
        return self.ask("POST", path, body, **headers)

    def patch(self, person_id, *operations):
        return self.ask("PATCH", f"/Users/{person_id}", {"schemas": [PATCH], "Operations": list(operations)})

    def put(self, person_id, body):
        return self.ask("PUT", f"/Users/{person_id}", body)

    def bulk(self, *people, **headers):
        found = [{"method": "POST", "bulkId": f"b{n}", "path": "/Users", "data": one} for n, one in enumerate(people)]
        return self.post({"schemas": [BULK], "Operations": found, "failOnErrors": None}, "/Bulk", **headers)

    @property
    def row(self):
        return ScimClient.select().order_by(ScimClient.id.desc()).get()


@pytest.fixture
def pusher(app):
    """pusher(person): a system with a token of their organisation. live: an Admin has applied what it said already."""

    def make(person, *scopes, name="Entra", live=True):
        scopes = scopes or (Scope.SCIM, Scope.EMPLOYEES_PRIVATE)
        token, text = actions.make(
            person.user.organisation, name=name, scopes=scopes, days=30, networks=(), by=person.user
        )
        if live:
            ScimClient.create(organisation=token.organisation, token=token, live_at=now())
        return Pusher(app, text)

    return make


@pytest.fixture
def entra(pusher, alice):
    return pusher(alice)
