"""Groups of a tenant. Which kind one is decides whether the portal may change who is in it, before it asks.

https://learn.microsoft.com/graph/api/resources/groups-overview: a group that Graph cannot write refuses in the same
words as a lost permission, so the portal never takes the one for the other.
"""

from collections.abc import Mapping
from typing import Any

from portal.connectors.errors import AlreadyDone, ConnectorError, NotFound, NotPermitted, Refused
from portal.connectors.groups import Group, GroupKind, Membership
from portal.connectors.microsoft365 import tokens
from portal.connectors.microsoft365.client import GraphClient
from portal.connectors.microsoft365.fresh import FRESH
from portal.languages import gettext as _

MEMBERS_NEED = ("GroupMember.ReadWrite.All", "Group.ReadWrite.All", "Directory.ReadWrite.All")
OWNERS_NEED = ("Group.ReadWrite.All", "Directory.ReadWrite.All")
ENTRA = _("Microsoft Entra admin centre")
WHY_NOT = {
    GroupKind.SYNCED: _("It comes from your company’s own directory. Change it there."),
    GroupKind.ROLES: _("It gives administrator roles. Change it in the %(entra)s.", entra=ENTRA),
    GroupKind.GUARDED: _("Only some administrators may change it, in the %(entra)s.", entra=ENTRA),
    GroupKind.DYNAMIC: _("A rule decides who is in it. Change the rule in the %(entra)s.", entra=ENTRA),
    GroupKind.MAIL: _("Change it in the Exchange admin centre."),
}
NOT_ALLOWED = _("Your company’s Microsoft 365 does not let the portal change who is in groups.")


def kind_of(group: Mapping[str, Any]) -> GroupKind:
    """What decides comes first: a synced group stays one, whatever else it is."""
    types = group.get("groupTypes") or []
    if group.get("onPremisesSyncEnabled"):
        return GroupKind.SYNCED
    if group.get("isAssignableToRole"):
        return GroupKind.ROLES
    if group.get("isManagementRestricted"):
        return GroupKind.GUARDED
    if "DynamicMembership" in types:
        return GroupKind.DYNAMIC
    if "Unified" in types:
        return GroupKind.TEAM if "Team" in (group.get("resourceProvisioningOptions") or []) else GroupKind.SHARED
    return GroupKind.MAIL if group.get("mailEnabled") else GroupKind.PLAIN


def group_of(group: Mapping[str, Any]) -> Group:
    kind = kind_of(group)
    return Group(
        id=group["id"], name=group.get("displayName") or group["id"], email=group.get("mail") or "", kind=kind,
        writable=kind not in WHY_NOT, why_not=WHY_NOT.get(kind, ""),
        licence_ids=frozenset(item["skuId"] for item in group.get("assignedLicenses") or ()),
    )  # fmt: skip


class GraphGroups:
    """The part of the Connector that is about groups."""

    tenant_id: str
    graph: GraphClient

    def groups(self, text: str = "") -> list[Group]:
        return sorted(map(group_of, self.graph.groups(text)), key=lambda group: group.name.casefold())

    def group(self, group_id: str) -> Group:
        try:
            return group_of(self.graph.group(group_id))
        except NotFound as error:
            raise error.worded(_("This group is no longer in your Microsoft 365."), target="group") from error

    def groups_of(self, account_id: str) -> list[Membership]:
        with FRESH.known(account_id):
            member = {group["id"]: group for group in self.graph.groups_of(account_id)}
            owned = {group["id"]: group for group in self.graph.owned_groups(account_id)}
        return [
            Membership(group_of(group), owner=own in owned, member=own in member)
            for own, group in {**owned, **member}.items()
        ]

    def in_groups(self, account_id: str) -> list[str]:
        with FRESH.known(account_id):
            return [group["id"] for group in self.graph.groups_of(account_id)]

    def members_of(self, group_id: str) -> list[str]:
        return [member["id"] for member in self.graph.members(group_id)]

    def owners_of(self, group_id: str) -> list[str]:
        return [owner["id"] for owner in self.graph.owners(group_id)]

    def add_to_group(self, account_id: str, group_id: str, *, details: str = "") -> None:
        group = self._writable(group_id)
        try:
            with FRESH.known(account_id):
                self.graph.link(f"/groups/{group_id}/members", account_id)
        except AlreadyDone:
            return
        except NotPermitted as error:
            raise self._refusal(error, group, MEMBERS_NEED) from error

    def remove_from_group(self, account_id: str, group_id: str) -> None:
        group = self._writable(group_id)
        try:
            self.graph.unlink(f"/groups/{group_id}/members", account_id)
        except (AlreadyDone, NotFound):
            return
        except NotPermitted as error:
            raise self._refusal(error, group, MEMBERS_NEED) from error

    def add_owner(self, account_id: str, group_id: str) -> None:
        group = self._writable(group_id)
        try:
            with FRESH.known(account_id):
                self.graph.link(f"/groups/{group_id}/owners", account_id)
        except AlreadyDone:
            return
        except NotPermitted as error:
            raise self._refusal(error, group, OWNERS_NEED) from error

    def remove_owner(self, account_id: str, group_id: str) -> None:
        group = self._writable(group_id)
        try:
            self.graph.unlink(f"/groups/{group_id}/owners", account_id)
        except (AlreadyDone, NotFound):
            return
        except NotPermitted as error:
            raise self._refusal(error, group, OWNERS_NEED) from error

    def _writable(self, group_id: str) -> Group:
        """The group. Raises Refused for one that Graph cannot write, without asking it to."""
        group = self.group(group_id)
        if not group.writable:
            raise Refused(
                _("The portal cannot change who is in %(group)s.", group=group.name),
                next_step=group.why_not,
                target="group",
            )
        return group

    def _refusal(self, error: NotPermitted, group: Group, needs: tuple[str, ...]) -> ConnectorError:
        """Microsoft says the same of a group that it guards and of a permission that nobody granted."""
        if set(needs) & tokens.granted(self.tenant_id):
            words = _("Microsoft 365 does not let the portal change who is in %(group)s.", group=group.name)
            return error.worded(
                words, next_step=_("Change it in the %(entra)s.", entra=ENTRA), kind=Refused, target="group"
            )
        return error.worded(NOT_ALLOWED, target="group")
