"""Finding what a request names, as far as the caller may know of it."""

from portal.sandbox.google.caller import Caller
from portal.sandbox.google.refusals import forbidden, invalid_input, not_found, not_met, under_way
from portal.sandbox.google.state import Group, State, User, people


def find(state: State, key: str) -> User | None:
    """A live user by id or any address, those in domain aliases too."""
    found = people.find(key)
    if found is not None or "@" not in key:
        return found
    local, _, domain = key.lower().partition("@")
    for customer in state.customers.values():
        if domain in customer.alias_names:
            return people.find(f"{local}@{customer.alias_names[domain]}")
    return None


def user_of(state: State, caller: Caller, key: str) -> User:
    """The live user. Raises Refusal: gone or new, or none of the caller's customer."""
    customer = caller.need_admin()
    if "@" in key and (key.count("@") > 1 or not all(key.split("@"))):
        raise invalid_input("userKey")
    if "@" not in key and not key.isdigit():
        raise invalid_input("userKey")
    user = find(state, key)
    if user is not None and user.customer != customer.id:
        raise forbidden()
    if user is None:
        if "@" in key and not _is_ours(caller, key):
            raise forbidden()
        raise not_found("userKey")
    if user.known_at > state.clock.time():
        raise not_found("userKey")
    if user.created > state.clock.time() - state.timing.denied:
        raise forbidden()
    return user


def _is_ours(caller: Caller, key: str) -> bool:
    customer = caller.need_admin()
    return key.partition("@")[2].lower() in (*customer.domain_names, *customer.alias_names)


def changeable(state: State, caller: Caller, key: str) -> User:
    """A user whom the caller may change now. Raises Refusal."""
    user = _unfinished(state, caller, key) or user_of(state, caller, key)
    moment = state.clock.time()
    if user.complete_at > moment:
        raise not_met("User creation is not complete.")
    if not caller.user.is_admin and (user.is_admin or (user.is_delegated and user.id != caller.user.id)):
        raise forbidden()
    if user.free_at > moment:
        raise under_way()
    return user


def _unfinished(state: State, caller: Caller, key: str) -> User | None:
    """One that was made a moment ago: writes know it before reads do."""
    user = find(state, key)
    is_new = user is not None and user.complete_at > state.clock.time()
    return user if user is not None and is_new and user.customer == caller.need_admin().id else None


def group_of(caller: Caller, key: str) -> Group:
    """Raises Refusal."""
    customer = caller.need_admin()
    group = people.find_group(key)
    if group is None:
        if "@" in key and not _is_ours(caller, key):
            raise forbidden()
        raise not_found("groupKey")
    if group.customer != customer.id:
        raise forbidden()
    return group
