"""Deleting and restoring.

https://developers.google.com/workspace/admin/directory/v1/guides/manage-users#delete_user
"""

from portal.sandbox.google import log
from portal.sandbox.google.directory import shapes
from portal.sandbox.google.refusals import not_met
from portal.sandbox.google.rules import users
from portal.sandbox.google.state import Customer, State, User, people
from portal.sandbox.google.state.models import Licence

GONE = "Cannot undelete user: it was deleted for good, or its username has been given to someone else."


def delete(state: State, actor: User, user: User) -> None:
    """The addresses are free, the licences too; the user can be restored for a while."""
    before = shapes.whole(state, user)
    customer = state.customers[user.customer]
    user.body["_aliases"] = people.aliases(user.id)
    for address in (user.address, *user.body["_aliases"]):
        people.let_go(state, address)
    Licence.delete().where(Licence.user == user.id).execute()
    people.end_tokens(user.id, all_of_them=False)
    user.deleted_at = state.clock.time()
    state.wake_at(user.deleted_at)
    people.save(state, user, "delete", before)
    log.record(state, actor, customer, "delete", user.address)


def undelete(state: State, actor: User, customer: Customer, key: str, path: str | None) -> User:
    """Raises Refusal."""
    user = people.deleted(customer.id, key)
    held = people.holder(customer, user.address) if user else None
    if user is None or (held is not None and held.free_at is None) or (held and held.owner != user.id):
        raise not_met(GONE)
    user.org_unit = users.check_org_unit(customer, path)
    user.deleted_at = None
    people.end_tokens(user.id, all_of_them=True)
    people.hold(customer.id, user.address, "user", user.id)
    for address in user.body.pop("_aliases", ()):
        if people.holder(customer, address) is None:
            people.hold(customer.id, address, "alias", user.id)
    people.save(state, user, "undelete")
    log.record(state, actor, customer, "undelete", user.address)
    return user
