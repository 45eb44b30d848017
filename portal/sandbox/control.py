"""The control address: what a test does to the sandbox from outside. Never reachable on Graph's own port."""

from typing import Any

from flask import Flask, jsonify, request

from portal.sandbox.faults import Fault, Faults
from portal.sandbox.identity import PERMISSIONS, Identity
from portal.sandbox.seed import ROLES
from portal.sandbox.state import State
from portal.sandbox.throttle import Throttle


def create(state: State, faults: Faults, identity: Identity, throttle: Throttle) -> Flask:
    """The WSGI application of the control address. Everything speaks JSON."""
    app = Flask("sandbox-control")

    def asked() -> dict[str, Any]:
        return request.get_json(silent=True) or {}

    @app.errorhandler(KeyError)
    def unknown(error: KeyError):
        return jsonify(error=f"unknown: {error}"), 404

    @app.get("/users")
    def users():
        tenant = state.tenant_named(request.args.get("tenant", "Acme"))
        name = request.args.get("name")
        if name is None:
            return jsonify(list(tenant.users.values()))
        found = tenant.find(name) or tenant.users.get(name.lower())
        return jsonify(found)

    @app.patch("/users")
    def change_user():
        wanted = asked()
        tenant = state.tenant_named(wanted.get("tenant", "Acme"))
        with state.lock:
            user = tenant.find(wanted["name"]) or tenant.users.get(wanted["name"])
            if user is None:
                raise KeyError(wanted["name"])
            old_name = user["userPrincipalName"]
            user.update(wanted.get("values", {}))
            if wanted.get("role"):
                user["_roles"] = sorted({*user["_roles"], wanted["role"]} & set(ROLES))
            if wanted.get("delete"):
                user["deletedDateTime"] = state.clock.now()
                user["userPrincipalName"] = user["id"].replace("-", "") + old_name
            if wanted.get("restore"):
                user["deletedDateTime"] = None
                user["userPrincipalName"] = old_name.removeprefix(user["id"].replace("-", ""))
            state.keep(tenant, user, old_name=old_name)
        return jsonify(user)

    @app.post("/sign-in")
    def sign_in():
        """Would this username and password open the door?"""
        wanted = asked()
        for tenant in state.tenants.values():
            user = tenant.find(wanted["username"])
            if user is not None:
                return jsonify(result=_door(user, wanted["password"]))
        return jsonify(result="unknown")

    @app.post("/faults")
    def add_fault():
        faults.rules.append(Fault(**asked()))
        return jsonify(len(faults.rules))

    @app.get("/faults")
    def list_faults():
        return jsonify([vars(fault) for fault in faults.rules])

    @app.delete("/faults")
    def clear_faults():
        faults.rules.clear()
        return jsonify(0)

    @app.post("/latency")
    def latency():
        faults.latency = float(asked()["seconds"])
        return jsonify(faults.latency)

    @app.post("/clock")
    def clock():
        state.clock.ahead += float(asked()["seconds"])
        return jsonify(state.clock.now())

    @app.get("/journal")
    def journal():
        return jsonify(list(faults.journal))

    @app.delete("/journal")
    def clear_journal():
        faults.journal.clear()
        return jsonify(0)

    @app.post("/consent")
    def consent():
        """permissions: the list the tenant grants from now on; all of them when it is missing, [] revokes."""
        wanted = asked()
        tenant = state.tenant_named(wanted.get("tenant", "Acme"))
        tenant.granted = sorted(wanted.get("permissions", PERMISSIONS))
        tenant.known = True
        state.keep_tenant(tenant)
        return jsonify(tenant.granted)

    @app.post("/secret")
    def secret():
        identity.secret_expired = bool(asked().get("expired", True))
        return jsonify(identity.secret_expired)

    @app.post("/lag")
    def lag():
        """New users stay unknown to reads and changes for so many seconds."""
        state.lag = float(asked()["seconds"])
        return jsonify(state.lag)

    @app.post("/throttle")
    def switch_throttle():
        """Microsoft's write quota on or off."""
        throttle.reset()
        throttle.on = bool(asked().get("on", True))
        return jsonify(throttle.on)

    @app.post("/seats")
    def seats():
        wanted = asked()
        tenant = state.tenant_named(wanted.get("tenant", "Acme"))
        sku = next(item for item in tenant.skus if wanted["sku"] in (item["skuId"], item["skuPartNumber"]))
        sku["prepaidUnits"]["enabled"] = int(wanted["seats"])
        state.keep_tenant(tenant)
        return jsonify(sku)

    @app.post("/reset")
    def reset():
        state.reset()
        faults.clear()
        throttle.reset()
        identity.secret_expired = False
        return jsonify("as new")

    return app


def _door(user: dict[str, Any], password: str) -> str:
    if not user["accountEnabled"]:
        return "blocked"
    if user["_password"] != password:
        return "wrong password"
    return "must change password" if user["_mustChange"] else "ok"
