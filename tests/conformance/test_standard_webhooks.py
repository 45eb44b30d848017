"""The reference library of Standard Webhooks, as a receiver uses it.

https://github.com/standard-webhooks/standard-webhooks
"""

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from portal.guard import addresses
from portal.people import actions as people
from portal.webhooks import actions
from tests.webhooks.conftest import allowed, authority, deliver, listening  # noqa: F401


def test_o25_what_a_receiver_gets_is_verified_and_nothing_that_was_changed_on_the_way(
    alice, acme, listening, deliver  # noqa: F811
):  # fmt: skip
    receiver, secret = actions.make(
        acme, name="Payroll", address=addresses.read(listening.url), kinds=(), by=alice.user
    )
    people.add_employee(acme, {"employee_number": "E1", "first_name": "Ann"}, by=alice.user)
    deliver(receiver)
    got = listening.got[-1]
    assert Webhook(secret).verify(got.body, got.headers)["type"] == "employee.created"
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(got.body.replace(b"created", b"ended"), got.headers)
