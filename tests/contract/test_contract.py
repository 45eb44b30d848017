"""Every call that the description has is made at the sandbox, and every answer is held against it."""

import json
import re
from typing import Any

import pytest

from tests.contract import validate
from tests.people.test_photos import picture
from tests.sandbox.caller import Caller
from tests.sandbox.listener import Listener

OMAR, NOBODY = "omar.ordinary@acme.example", "nobody@acme.example"
UNKNOWN = "00000000-0000-4000-8000-000000000000"
METHODS = ("get", "post", "put", "patch", "delete")
# Described, and not played by the sandbox: a call that it learns is taken off this list.
NOT_PLAYED = frozenset({
    "POST /users/{user-id}/reprocessLicenseAssignment",
    "GET /users/{user-id}/calendarView", "POST /users/{user-id}/events/{event-id}/cancel",
    "GET /users/{user-id}/authentication/methods",
    "DELETE /users/{user-id}/authentication/phoneMethods/{method-id}",
    "DELETE /users/{user-id}/authentication/microsoftAuthenticatorMethods/{method-id}",
    "DELETE /users/{user-id}/authentication/fido2Methods/{method-id}",
    "DELETE /users/{user-id}/authentication/softwareOathMethods/{method-id}",
    "DELETE /users/{user-id}/authentication/windowsHelloForBusinessMethods/{method-id}",
    "DELETE /users/{user-id}/authentication/emailMethods/{method-id}",
    "DELETE /users/{user-id}/authentication/platformCredentialMethods/{method-id}",
    "GET /users/{user-id}/drive", "GET /directory/subscriptions",
    "GET /reports/getOffice365ActiveUserDetail(period='{period}')",
    "GET /reports/authenticationMethods/userRegistrationDetails",
    "GET /auditLogs/directoryAudits",
})  # fmt: skip
OPERATIONS = [
    (method.upper(), template)
    for template, item in validate.description()["paths"].items()
    for method in METHODS
    if method in item and "x-app-permissions" in item[method] and f"{method.upper()} {template}" not in NOT_PLAYED
]
NEW = {
    "accountEnabled": True, "displayName": "New Person", "mailNickname": "new.person",
    "userPrincipalName": "new.person@acme.example", "passwordProfile": {"password": "Correct-Horse-7"},
}  # fmt: skip
RULE = {
    "displayName": "On leave", "actions": {"redirectTo": [{"emailAddress": {"address": "mona.manager@acme.example"}}]},
}  # fmt: skip
MESSAGE = {"subject": "Hello", "toRecipients": [{"emailAddress": {"address": "a@b.example"}}]}


@pytest.fixture
def recipes(caller, sandbox, listener):
    """A body for each call that needs one, and the ids that stand in for the placeholders of the paths."""
    groups = {group["displayName"]: group["id"] for group in caller("GET", "/groups").json()["value"]}
    subscription = {
        "changeType": "updated", "resource": "users", "notificationUrl": listener.url,
        "expirationDateTime": "2099-01-01T00:00:00Z",
    }  # fmt: skip
    subscription["expirationDateTime"] = sandbox.moment(86400)
    own = caller("POST", "/subscriptions", subscription).json()["id"]
    manager = {"@odata.id": f"https://graph.microsoft.com/v1.0/users/{sandbox.user('sy.synced@acme.example').id}"}
    member = {"@odata.id": f"https://graph.microsoft.com/v1.0/directoryObjects/{sandbox.user(OMAR).id}"}
    rule = caller("POST", f"/users/{OMAR}/mailFolders/inbox/messageRules", RULE).json()["id"]
    deleted = next(user.id for user in sandbox.users() if user.deleted)
    bodies = {
        "POST /users": NEW, "PATCH /users/{user-id}": {"jobTitle": "Buyer"},
        "POST /users/{user-id}/assignLicense": {"addLicenses": [], "removeLicenses": []},
        "PUT /users/{user-id}/manager/$ref": manager, "POST /groups/{group-id}/members/$ref": member,
        "POST /groups/{group-id}/owners/$ref": member,
        "PATCH /groups/{group-id}": {"members@odata.bind": [member["@odata.id"]]},
        "POST /users/{user-id}/sendMail": {"message": MESSAGE},
        "PATCH /users/{user-id}/mailboxSettings": {"timeZone": "Europe/London"},
        "POST /users/{user-id}/mailFolders/{mailFolder-id}/messageRules": RULE,
        "PATCH /users/{user-id}/mailFolders/{mailFolder-id}/messageRules/{messageRule-id}": {"isEnabled": False},
        "POST /users/{user-id}/authentication/temporaryAccessPassMethods": {"lifetimeInMinutes": 60},
        "POST /subscriptions": subscription, "PUT /users/{user-id}/photo/$value": picture().getvalue(),
        "PATCH /subscriptions/{subscription-id}": {"expirationDateTime": sandbox.moment(3600)},
    }  # fmt: skip
    caller("PUT", f"/users/{OMAR}/photo/$value", picture().getvalue())
    made = caller("POST", f"/users/{OMAR}/authentication/temporaryAccessPassMethods", {"lifetimeInMinutes": 60}).json()
    ids = {
        "method-id": made["id"], "mailFolder-id": "inbox", "messageRule-id": rule,
        "user-id": OMAR, "group-id": groups["Finance"], "subscription-id": own, "directoryObject-id": deleted,
    }  # fmt: skip
    return bodies, ids


def filled(template: str, ids: dict[str, str]) -> str:
    path = template.removesuffix("()")
    for name, value in ids.items():
        path = path.replace(f"{{{name}}}", value)
    return path


def exchange_problems(answer: Any, body: Any) -> list[str]:
    path = answer.request.path_url.partition("?")[0]
    text = "" if body is None or isinstance(body, bytes) else json.dumps(body)
    return validate.problems(answer.request.method, path, text, answer.status_code, answer.text)


@pytest.mark.parametrize(("method", "template"), OPERATIONS, ids=[" ".join(item) for item in OPERATIONS])
def test_each_call_is_answered_as_described(caller, recipes, sandbox, method, template):
    bodies, ids = recipes
    if (method, template) == ("DELETE", "/groups/{group-id}/members/{directoryObject-id}/$ref"):
        ids["directoryObject-id"] = sandbox.user(OMAR).id
        link = {"@odata.id": f"https://graph.microsoft.com/v1.0/users/{ids['directoryObject-id']}"}
        caller("POST", f"/groups/{ids['group-id']}/members/$ref", link)
    if (method, template) == ("DELETE", "/groups/{group-id}/owners/{directoryObject-id}/$ref"):
        for name in (OMAR, "mona.manager@acme.example"):
            ids["directoryObject-id"] = sandbox.user(name).id
            link = {"@odata.id": f"https://graph.microsoft.com/v1.0/users/{ids['directoryObject-id']}"}
            caller("POST", f"/groups/{ids['group-id']}/owners/$ref", link)
    body = bodies.get(f"{method} {template}")
    answer = caller(method, filled(template, ids), body)
    assert answer.ok, answer.text
    assert exchange_problems(answer, body) == []


@pytest.mark.parametrize(("method", "template"), OPERATIONS, ids=[" ".join(item) for item in OPERATIONS])
def test_each_call_is_let_through_by_each_permission_that_is_described_and_by_no_other(sandbox, method, template):
    """https://learn.microsoft.com/graph/permissions-reference"""
    operation = validate.description()["paths"][template][method.lower()]
    described = operation["x-app-permissions"]
    names = dict.fromkeys(re.findall(r"{([\w-]+)}", template), UNKNOWN)
    caller = Caller(sandbox)

    def status(*permissions: str) -> int:
        sandbox.grant_consent("Acme", list(permissions))
        caller.sign_in()
        answer = caller(method, filled(template, names), {} if method in ("POST", "PUT", "PATCH") else None)
        assert validate.problems_of_answer(method, answer.request.path_url, answer.status_code, answer.text) == []
        return answer.status_code

    assert status("Calendars.Read") == 403
    for permission in (*described["leastPrivileged"], *described["higher"]):
        assert status(permission) != 403, permission
    caller.close()


def test_a_name_that_nobody_described_is_noticed():
    answer = json.dumps({"id": "x", "favouriteColour": "blue"})
    assert "favouriteColour" in validate.problems("GET", "/v1.0/users/x", "", 200, answer)[0]


def test_a_value_of_the_wrong_kind_is_noticed():
    assert validate.problems("GET", "/v1.0/users/x", "", 200, json.dumps({"accountEnabled": "yes"}))


def test_a_call_that_is_not_described_is_noticed():
    assert validate.problems("GET", "/v1.0/planets", "", 404, "") == ["GET /v1.0/planets is not described"]


def test_the_parts_of_a_batch_are_looked_at_one_by_one():
    asked = json.dumps({"requests": [{"id": "1", "method": "GET", "url": "/users/x"}]})
    answer = json.dumps({"responses": [{"id": "1", "status": 200, "body": {"accountEnabled": "yes"}}]})
    assert validate.problems("POST", "/v1.0/$batch", asked, 200, answer)


@pytest.fixture
def listener():
    with Listener() as listener:
        yield listener
