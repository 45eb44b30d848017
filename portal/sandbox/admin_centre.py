"""A small Microsoft 365 Admin Centre: who is in the tenant, and a switch for each sign-in."""

from flask import Blueprint, redirect, render_template, request

from portal.sandbox.graph_licences import consumed
from portal.sandbox.identity import state

blueprint = Blueprint("admin_centre", __name__, url_prefix="/admin-centre")


@blueprint.get("")
def overview():
    chosen = request.args.get("tenant") or next(iter(state().tenants.values())).name
    tenant = state().tenant_named(chosen)
    names = {sku["skuId"]: sku["skuPartNumber"] for sku in tenant.skus}
    seats = [
        (sku["skuPartNumber"], consumed(tenant, sku["skuId"]), sku["prepaidUnits"]["enabled"]) for sku in tenant.skus
    ]
    return render_template(
        "sandbox/admin_centre.html", tenants=state().tenants.values(), tenant=tenant, names=names, seats=seats,
        users=sorted(tenant.live(), key=lambda user: user["displayName"].lower())[:500], deleted=tenant.deleted(),
    )  # fmt: skip


@blueprint.post("/users/<user_id>/sign-in")
def switch(user_id: str):
    """Block or allow the sign-in, as an administrator would by hand."""
    for tenant in state().tenants.values():
        user = tenant.find(user_id)
        if user is not None:
            with state().lock:
                user["accountEnabled"] = not user["accountEnabled"]
                state().keep(tenant, user)
            return redirect(f"/admin-centre?tenant={tenant.name}", 303)
    return render_template("sandbox/message.html", title="Not found", text="There is no such user."), 404
