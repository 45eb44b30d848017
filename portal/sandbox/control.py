"""The control address: what a test does to the sandbox from outside. It has a port of its own.

Everything speaks JSON. GET / lists the calls.
"""

from collections.abc import Callable
from typing import Any

from flask import Flask, jsonify, request
from werkzeug.exceptions import HTTPException

from portal.sandbox import raw
from portal.sandbox.faults import Faults
from portal.sandbox.identity.people import door
from portal.sandbox.identity.platform import Identity
from portal.sandbox.journal import Journal
from portal.sandbox.rules import licences
from portal.sandbox.rules.permissions import DECLARED
from portal.sandbox.state import State, Tenant, User, people
from portal.sandbox.state.models import Change, Mail, Subscription
from portal.sandbox.throttle import Throttle

MOST_USERS = 1000


class Control:
    """What the control calls act on."""

    def __init__(self, state: State, faults: Faults, journal: Journal, identity: Identity, throttle: Throttle):
        self.state, self.faults, self.journal = state, faults, journal
        self.identity, self.throttle = identity, throttle

    def tenant(self, asked: dict[str, Any]) -> Tenant:
        return self.state.tenant_named(asked.get("tenant") or "Acme")

    def users(self, asked: dict[str, Any]) -> Any:
        """Users as they are, those in the recycle bin too. tenant; name (id or username) for one, else top and skip."""
        tenant = self.tenant(asked)
        if asked.get("name") is not None:
            return raw.shown(raw.find(tenant, asked["name"]))
        top, skip = min(int(asked.get("top") or MOST_USERS), MOST_USERS), int(asked.get("skip") or 0)
        query = User.select().where(User.tenant == tenant.id).order_by(User.seq)
        return [raw.shown(user) for user in query.limit(top).offset(skip)]

    def change_user(self, asked: dict[str, Any]) -> Any:
        """tenant, name; values: properties, without any rule; role: one more; roles: all of them;
        delete or restore: true.
        """
        return raw.change(self.state, self.tenant(asked), asked)

    def sign_in(self, asked: dict[str, Any]) -> Any:
        """username, password -> result: ok, must change password, wrong password, blocked or unknown."""
        for tenant in self.state.tenants.values():
            user = people.find(tenant, asked["username"])
            if user is not None:
                return {"result": door(user, asked["password"])}
        return {"result": "unknown"}

    def tenants(self, asked: dict[str, Any]) -> Any:
        """Each tenant with its domains, products and seats, and what it granted."""
        return [
            {
                "id": item.id, "name": item.name, "country": item.country, "default_domain": item.default_domain,
                "domains": item.domains, "granted": item.granted, "registered": item.registered,
                "app_roles": item.app_roles,
                "products": [
                    {**product, "consumedUnits": licences.consumed(item, product["skuId"])} for product in item.products
                ],
            }
            for item in self.state.tenants.values()
        ]  # fmt: skip

    def add_fault(self, asked: dict[str, Any]) -> Any:
        """Any of the values of faults.Fault."""
        return self.faults.add(**asked)

    def list_faults(self, asked: dict[str, Any]) -> Any:
        """The rules, each with how often it hit."""
        return self.faults.listed()

    def clear_faults(self, asked: dict[str, Any]) -> Any:
        """No more faults."""
        self.faults.clear()
        return 0

    def latency(self, asked: dict[str, Any]) -> Any:
        """seconds: how long every call takes at least."""
        self.faults.latency = float(asked["seconds"])
        return self.faults.latency

    def show_clock(self, asked: dict[str, Any]) -> Any:
        """The sandbox's time, and how far it is ahead."""
        return self.state.details()

    def clock(self, asked: dict[str, Any]) -> Any:
        """seconds: move the clock forward."""
        self.state.advance(float(asked["seconds"]))
        return self.state.clock.now()

    def timing(self, asked: dict[str, Any]) -> Any:
        """new_user, search, mailbox, grants: seconds that these take."""
        self.state.timing.set(**asked)
        return vars(self.state.timing)

    def lag(self, asked: dict[str, Any]) -> Any:
        """seconds: how long a new user stays unknown; short for new_user of /timing."""
        self.state.timing.set(new_user=asked["seconds"])
        return self.state.timing.new_user

    def set_throttle(self, asked: dict[str, Any]) -> Any:
        """on; and any figure of throttle.Limits that shall differ from Microsoft's."""
        self.throttle.switch(**{"on": True, **asked})
        return {"on": self.throttle.on, **vars(self.throttle.limits)}

    def show_journal(self, asked: dict[str, Any]) -> Any:
        """What was asked and answered. method; path: text in it."""
        return list(self.journal.found(asked.get("method"), asked.get("path")))

    def clear_journal(self, asked: dict[str, Any]) -> Any:
        """Forget what was asked."""
        self.journal.clear()
        return 0

    def consent(self, asked: dict[str, Any]) -> Any:
        """tenant; permissions: what it grants from now on, all when missing, [] for none: tokens then have no roles.

        remove: the application is taken out of the tenant altogether, and gets no tokens.
        """
        tenant = self.tenant(asked)
        tenant.registered = not asked.get("remove")
        tenant.granted = sorted(asked.get("permissions", DECLARED)) if tenant.registered else []
        tenant.granted_at = self.state.clock.time() + self.state.timing.grants if self.state.timing.grants else 0
        self.state.keep_tenant(tenant)
        return tenant.granted

    def app_roles(self, asked: dict[str, Any]) -> Any:
        """tenant; roles: the directory roles that the application holds there."""
        tenant = self.tenant(asked)
        tenant.app_roles = list(asked["roles"])
        self.state.keep_tenant(tenant)
        return tenant.app_roles

    def challenge(self, asked: dict[str, Any]) -> Any:
        """tenant: every token made before now is refused with a claims challenge."""
        tenant = self.tenant(asked)
        self.state.refuse_earlier_tokens(tenant)
        return tenant.tokens_valid_from

    def secret(self, asked: dict[str, Any]) -> Any:
        """expired: whether the client secret has."""
        self.identity.secret_expired = bool(asked.get("expired", True))
        return self.identity.secret_expired

    def certificate(self, asked: dict[str, Any]) -> Any:
        """pem: the certificate with which client assertions are checked."""
        self.identity.register(asked["pem"])
        return True

    def token_life(self, asked: dict[str, Any]) -> Any:
        """seconds: how long tokens hold."""
        self.identity.token_life = int(asked["seconds"])
        return self.identity.token_life

    def seats(self, asked: dict[str, Any]) -> Any:
        """tenant; sku (id or part number); seats; status (capabilityStatus), warning and suspended seats."""
        return raw.set_seats(self.state, self.tenant(asked), asked)

    def mails(self, asked: dict[str, Any]) -> Any:
        """What sendMail accepted, oldest first. tenant."""
        found = Mail.select().where(Mail.tenant == self.tenant(asked).id)
        return [{"user": item.user, "at": item.at, "message": item.message} for item in found]

    def subscriptions(self, asked: dict[str, Any]) -> Any:
        """Who is told of changes. tenant."""
        return [item.body for item in Subscription.select().where(Subscription.tenant == self.tenant(asked).id)]

    def changes(self, asked: dict[str, Any]) -> Any:
        """What has happened to users since the seed, oldest first. tenant."""
        found = Change.select().where(Change.tenant == self.tenant(asked).id).order_by(Change.seq)
        return [{"user": item.user, "at": item.at, "kind": item.kind, "names": item.names} for item in found]

    def reset(self, asked: dict[str, Any]) -> Any:
        """Everything as at the very beginning."""
        self.state.reset()
        self.faults.reset()
        self.journal.clear()
        self.identity.reset()
        self.throttle.switch(on=False)
        return "as new"


CALLS: dict[tuple[str, str], Callable[..., Any]] = {
    ("GET", "/users"): Control.users, ("PATCH", "/users"): Control.change_user, ("POST", "/sign-in"): Control.sign_in,
    ("GET", "/tenants"): Control.tenants, ("GET", "/faults"): Control.list_faults,
    ("POST", "/faults"): Control.add_fault, ("DELETE", "/faults"): Control.clear_faults,
    ("POST", "/latency"): Control.latency, ("GET", "/clock"): Control.show_clock, ("POST", "/clock"): Control.clock,
    ("POST", "/timing"): Control.timing,
    ("POST", "/lag"): Control.lag, ("POST", "/throttle"): Control.set_throttle,
    ("GET", "/journal"): Control.show_journal, ("DELETE", "/journal"): Control.clear_journal,
    ("POST", "/consent"): Control.consent, ("POST", "/app-roles"): Control.app_roles,
    ("POST", "/challenge"): Control.challenge, ("POST", "/secret"): Control.secret,
    ("POST", "/certificate"): Control.certificate, ("POST", "/token-life"): Control.token_life,
    ("POST", "/seats"): Control.seats, ("GET", "/mails"): Control.mails,
    ("GET", "/subscriptions"): Control.subscriptions, ("GET", "/changes"): Control.changes,
    ("POST", "/reset"): Control.reset,
}  # fmt: skip


def create(control: Control) -> Flask:
    """The WSGI application of the control address."""
    app = Flask("sandbox-control")
    for (method, path), verb in CALLS.items():
        app.add_url_rule(path, f"{method} {path}", _view(control, verb), methods=[method])
    app.add_url_rule("/", "index", lambda: jsonify([
        {"method": method, "path": path, "does": " ".join((verb.__doc__ or "").split())}
        for (method, path), verb in CALLS.items()
    ]))  # fmt: skip
    app.register_error_handler(Exception, _problem)
    return app


def _view(control: Control, verb: Callable[..., Any]) -> Callable[[], Any]:
    def view() -> Any:
        asked = request.args.to_dict() if request.method == "GET" else request.get_json(silent=True) or {}
        with control.state.lock:
            control.state.settle()
            return jsonify(verb(control, asked))

    return view


def _problem(error: Exception) -> Any:
    if isinstance(error, HTTPException):
        return jsonify(error=error.description), error.code
    if isinstance(error, KeyError):
        return jsonify(error=f"missing or unknown: {error}"), 404
    if isinstance(error, TypeError | ValueError):
        return jsonify(error=str(error)), 400
    raise error
