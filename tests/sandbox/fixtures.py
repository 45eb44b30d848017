"""What the tests of the sandbox itself start from: they know nothing of the portal."""

import pytest

from tests.contract import validate
from tests.sandbox.caller import Caller


@pytest.fixture
def sandbox(sandbox_process):
    """A Microsoft 365 as new. Afterwards every answer it gave is held against Graph's description."""
    sandbox_process.reset()
    yield sandbox_process
    found = [
        problem
        for line in sandbox_process.requests(path="/v1.0/")
        if line.fault is None
        for problem in validate.problems_of_answer(line.method, line.path, line.status, line.answer, line.body)
    ]
    assert not found, found


@pytest.fixture
def caller(sandbox):
    """caller("GET", "/users") as an application that Acme consented to."""
    sandbox.grant_more(
        "Acme",
        "GroupMember.ReadWrite.All",
        "Mail.Send",
        "MailboxSettings.ReadWrite",
        "UserAuthMethod-TAP.ReadWrite.All",
        "ProfilePhoto.ReadWrite.All",
    )
    caller = Caller(sandbox)
    caller.sign_in()
    yield caller
    caller.close()


@pytest.fixture
def call(caller):
    return caller


@pytest.fixture
def someone():
    """The smallest body that POST /users takes, with changes."""

    def body(name: str = "new.person", **changes):
        return {
            "accountEnabled": True, "displayName": "New Person", "mailNickname": name,
            "userPrincipalName": f"{name}@acme.example", "passwordProfile": {"password": "Correct-Horse-7"}, **changes,
        }  # fmt: skip

    return body
