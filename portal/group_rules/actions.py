"""The rules of changes in groups: each function writes one Operation down, which the engine carries out."""

from collections.abc import Mapping

from portal.accounts.place import Place
from portal.auth.models import User
from portal.group_rules.rules import planned, swap_of
from portal.languages import gettext as _
from portal.operations.models import Operation
from portal.operations.requests import GroupsRequest
from portal.provisioning.actions import NothingToDo, start


def change_groups(
    place: Place,
    *,
    join: Mapping[str, str],
    leave: Mapping[str, str],
    details: Mapping[str, str] | None = None,
    by: User | str,
    run: int | None = None,
) -> Operation:
    """Put the account into groups and take it out of others, by group id -> name, as a person asked.

    details: of Membership, by group id, for one that comes back as it was. Raises NoAccount; NothingToDo when nothing
    is asked for.
    """
    return _start(place, GroupsRequest(
        run=run, add=list(join), remove=list(leave), names={**leave, **join}, details=dict(details or {}),
    ), by=by)  # fmt: skip


def join_by_rules(place: Place, *, by: User | str, run: int | None = None) -> Operation:
    """Put the account into the groups that the rules give the employee. Raises NoAccount; NothingToDo without any."""
    place.need_account()
    names = planned(place.employee, place.connection).join
    return _start(place, GroupsRequest(run=run, add=list(names), names=names, by_rule=True), by=by)


def swap_groups(
    place: Place, *, only: frozenset[str] | None = None, by: User | str, run: int | None = None
) -> Operation:
    """After a move: leave the groups of rules that no longer match, and join those of the rules that match now.

    What a person gave stays. only: the groups that somebody saw and confirmed; None for all. Raises NoAccount;
    NothingToDo when the rules change nothing.
    """
    swap = swap_of(place)
    join, leave = ([group for group in groups if only is None or group in only] for groups in (swap.join, swap.leave))
    asked = GroupsRequest(run=run, add=join, remove=leave, names={**swap.leave, **swap.join}, by_rule=True)
    return _start(place, asked, by=by)


def _start(place: Place, asked: GroupsRequest, *, by: User | str) -> Operation:
    place.need_account()
    if not place.service.capabilities.has_groups:
        raise NothingToDo(_("%(service)s has no groups, so nothing was changed.", service=place.service.name))
    if not (asked.add or asked.remove):
        raise NothingToDo(_("No group changes, so nothing was done."))
    return start(place, asked, by=by)
