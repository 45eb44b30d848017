"""Who holds which licence.

https://developers.google.com/workspace/admin/licensing/reference/rest/v1/licenseAssignments
"""

from typing import Any

from portal.sandbox.google import log, unverified
from portal.sandbox.google.calls import Asked, call, state
from portal.sandbox.google.directory.keys import find
from portal.sandbox.google.licensing import seats
from portal.sandbox.google.licensing.catalogue import PRODUCTS, SKUS
from portal.sandbox.google.paging import read_token, token_of
from portal.sandbox.google.refusals import Refusal, forbidden, invalid, required
from portal.sandbox.google.state import Customer, User, people
from portal.sandbox.google.state.models import Licence

USUAL = 100


def _customer(asked: Asked) -> Customer:
    return asked.caller.need_super_admin()


def _product(asked: Asked) -> tuple[str, str]:
    """The product, and the SKU when the address names one. Raises Refusal."""
    product, sku = asked.names["productId"], asked.names.get("skuId", "")
    if product not in PRODUCTS:
        raise invalid("Invalid value for: productId")
    if sku and (sku not in SKUS or SKUS[sku][0] != product):
        raise invalid("Invalid value for: skuId")
    return product, sku


def _user(customer: Customer, key: str) -> User:
    """By the current primary address alone. Raises Refusal."""
    user = find(state(), key) if "@" in key else None
    if user is not None and user.customer != customer.id:
        raise forbidden()
    late = user is not None and user.created > state().clock.time() - state().timing.licence
    if user is None or user.address != key.lower() or late:
        raise Refusal(*unverified.LICENCE_USER_UNKNOWN)
    return user


def _shown(product: str, sku: str, address: str) -> dict[str, Any]:
    return {
        "kind": "licensing#licenseAssignment", "etags": people.etag(address, sku), "productId": product,
        "userId": address, "skuId": sku, "skuName": SKUS[sku][1], "productName": PRODUCTS[product],
        "selfLink": f"https://licensing.googleapis.com/apps/licensing/v1/product/{product}/sku/{sku}/user/{address}",
    }  # fmt: skip


def _held(user: User, product: str, sku: str) -> Licence:
    """Raises Refusal."""
    wanted = (Licence.user == user.id) & (Licence.product == product) & (Licence.sku == sku)
    held = Licence.get_or_none(wanted)
    if held is None:
        raise Refusal(404, "notFound", "Not Found")
    return held


@call("licensing.licenseAssignments.get")
def get(asked: Asked) -> dict[str, Any]:
    customer, (product, sku) = _customer(asked), _product(asked)
    user = _user(customer, asked.names["userId"])
    _held(user, product, sku)
    return _shown(product, sku, user.address)


@call("licensing.licenseAssignments.insert")
def insert(asked: Asked) -> dict[str, Any]:
    customer, (product, sku) = _customer(asked), _product(asked)
    if not asked.body.get("userId"):
        raise required("userId")
    user = _user(customer, asked.body["userId"])
    if Licence.get_or_none((Licence.user == user.id) & (Licence.product == product)):
        raise Refusal(*unverified.LICENCE_HELD)
    seats.need_seat(customer, sku)
    Licence.create(user=user.id, customer=customer.id, product=product, sku=sku)
    log.record(state(), asked.caller.user, customer, "licence", user.address, NEW_VALUE=sku)
    return _shown(product, sku, user.address)


@call("licensing.licenseAssignments.update")
def update(asked: Asked) -> dict[str, Any]:
    """Another SKU of the same product, in the place of the one in the address."""
    customer, (product, sku) = _customer(asked), _product(asked)
    user = _user(customer, asked.names["userId"])
    _held(user, product, sku)
    wanted = asked.body.get("skuId") or sku
    if wanted not in SKUS or SKUS[wanted][0] != product or asked.body.get("productId", product) != product:
        raise invalid("Invalid value for: skuId")
    if wanted != sku:
        seats.need_seat(customer, wanted)
        Licence.update(sku=wanted, automatic=False).where(
            (Licence.user == user.id) & (Licence.product == product)
        ).execute()
        log.record(state(), asked.caller.user, customer, "licence", user.address, OLD_VALUE=sku, NEW_VALUE=wanted)
    return _shown(product, wanted, user.address)


@call("licensing.licenseAssignments.patch")
def patch(asked: Asked) -> dict[str, Any]:
    return update(asked)


@call("licensing.licenseAssignments.delete")
def delete(asked: Asked) -> dict[str, Any]:
    customer, (product, sku) = _customer(asked), _product(asked)
    user = _user(customer, asked.names["userId"])
    held = _held(user, product, sku)
    if held.automatic and customer.rule("automatic_licence") == sku:
        raise Refusal(*unverified.NO_UNASSIGNMENT)
    Licence.delete().where((Licence.user == user.id) & (Licence.product == product)).execute()
    log.record(state(), asked.caller.user, customer, "no licence", user.address, OLD_VALUE=sku)
    return {}


@call("licensing.licenseAssignments.listForProduct")
def list_for_product(asked: Asked) -> dict[str, Any]:
    return _list(asked)


@call("licensing.licenseAssignments.listForProductAndSku")
def list_for_sku(asked: Asked) -> dict[str, Any]:
    return _list(asked)


def _list(asked: Asked) -> dict[str, Any]:
    customer, (product, sku) = _customer(asked), _product(asked)
    if asked.options["customerId"].lower() not in (customer.id.lower(), "my_customer", customer.domain):
        raise forbidden()
    wanted = (Licence.customer == customer.id) & (Licence.product == product) & ((Licence.sku == sku) | (sku == ""))
    rows = Licence.select(Licence.product, Licence.sku, User.address).join(User, on=Licence.user == User.id)
    start, most = read_token(asked.options.get("pageToken") or ""), asked.options.get("maxResults") or USUAL
    part = list(rows.where(wanted).order_by(User.address).limit(most + 1).offset(start).tuples())
    token = token_of(start + most) if len(part) > most else ""
    answer: dict[str, Any] = {
        "kind": "licensing#licenseAssignmentList", "etag": people.etag(customer.id, product, sku, start),
        "items": [_shown(*row) for row in part[:most]],
    }  # fmt: skip
    return {**answer, "nextPageToken": token} if token else answer
