"""https://learn.microsoft.com/graph/change-notifications-delivery-webhooks"""

import pytest

from tests.sandbox.listener import Listener

OMAR = "omar.ordinary@acme.example"


@pytest.fixture
def listener():
    with Listener() as listener:
        yield listener


@pytest.fixture
def wanted(sandbox, listener):
    """The body of a subscription, with changes."""

    def body(**changes):
        return {
            "changeType": "updated,deleted", "resource": "users", "notificationUrl": listener.url,
            "clientState": "secret", "expirationDateTime": sandbox.moment(86400), **changes,
        }  # fmt: skip

    return body


def test_a_change_is_told_to_those_who_asked(caller, sandbox, listener, wanted):
    subscription = caller("POST", "/subscriptions", wanted()).json()
    caller("PATCH", f"/users/{OMAR}", {"jobTitle": "Buyer"})
    notice = listener.told.get(timeout=10)
    assert notice["subscriptionId"] == subscription["id"]
    assert (notice["changeType"], notice["clientState"]) == ("updated", "secret")
    assert notice["resourceData"]["id"] == sandbox.user(OMAR).id
    assert notice["tenantId"] == sandbox.tenants[0]["id"]


def test_a_soft_delete_arrives_as_a_change_and_the_end_as_a_delete(caller, sandbox, listener, wanted):
    omar = sandbox.user(OMAR).id
    caller("POST", "/subscriptions", wanted(resource=f"users/{omar}"))
    caller("PATCH", "/users/mona.manager@acme.example", {"jobTitle": "Chief"})
    caller("DELETE", f"/users/{omar}")
    caller("DELETE", f"/directory/deletedItems/{omar}")
    assert [listener.told.get(timeout=10)["changeType"] for _ in range(2)] == ["updated", "deleted"]


def test_an_address_that_does_not_shake_hands_is_refused(caller, wanted):
    with Listener(shakes_hands=False) as deaf:
        status, code, message = caller.refused("POST", "/subscriptions", wanted(notificationUrl=deaf.url))
    assert (status, code) == (400, "InvalidRequest")
    assert message.startswith("Subscription validation request failed.")


@pytest.mark.parametrize(
    "changes",
    [
        {"changeType": "painted"},
        {"resource": "planets"},
        {"notificationUrl": "http://elsewhere.example/"},
        {"expirationDateTime": "2020-01-01T00:00:00Z"},
        {"expirationDateTime": "2099-01-01T00:00:00Z"},
        {"clientState": "x" * 129},
        {"notificationUrl": None},
    ],
    ids=["change", "resource", "plain http", "past", "too long", "client state", "missing"],
)
def test_what_a_subscription_cannot_be(caller, wanted, changes):
    """https://learn.microsoft.com/graph/api/subscription-post-subscriptions"""
    assert caller.refused("POST", "/subscriptions", wanted(**changes))[0] == 400


def test_a_subscription_is_renewed_and_ended(caller, sandbox, wanted):
    """https://learn.microsoft.com/graph/api/subscription-update"""
    own = f"/subscriptions/{caller('POST', '/subscriptions', wanted()).json()['id']}"
    later = sandbox.moment(2 * 86400)
    assert caller("PATCH", own, {"expirationDateTime": later}).json()["expirationDateTime"] == later
    assert caller.refused("PATCH", own, {"resource": "groups"})[0] == 400
    sandbox.advance(86400 + 60)
    caller.sign_in()
    assert len(caller("GET", "/subscriptions").json()["value"]) == 1
    assert caller("DELETE", own).status_code == 204
    assert caller.refused("GET", own)[0] == 404


def test_a_subscription_ends_by_itself(caller, sandbox, wanted):
    """https://learn.microsoft.com/graph/api/resources/subscription"""
    caller("POST", "/subscriptions", wanted())
    sandbox.advance(86400 + 60)
    caller.sign_in()
    assert caller("GET", "/subscriptions").json()["value"] == []
