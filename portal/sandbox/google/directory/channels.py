"""Push notifications: a channel for each kind of change.

https://developers.google.com/workspace/admin/directory/v1/guides/push
"""

import json
import secrets
from collections.abc import Iterable
from email.utils import formatdate
from typing import Any
from urllib.parse import urlsplit

from flask import current_app, request

from portal.sandbox.courier import Courier
from portal.sandbox.google.calls import Asked, call, state
from portal.sandbox.google.refusals import Refusal, bad_request, required
from portal.sandbox.google.state import State, User, people
from portal.sandbox.google.state.models import Channel

USUAL_LIFE, LONGEST_LIFE = 7200, 172_800
HERE = ("127.0.0.1", "localhost")


class Notifier:
    """tell() and sync() return at once."""

    def __init__(self, state: State):
        self.state, self.courier = state, Courier()

    def tell(self, changes: Iterable[tuple[str, str, str]]) -> None:
        """changes: (customer, user, kind)."""
        with self.state.lock:
            live = list(Channel.select().where(Channel.expires > self.state.clock.time()))
            for customer, user_id, kind in dict.fromkeys(changes) if live else ():
                user = User.get_or_none(User.id == user_id)
                for channel in live:
                    if user is not None and channel.customer == customer and _concerns(channel, user, kind):
                        self._send(channel, kind, user)

    def sync(self, channel: Channel) -> None:
        """The first message of a channel."""
        self._send(channel, "sync", None)

    def _send(self, channel: Channel, what: str, user: User | None) -> None:
        headers = {
            "Content-Type": "application/json; utf-8", "X-Goog-Channel-Id": channel.id,
            "X-Goog-Message-Number": str(channel.number), "X-Goog-Resource-Id": channel.resource,
            "X-Goog-Resource-State": what, "X-Goog-Resource-Uri": channel.uri,
            "X-Goog-Channel-Expiration": formatdate(channel.expires, usegmt=True),
        }  # fmt: skip
        if channel.token:
            headers["X-Goog-Channel-Token"] = channel.token
        body = b"" if user is None else json.dumps({
            "kind": "admin#directory#user", "id": user.id, "etag": people.etag(user.id, user.version),
            "primaryEmail": user.address,
        }).encode()  # fmt: skip
        self.courier.send(channel.address, body, headers)
        # The number grows, and not by one.
        channel.number += 1 + secrets.randbelow(40_000)
        channel.save()


def _concerns(channel: Channel, user: User, kind: str) -> bool:
    if channel.domain and not user.address.endswith(f"@{channel.domain}"):
        return False
    return channel.event in ("", kind)


@call("directory.users.watch")
def watch(asked: Asked) -> dict[str, Any]:
    caller, options, body = asked.caller, asked.options, asked.body
    customer = caller.need_admin()
    if not options.get("customer") and not options.get("domain"):
        raise bad_request()
    if options.get("customer"):
        customer = caller.need_customer(options["customer"])
    _check(body)
    life = min(float((body.get("params") or {}).get("ttl") or USUAL_LIFE), LONGEST_LIFE)
    channel = Channel(
        id=body["id"], resource=people.etag(customer.id, request.query_string).strip('"').replace("/", ""),
        owner=caller.user.id, customer=customer.id, domain=(options.get("domain") or "").lower(),
        event=options.get("event") or "", address=body["address"], token=body.get("token") or "",
        uri=f"{request.host_url.rstrip('/')}/admin/directory/v1/users?{request.query_string.decode()}",
        expires=state().clock.time() + life,
    )  # fmt: skip
    channel.save(force_insert=True)
    current_app.extensions["notifier"].sync(channel)
    shown = {
        "kind": "api#channel", "id": channel.id, "resourceId": channel.resource, "resourceUri": channel.uri,
        "expiration": str(int(channel.expires * 1000)),
    }  # fmt: skip
    return {**shown, "token": channel.token} if channel.token else shown


def _check(body: dict[str, Any]) -> None:
    """Raises Refusal. Addresses on this machine may be plain http, which Google would refuse."""
    for name in ("id", "type", "address"):
        if not body.get(name):
            raise required(name)
    if body["type"] not in ("web_hook", "webhook"):
        raise Refusal(400, "channelUnknown", f"Unknown channel type: {body['type']}")
    target = urlsplit(body["address"])
    if target.scheme != "https" and target.hostname not in HERE:
        raise Refusal(401, "push.webhookUrlNotHttps", f"WebHook callback must be HTTPS: {body['address']}")
    if Channel.get_or_none(Channel.id == body["id"]):
        raise Refusal(400, "channelIdNotUnique", f"Channel id {body['id']} not unique")


@call("directory_v1.channels.stop")
def stop(asked: Asked) -> None:
    wanted = (Channel.id == asked.body.get("id", "")) & (Channel.resource == asked.body.get("resourceId", ""))
    channel = Channel.get_or_none(wanted & (Channel.customer == asked.caller.user.customer))
    if channel is None:
        raise Refusal(404, "notFound", f"Channel '{asked.body.get('id')}' not found for project")
    channel.delete_instance()
