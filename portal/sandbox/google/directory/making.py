"""A new user.

https://developers.google.com/workspace/admin/directory/v1/guides/manage-users#create_user
"""

from typing import Any

from portal.sandbox.google import log
from portal.sandbox.google.licensing import seats
from portal.sandbox.google.refusals import Refusal, duplicate, required
from portal.sandbox.google.rules import addresses, users
from portal.sandbox.google.state import Customer, State, User, people
from portal.sandbox.google.state.models import Held

# Of the body, what is kept as it came.
KEPT = (*users.LISTS, "gender", "notes", "recoveryEmail", "recoveryPhone", "customSchemas", "ipWhitelisted",
        "includeInGlobalAddressList")  # fmt: skip


class Invited(Exception):
    """A personal account holds the address; its owner has been asked to give it up."""


def make(state: State, actor: User, customer: Customer, body: dict[str, Any]) -> User:
    """Raises Refusal or Invited."""
    user = _checked(state, customer, body)
    held = addresses.check_free(customer, user.address)
    if held is not None:
        _settle_with_personal_account(customer, held)
    limit = customer.rule("user_limit")
    if limit is not None and User.select().where(User.customer == customer.id).count() >= limit:
        raise Refusal(412, "limitExceeded", "Domain user limit reached. Contact Support.")
    people.hold(customer.id, user.address, "user", user.id)
    people.save(state, user, "add")
    seats.give_automatically(customer, user)
    log.record(state, actor, customer, "create", user.address)
    return user


def _checked(state: State, customer: Customer, body: dict[str, Any]) -> User:
    """The user as they would be. Raises Refusal."""
    if not body.get("primaryEmail"):
        raise required("primaryEmail")
    address = addresses.check_form(customer, body["primaryEmail"])
    name = users.check_names(body.get("name"))
    password = users.check_password(customer, body)
    org_unit = users.check_org_unit(customer, body.get("orgUnitPath"))
    users.check_lists(body)
    users.check_recovery(body)
    users.check_schemas(customer, body.get("customSchemas"))
    moment, timing = state.clock.time(), state.timing
    kept = {key: body[key] for key in KEPT if body.get(key) not in (None, [], {})}
    suspended = bool(body.get("suspended"))
    if suspended:
        kept.update(suspensionReason="ADMIN", suspensionTime=people.written(moment))
    return User(
        id=people.new_id(), customer=customer.id, address=address, org_unit=org_unit, created=moment,
        suspended=suspended, password=password, must_change=bool(body.get("changePasswordAtNextLogin")),
        known_at=moment + timing.new_user if timing.new_user else 0,
        complete_at=moment + timing.complete if timing.complete else 0,
        mailbox_at=moment + timing.mailbox if timing.mailbox else 0, body={"name": name, **kept},
    )  # fmt: skip


def _settle_with_personal_account(customer: Customer, held: Held) -> None:
    """Raises Refusal or Invited, as the customer has set it."""
    choice = customer.rule("unmanaged")
    if choice == "conflict":
        raise duplicate()
    if choice == "invite":
        raise Invited
    User.update(address=held.address.replace("@", "%") + "@gtempaccount.com").where(User.id == held.owner).execute()
