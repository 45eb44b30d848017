"""The control address: what a test does to the stand-in from outside. It has a port of its own."""

import base64
from collections.abc import Callable
from typing import Any

from portal.sandbox.faults import Faults
from portal.sandbox.google import raw
from portal.sandbox.google.accounts.client import Client
from portal.sandbox.google.accounts.sign_in import door
from portal.sandbox.google.directory import photos
from portal.sandbox.google.directory.keys import find
from portal.sandbox.google.licensing import seats
from portal.sandbox.google.quotas import Quotas
from portal.sandbox.google.state import Customer, State, User, people
from portal.sandbox.google.state.models import POLICY, Channel, Consent, Event, Group, Held, Member, Refresh
from portal.sandbox.journal import Journal
from portal.sandbox.keys import Signer
from portal.sandbox.steering import SHARED, Calls, Steering

MOST_USERS = 1000


class Control(Steering[State]):
    """What the control calls act on."""

    def __init__(self, state: State, faults: Faults, journal: Journal, client: Client, quotas: Quotas):
        self.state, self.faults, self.journal = state, faults, journal
        self.client, self.quotas = client, quotas

    def customer(self, asked: dict[str, Any]) -> Customer:
        return self.state.customer_named(asked.get("customer") or "Acme")

    def users(self, asked: dict[str, Any]) -> Any:
        """Users as they are, deleted ones too. customer; name (id or any address) for one, else top and skip."""
        if asked.get("name") is not None:
            return raw.shown(self.state, raw.named(self.state, asked["name"]))
        top, skip = min(int(asked.get("top") or MOST_USERS), MOST_USERS), int(asked.get("skip") or 0)
        query = User.select().where(User.customer == self.customer(asked).id).order_by(User.seq)
        return [raw.shown(self.state, user) for user in query.limit(top).offset(skip)]

    def change_user(self, asked: dict[str, Any]) -> Any:
        """name; values: properties, without any rule (also password, isAdmin, isDelegatedAdmin, suspensionReason,
        lastLoginTime as null or true, _unsaid: names that answers leave out, {"list": […], "get": […], "search": […]});
        delete, purge or restore: true. The admin log and channels tell of it.
        """
        return raw.change(self.state, asked)

    def make_user(self, asked: dict[str, Any]) -> Any:
        """Customer (or "personal"), address, first, last; values as in PATCH."""
        return raw.make(self.state, asked)

    def picture(self, asked: dict[str, Any]) -> Any:
        """Name -> the picture that reads show, as large as it was sent, in base64; content: another one, in base64."""
        user = raw.named(self.state, asked["name"])
        if "content" in asked:
            photos.keep(self.state, user.id, base64.b64decode(asked["content"]))
        return base64.b64encode(photos.as_sent(self.state, user.id)).decode()

    def sign_in(self, asked: dict[str, Any]) -> Any:
        """username, password -> result: ok, must change password, wrong password, blocked or unknown."""
        user = find(self.state, asked["username"])
        return {"result": "unknown" if user is None else door(self.state, user, asked["password"])}

    def customers(self, asked: dict[str, Any]) -> Any:
        """Each customer with its domains, policy, and how many of each SKU are held."""
        return [
            {
                "id": item.id, "name": item.name, "domain": item.domain, "domains": item.domains,
                "policy": {**POLICY, **item.policy},
                "held": {sku: seats.used(item, sku) for sku in item.rule("seats")},
            }
            for item in self.state.customers.values()
        ]  # fmt: skip

    def policy(self, asked: dict[str, Any]) -> Any:
        """customer; any of state.models.POLICY: app, unconfigured_apps, api_access, grant_life, automatic_licence,
        flexible, seats (sku -> number, added to the others), user_limit, shortest_password, unmanaged, sso,
        says_false.
        """
        customer = self.customer(asked)
        for name, value in asked.items():
            if name != "customer":
                old = customer.rule(name)
                customer.policy[name] = {**old, **value} if name == "seats" else value
        customer.save()
        return {**POLICY, **customer.policy}

    def application(self, asked: dict[str, Any]) -> Any:
        """testing, deleted, internal, policy_comes_back, withhold_refresh, rotates: true or false; token_life: seconds;
        issuer: as id_tokens spell it; suspended: error and text of a suspended person's refresh; reauth: invalid_rapt
        or rapt_required; disabled_apis: hosts; secret: a new one; signing_key: the id of a new one; unsaid: names that
        are left out of the answers with tokens.
        """
        for name, value in asked.items():
            if name not in SETTINGS:
                raise KeyError(name)
            setattr(self.client, SETTINGS[name], MADE_OF[name](value) if name in MADE_OF else value)
        return {name: str(getattr(self.client, own)) for name, own in SETTINGS.items() if name != "secret"}

    def grants(self, asked: dict[str, Any]) -> Any:
        """What each person has let the application do, and how many refresh tokens live. name: of one alone."""
        found = {}
        for consent in Consent.select():
            user = User.get_or_none(User.id == consent.user)
            tokens = Refresh.select().where(Refresh.user == consent.user).count()
            if user is not None and asked.get("name") in (None, user.address):
                found[user.address] = {"scopes": consent.scopes, "refresh_tokens": tokens}
        return found

    def end_grant(self, asked: dict[str, Any]) -> Any:
        """name: revokes the application, as the person or an administrator would. access: only access tokens."""
        user = raw.named(self.state, asked["name"])
        people.end_tokens(user.id, all_of_them=not asked.get("access"))
        return True

    def narrow_grant(self, asked: dict[str, Any]) -> Any:
        """name; scopes: the only ones that live tokens still have."""
        user = raw.named(self.state, asked["name"])
        return raw.narrow(user, list(asked["scopes"]))

    def set_quotas(self, asked: dict[str, Any]) -> Any:
        """on; and any figure of quotas.Limits that shall differ from Google's."""
        self.quotas.switch(**{"on": True, **asked})
        return {"on": self.quotas.on, **vars(self.quotas.limits)}

    def events(self, asked: dict[str, Any]) -> Any:
        """The admin log, oldest first. customer."""
        found = Event.select().where(Event.customer == self.customer(asked).id).order_by(Event.seq)
        return [{"at": item.at, "actor": item.actor_address, "name": item.name, "parameters": item.parameters}
                for item in found]  # fmt: skip

    def channels(self, asked: dict[str, Any]) -> Any:
        """Who is told of changes. customer."""
        found = Channel.select().where(Channel.customer == self.customer(asked).id)
        return [
            {"id": item.id, "event": item.event, "address": item.address, "expires": item.expires} for item in found
        ]

    def groups(self, asked: dict[str, Any]) -> Any:
        """Groups of a customer, each with the ids of its members."""
        return [
            {"id": item.id, "email": item.email, "name": item.name,
             "members": [row.member for row in Member.select().where(Member.group == item.id)]}
            for item in Group.select().where(Group.customer == self.customer(asked).id)
        ]  # fmt: skip

    def hold(self, asked: dict[str, Any]) -> Any:
        """address; kind: alias or group alias; of: id or address of the user or group that gets it."""
        user, group = find(self.state, asked["of"]), people.find_group(asked["of"])
        owner = user or group
        if owner is None:
            raise KeyError(asked["of"])
        people.hold(owner.customer, asked["address"], asked.get("kind", "alias"), owner.id)
        return Held.select().count()

    def reset(self, asked: dict[str, Any]) -> Any:
        """Everything as at the very beginning."""
        self.state.reset()
        self.faults.reset()
        self.journal.clear()
        self.client.reset()
        self.quotas.switch(on=False)
        return "as new"


SETTINGS = {
    "testing": "testing", "deleted": "deleted", "internal": "internal", "policy_comes_back": "policy_comes_back",
    "withhold_refresh": "withhold_refresh", "token_life": "token_life", "issuer": "issuer", "reauth": "reauth",
    "suspended": "suspended", "rotates": "rotates",
    "disabled_apis": "disabled_apis", "secret": "client_secret", "signing_key": "signer", "unsaid": "unsaid",
}  # fmt: skip
MADE_OF: dict[str, Callable[[Any], Any]] = {
    "disabled_apis": set, "unsaid": set, "signing_key": lambda key_id: Signer(key_id=key_id),
}  # fmt: skip
CALLS: Calls = {
    **SHARED,
    ("GET", "/users"): Control.users, ("PATCH", "/users"): Control.change_user, ("POST", "/users"): Control.make_user,
    ("GET", "/picture"): Control.picture, ("PATCH", "/picture"): Control.picture,
    ("POST", "/sign-in"): Control.sign_in, ("GET", "/customers"): Control.customers,
    ("POST", "/policy"): Control.policy, ("POST", "/application"): Control.application,
    ("GET", "/grants"): Control.grants, ("DELETE", "/grants"): Control.end_grant,
    ("PATCH", "/grants"): Control.narrow_grant, ("POST", "/throttle"): Control.set_quotas,
    ("GET", "/events"): Control.events, ("GET", "/channels"): Control.channels, ("GET", "/groups"): Control.groups,
    ("POST", "/hold"): Control.hold, ("POST", "/reset"): Control.reset,
}  # fmt: skip
