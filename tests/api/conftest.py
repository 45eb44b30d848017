import uuid

import pytest

from portal.api_tokens import actions
from portal.api_tokens.scopes import Scope
from tests.provisioning.conftest import connection, impatient  # noqa: F401


class System:
    """Another system, which comes with a token and has no browser."""

    def __init__(self, app, token, *, address="127.0.0.1"):
        self.app, self.token, self.address = app, token, address

    def ask(self, method, path, body=None, *, key="", headers=None, **query):
        sent = {"Authorization": f"Bearer {self.token}", **(headers or {})}
        if method == "POST" and key is not None:
            sent["Idempotency-Key"] = key or str(uuid.uuid4())
        options = {"json": body} if body is not None else {}
        options |= {"query_string": query} if query else {}
        path, place = path if path.startswith("/") else f"/api/v1/{path}", {"REMOTE_ADDR": self.address}
        return self.app.test_client().open(path, method=method, headers=sent, environ_base=place, **options)

    def get(self, path, **query):
        return self.ask("GET", path, **query)

    def post(self, path, body=None, **options):
        return self.ask("POST", path, {} if body is None else body, **options)

    def patch(self, path, body, *, seen="*", **query):
        return self.ask("PATCH", path, body, headers={"If-Match": seen} if seen else {}, **query)


def kind_of(answer):
    """The word of a problem. Every one is told in the same way, and none shows how the portal is made."""
    assert answer.content_type == "application/problem+json"
    assert answer.json["status"] == answer.status_code
    assert answer.json["detail"]
    assert answer.json["next_step"]
    assert answer.json["instance"].startswith("urn:request:")
    assert not any(word in answer.text for word in ("Traceback", "peewee", "SELECT", "sqlite"))
    return answer.json["type"].partition("#problem-")[2]


@pytest.fixture
def system(app):
    """system(person, *scopes): another system with a token of their organisation; all scopes when none is named."""

    def make(person, *scopes, name="Payroll", days=365, networks=()):
        scopes = scopes or tuple(Scope)
        _, text = actions.make(
            person.user.organisation, name=name, scopes=scopes, days=days, networks=networks, by=person.user
        )
        return System(app, text)

    return make


@pytest.fixture
def payroll(system, alice):
    """A system of Acme that may do everything."""
    return system(alice)
