"""Groups of a customer, and who is in them. An owner of a group here is a member with that role.

https://developers.google.com/workspace/admin/directory/v1/guides/manage-group-members
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from portal.connectors.errors import AlreadyExists, ConnectorError, NotFound, NotPermitted, Refused
from portal.connectors.google_workspace import scopes, standing
from portal.connectors.google_workspace.client import DirectoryClient
from portal.connectors.groups import Group, Membership
from portal.languages import gettext as _

MEMBER, OWNER = "MEMBER", "OWNER"
NOT_ALLOWED = _("Your company’s Google Workspace does not let the portal change who is in groups.")


def group_of(group: Mapping[str, Any]) -> Group:
    address = group.get("email") or ""
    return Group(id=group["id"], name=group.get("name") or address or group["id"], email=address)


class GoogleGroups(ABC):
    """The part of the Connector that is about groups."""

    @property
    @abstractmethod
    def client(self) -> DirectoryClient:
        """With what the customer is asked."""

    def groups(self, text: str = "") -> list[Group]:
        """Google searches names from their beginning alone, so the portal reads them all and looks for itself."""
        with standing.about(self.client, None):
            found = [group_of(group) for group in self.client.groups()]
        words = text.casefold()
        fits = [group for group in found if any(
            name.casefold().startswith(words) for name in (group.name, group.email, *group.name.split())
        )]  # fmt: skip
        return sorted(fits, key=lambda group: group.name.casefold())

    def group(self, group_id: str) -> Group:
        try:
            with standing.about(self.client, None):
                return group_of(self.client.get_group(group_id))
        except NotFound as error:
            raise error.worded(_("This group is no longer in your Google Workspace."), target="group") from error

    def groups_of(self, account_id: str) -> list[Membership]:
        with standing.about(self.client, account_id):
            found = list(self.client.groups(account_id))
            return [self._membership(group, self.client.get_member(group["id"], account_id)) for group in found]

    def in_groups(self, account_id: str) -> list[str]:
        with standing.about(self.client, account_id):
            return [group["id"] for group in self.client.groups(account_id)]

    def _membership(self, group: Mapping[str, Any], member: Mapping[str, Any]) -> Membership:
        role = member.get("role") or MEMBER
        return Membership(group_of(group), owner=role == OWNER, details=f"{role} {member.get('delivery_settings', '')}")

    def members_of(self, group_id: str) -> list[str]:
        with standing.about(self.client, None):
            return [member["id"] for member in self.client.members(group_id)]

    def owners_of(self, group_id: str) -> list[str]:
        with standing.about(self.client, None):
            return [member["id"] for member in self.client.members(group_id, OWNER)]

    def add_to_group(self, account_id: str, group_id: str, *, details: str = "") -> None:
        """details: role and delivery of mail, as `groups_of` tells them. An owner is made a member first."""
        role, _, delivery = details.partition(" ")
        body = {"id": account_id, "role": role or MEMBER, **({"delivery_settings": delivery} if delivery else {})}
        group = self.group(group_id)
        try:
            with self._about(group, account_id):
                self.client.insert_member(group_id, body)
        except AlreadyExists:
            return

    def remove_from_group(self, account_id: str, group_id: str) -> None:
        group = self.group(group_id)
        try:
            with self._about(group, None):
                self.client.delete_member(group_id, account_id)
        except NotFound:
            return

    def add_owner(self, account_id: str, group_id: str) -> None:
        self.add_to_group(account_id, group_id)
        self._set_role(account_id, group_id, OWNER)

    def remove_owner(self, account_id: str, group_id: str) -> None:
        try:
            self._set_role(account_id, group_id, MEMBER)
        except NotFound:
            return

    def _set_role(self, account_id: str, group_id: str, role: str) -> None:
        with self._about(self.group(group_id), account_id):
            self.client.patch_member(group_id, account_id, {"role": role})

    @contextmanager
    def _about(self, group: Group, account_id: str | None) -> Iterator[None]:
        """Within it, a refusal is about this group: a rule may decide who is in it, which Google does not show."""
        try:
            with standing.about(self.client, account_id):
                yield
        except NotPermitted as error:
            raise self._refusal(group, error) from error

    def _refusal(self, group: Group, error: NotPermitted) -> ConnectorError:
        if scopes.has(self.client.held.scopes, scopes.GROUP_MEMBERS):
            words = _(
                "Google does not let the portal change who is in %(group)s. Perhaps a rule decides who is.",
                group=group.name,
            )
            step = _("Change it in the Google Workspace Admin Centre, under Directory > Groups.")
            return error.worded(words, next_step=step, kind=Refused, target="group")
        return error.worded(NOT_ALLOWED, target="group")
