"""What the tests of the stand-in for Google Workspace start from: they know nothing of the portal."""

import pytest

from tests.contract.google import problems_of_answer
from tests.sandbox.google.caller import GoogleCaller


@pytest.fixture
def google(google_process):
    """A Google Workspace as new. Afterwards every answer it gave is held against Google's descriptions."""
    google_process.reset()
    yield google_process
    found = [
        problem
        for line in google_process.requests()
        if line.fault is None
        for problem in problems_of_answer(line.method, line.path, line.status, line.answer)
    ]
    assert not found, found


@pytest.fixture
def stranger(google):
    """The application before anybody has signed in."""
    caller = GoogleCaller(google)
    yield caller
    caller.close()


@pytest.fixture
def call(stranger):
    """call("GET", "/users/x") with all that Grace, super administrator of Acme, has granted."""
    stranger.sign_in()
    return stranger


@pytest.fixture
def someone():
    """The smallest body that inserting a user takes, with changes."""

    def body(local: str = "new.person", /, **changes):
        return {
            "primaryEmail": f"{local}@acme.example", "name": {"givenName": "New", "familyName": "Person"},
            "password": "Correct-Horse-7", **changes,
        }  # fmt: skip

    return body
