"""Change notifications about users.

https://learn.microsoft.com/graph/api/subscription-post-subscriptions and
https://learn.microsoft.com/graph/change-notifications-delivery-webhooks
"""

from typing import Any
from urllib.parse import urlsplit

from flask import Response

from portal.sandbox import clock, notifications
from portal.sandbox.graph.calls import answer, call, nothing, sent, state
from portal.sandbox.graph.shapes import CONTEXT
from portal.sandbox.identity.platform import ON_THIS_MACHINE
from portal.sandbox.refusals import Refusal, malformed, missing_value, not_found
from portal.sandbox.rules import permissions
from portal.sandbox.rules.permissions import Caller
from portal.sandbox.state import people
from portal.sandbox.state.models import Subscription

LONGEST_LIFE = 41_760 * 60
MOST_PER_APPLICATION = 100
LONGEST_CLIENT_STATE = 128
REQUIRED = ("changeType", "notificationUrl", "resource", "expirationDateTime")
CHANGE_TYPES = {"created", "updated", "deleted"}
KNOWN = {*REQUIRED, "clientState", "lifecycleNotificationUrl", "latestSupportedTlsVersion", "includeResourceData"}


@call("POST", "/subscriptions", needs=permissions.SUBSCRIBE, alone=False)
def create(caller: Caller) -> Response:
    wanted = {key: value for key, value in sent().items() if "@odata." not in key}
    _check(wanted)
    # The other side is asked before anything is held, since it may be asking us something at the same moment.
    for name in ("notificationUrl", "lifecycleNotificationUrl"):
        if wanted.get(name) and not notifications.shakes_hands(wanted[name]):
            raise Refusal(400, "InvalidRequest", HANDSHAKE)
    with state().work():
        own = Subscription.select().where(Subscription.tenant == caller.tenant.id).count()
        if own >= MOST_PER_APPLICATION:
            raise Refusal(
                403,
                "ExtensionError",
                "Operation: Create; Exception: [Status Code: Forbidden; Reason: Subscription limit reached]",
            )
        body = {
            "id": people.new_id(), "resource": wanted["resource"], "applicationId": caller.app_id,
            "changeType": wanted["changeType"], "clientState": wanted.get("clientState"),
            "notificationUrl": wanted["notificationUrl"], "notificationQueryOptions": None,
            "lifecycleNotificationUrl": wanted.get("lifecycleNotificationUrl"),
            "expirationDateTime": wanted["expirationDateTime"],
            "creatorId": people.fixed_service_principal(caller.tenant),
            "includeResourceData": None, "latestSupportedTlsVersion": wanted.get("latestSupportedTlsVersion") or "v1_2",
            "encryptionCertificate": None, "encryptionCertificateId": None, "notificationUrlAppId": None,
        }  # fmt: skip
        Subscription.create(
            id=body["id"], tenant=caller.tenant.id, expires=clock.read(body["expirationDateTime"]), body=body
        )
    return answer({"@odata.context": f"{CONTEXT}subscriptions/$entity", **body}, 201)


HANDSHAKE = (
    "Subscription validation request failed. Notification endpoint must respond with 200 OK to validation request."
)


def _check(wanted: dict[str, Any]) -> None:
    for name in REQUIRED:
        if not wanted.get(name):
            raise missing_value(name, "Subscription")
    if set(wanted) - KNOWN:
        raise malformed(f"Invalid property '{sorted(set(wanted) - KNOWN)[0]}'.")
    kinds = {part.strip() for part in str(wanted["changeType"]).split(",")}
    if not kinds <= CHANGE_TYPES:
        raise malformed("Subscription property changeType is invalid.")
    first, _, rest = str(wanted["resource"]).strip("/").partition("/")
    if first != "users" or "/" in rest:
        raise malformed(f"The resource '{wanted['resource']}' is not supported for subscriptions.")
    if len(str(wanted.get("clientState") or "")) > LONGEST_CLIENT_STATE:
        raise malformed("Subscription property clientState is too long; it has at most 128 characters.")
    for name in ("notificationUrl", "lifecycleNotificationUrl"):
        _check_url(name, wanted.get(name))
    _check_expiry(wanted["expirationDateTime"])


def _check_url(name: str, url: Any) -> None:
    """Https only, as at Microsoft; plain http is taken when it stays on this machine."""
    if url is None:
        return
    parts = urlsplit(str(url))
    if parts.scheme != "https" and not str(url).startswith(ON_THIS_MACHINE):
        raise malformed(f"The {name} must be an https address.")


def _check_expiry(text: Any) -> None:
    try:
        moment = clock.read(str(text))
    except ValueError:
        raise malformed("Subscription property expirationDateTime is invalid.") from None
    now = state().clock.time()
    if moment <= now:
        raise malformed("Subscription expiration must be in the future.")
    if moment - now > LONGEST_LIFE + 60:
        raise malformed("Subscription expiration can only be 41760 minutes in the future.")


def _live(caller: Caller) -> list[Subscription]:
    Subscription.delete().where(Subscription.expires <= state().clock.time()).execute()
    return list(Subscription.select().where(Subscription.tenant == caller.tenant.id))


def _one(caller: Caller, subscription_id: str) -> Subscription:
    found = next((item for item in _live(caller) if item.id == subscription_id.lower()), None)
    if found is None:
        raise not_found(subscription_id)
    return found


@call("GET", "/subscriptions", needs=permissions.SUBSCRIBE)
def listed(caller: Caller) -> Response:
    """https://learn.microsoft.com/graph/api/subscription-list"""
    return answer({"@odata.context": f"{CONTEXT}subscriptions", "value": [item.body for item in _live(caller)]})


@call("GET", "/subscriptions/<subscription_id>", needs=permissions.SUBSCRIBE)
def get(caller: Caller, subscription_id: str) -> Response:
    """https://learn.microsoft.com/graph/api/subscription-get"""
    return answer({"@odata.context": f"{CONTEXT}subscriptions/$entity", **_one(caller, subscription_id).body})


@call("PATCH", "/subscriptions/<subscription_id>", needs=permissions.SUBSCRIBE, alone=False)
def update(caller: Caller, subscription_id: str) -> Response:
    """https://learn.microsoft.com/graph/api/subscription-update: renew, or send elsewhere."""
    changes = {key: value for key, value in sent().items() if "@odata." not in key}
    wrong = set(changes) - {"expirationDateTime", "notificationUrl"}
    if wrong:
        raise malformed(f"Subscription property '{sorted(wrong)[0]}' cannot be changed.")
    if "expirationDateTime" in changes:
        _check_expiry(changes["expirationDateTime"])
    if "notificationUrl" in changes:
        _check_url("notificationUrl", changes["notificationUrl"])
        if not notifications.shakes_hands(changes["notificationUrl"]):
            raise Refusal(400, "InvalidRequest", HANDSHAKE)
    with state().work():
        found = _one(caller, subscription_id)
        found.body = {**found.body, **changes}
        found.expires = clock.read(found.body["expirationDateTime"])
        found.save()
    return answer({"@odata.context": f"{CONTEXT}subscriptions/$entity", **found.body})


@call("DELETE", "/subscriptions/<subscription_id>", needs=permissions.SUBSCRIBE)
def delete(caller: Caller, subscription_id: str) -> Response:
    """https://learn.microsoft.com/graph/api/subscription-delete"""
    _one(caller, subscription_id).delete_instance()
    return nothing()
