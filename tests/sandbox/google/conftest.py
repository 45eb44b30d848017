"""What the tests of the stand-in for Google Workspace start from: they know nothing of the portal."""

import pytest

from tests.sandbox.google.caller import GoogleCaller


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
