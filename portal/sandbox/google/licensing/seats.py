"""Who may have a licence, and who gets one automatically.

https://support.google.com/a/answer/6342682
"""

from portal.sandbox.google import unverified
from portal.sandbox.google.licensing.catalogue import ARCHIVE_OF, product_of
from portal.sandbox.google.refusals import Refusal
from portal.sandbox.google.state import Customer, User
from portal.sandbox.google.state.models import Licence


def used(customer: Customer, sku: str) -> int:
    return Licence.select().where((Licence.customer == customer.id) & (Licence.sku == sku)).count()


def need_seat(customer: Customer, sku: str) -> None:
    """Raises Refusal when none is left. On the flexible plan, giving a licence buys it."""
    if not customer.rule("flexible") and used(customer, sku) >= customer.rule("seats").get(sku, 0):
        raise Refusal(*unverified.NO_SEAT)


def give_automatically(customer: Customer, user: User) -> None:
    """Google gives a new user the licence that is switched on for all; without a seat, nothing."""
    sku = customer.rule("automatic_licence")
    if not sku:
        return
    try:
        need_seat(customer, sku)
    except Refusal:
        return
    Licence.create(user=user.id, customer=customer.id, product=product_of(sku), sku=sku, automatic=True)


def need_archive_licence(customer: Customer, user: User) -> None:
    """Raises Refusal unless there is a seat of the Archived User licence that goes with the person's edition."""
    held = {row.sku for row in Licence.select(Licence.sku).where(Licence.user == user.id)}
    wanted = [ARCHIVE_OF[sku] for sku in held if sku in ARCHIVE_OF]
    if not any(used(customer, sku) < customer.rule("seats").get(sku, 0) for sku in wanted):
        raise Refusal(412, "insufficientArchivedUserLicenses", "Insufficient archived user licenses.")
