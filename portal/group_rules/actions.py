"""Changing the groups of an account by the rules, as one Operation."""

from portal.accounts.place import Place
from portal.auth.models import User
from portal.group_rules.rules import swap_of
from portal.languages import gettext as _
from portal.operations.models import Operation
from portal.operations.requests import GroupsRequest
from portal.provisioning.actions import NothingToDo, start


def swap_groups(place: Place, *, only: frozenset[str] | None = None, by: User | str) -> Operation:
    """After a move: leave the groups of rules that no longer match, and join those of the rules that match now.

    What a person gave stays. only: the groups that somebody saw and confirmed; None for all. Raises NoAccount;
    NothingToDo when the rules change nothing.
    """
    swap = swap_of(place)
    join, leave = ([group for group in groups if only is None or group in only] for groups in (swap.join, swap.leave))
    asked = GroupsRequest(add=join, remove=leave, names={**swap.leave, **swap.join}, by_rule=True)
    if not place.service.capabilities.has_groups:
        raise NothingToDo(_("%(service)s has no groups, so nothing was changed.", service=place.service.name))
    if not (asked.add or asked.remove):
        raise NothingToDo(_("No group changes, so nothing was done."))
    return start(place, asked, by=by)
