"""The steps about a leaver's groups: handed over, left, joined again. One that refuses does not hold up the others."""

from collections.abc import Callable, Iterable

from portal.connectors.errors import NotFound, NotPermitted, Protected, Refused, TryLater
from portal.languages import N_, joined
from portal.languages import gettext as _
from portal.leaving.models import Snapshot
from portal.leaving.requests import LeaveRequest
from portal.leaving.snapshots import Contents, NotedGroup, contents_of, open_of
from portal.leaving.undo_steps import left, noted
from portal.operations.work import Outcome, Work
from portal.provisioning.steps import NOT_YET

# What one group refuses; anything else is about the application as a whole.
OF_ONE = (Refused, Protected, NotFound)
NOT_SEEN = _("The portal may not see the groups, so the account stays in them.")


def _noted_now(work: Work) -> Contents:
    """What was noted of the leaver, by this operation or by the one whose licences go now."""
    found: Snapshot | None = open_of(work.operation.employee, work.operation.connection)
    return contents_of(found) if found is not None else Contents()


def hand_over(work: Work) -> Outcome:
    """The colleague who takes over owns the leaver's groups too, so that none is without an owner."""
    heir = work.operation.request_as(LeaveRequest).heir
    owned = _noted_now(work).owned()
    refused = _each(owned, lambda group: work.connector.add_owner(heir, group.id))
    return _outcome(N_("groups handed over"), owned, refused)


def leave_groups(work: Work) -> Outcome:
    """Leave the groups that give no licence; the licences of the others would go with them. Owners hand over first."""
    contents, heir = _noted_now(work), work.operation.request_as(LeaveRequest).heir
    if contents.groups is None:
        raise Refused(NOT_SEEN, next_step=NotPermitted.next_step)
    refused = _each(contents.to_leave(), lambda group: work.connector.remove_from_group(work.remote_id, group.id))
    if heir:
        refused |= _each(contents.owned(), lambda group: work.connector.remove_owner(work.remote_id, group.id))
    _wait_until_left(work, contents.to_leave(), refused)
    kept = [
        _("%(group)s stays: %(why_not)s", group=group.name, why_not=group.why_not)
        for group in contents.out_of_reach()
        if group.member
    ]
    kept += [
        _("%(group)s stays until the licences go: it gives one.", group=group.name)
        for group in contents.with_licences()
    ]
    return _outcome(N_("groups left"), contents.to_leave(), refused, kept)


def leave_licensing_groups(work: Work) -> Outcome:
    """Leave the groups that give a licence: the licence goes with the membership."""
    groups = _noted_now(work).with_licences()
    refused = _each(groups, lambda group: work.connector.remove_from_group(work.remote_id, group.id))
    _wait_until_left(work, groups, refused)
    return _outcome(N_("groups left, with their licences"), groups, refused)


def _wait_until_left(work: Work, groups: list[NotedGroup], refused: dict[str, str]) -> None:
    """Raises TryLater while the application still shows a group that was left."""
    if not groups:
        return
    still = {one.group.id for one in work.connector.groups_of(work.remote_id) if one.member}
    if any(group.id in still and group.name not in refused for group in groups):
        raise TryLater(NOT_YET)


def join_again(work: Work) -> Outcome:
    """Join the groups again that leaving took, and own again what was owned. The colleague stays an owner too."""
    contents = noted(work.operation)
    now = {one.group.id: one for one in work.connector.groups_of(work.remote_id)}
    missing = [group for group in [*contents.to_leave(), *contents.with_licences()]
               if group.id not in now or not now[group.id].member]  # fmt: skip
    unowned = [group for group in contents.owned() if group.id not in now or not now[group.id].owner]
    refused = _each(
        missing, lambda group: work.connector.add_to_group(work.remote_id, group.id, details=group.details)
    )  # fmt: skip
    refused |= _each(unowned, lambda group: work.connector.add_owner(work.remote_id, group.id))
    sentences = [_("%(name)s did not come back: %(why)s", name=name, why=why) for name, why in refused.items()]
    names = dict.fromkeys(group.name for group in [*missing, *unowned] if group.name not in refused)
    return Outcome(
        after={N_("groups"): ", ".join(names) or N_("none")}, note=joined(*sentences),
        remember={**left(work, *sentences), "groups_refused": bool(refused)},
    )  # fmt: skip


def _each(groups: Iterable[NotedGroup], change: Callable[[NotedGroup], None]) -> dict[str, str]:
    """Do it for each group; the names of those that refused, and why. Other errors are raised."""
    refused: dict[str, str] = {}
    for group in groups:
        try:
            change(group)
        except OF_ONE as error:
            refused[group.name] = joined(error.message, error.next_step)
    return refused


def _outcome(
    fact: str, groups: list[NotedGroup], refused: dict[str, str], kept: Iterable[str] = ()
) -> Outcome:  # fmt: skip
    names = ", ".join(group.name for group in groups if group.name not in refused)
    notes = [*(_("%(name)s: %(why)s", name=name, why=why) for name, why in refused.items()), *kept]
    return Outcome(after={fact: names or N_("none")}, note=joined(*notes))
