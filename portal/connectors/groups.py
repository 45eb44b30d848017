"""What an application does with groups, in the portal's words.

A group whose members the application keeps for itself, or another system does, is not `writable`: the portal names it
and says who can, and never asks the application to change it.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from portal.languages import N_


class GroupKind(StrEnum):
    """What a group is. Only the first three can be written, and not everywhere."""

    PLAIN = N_("group")
    SHARED = N_("group with a shared mailbox")
    TEAM = N_("team")
    DYNAMIC = N_("group that follows a rule")
    MAIL = N_("mailing list")
    SYNCED = N_("group from your company’s own directory")
    ROLES = N_("group that gives administrator roles")
    GUARDED = N_("group that only some administrators may change")


@dataclass(frozen=True, slots=True)
class Group:
    """A group of the tenant. why_not: who can change its members, as a sentence; empty for one that is writable.

    licence_ids: licences that everyone in it gets. Leaving it takes them.
    """

    id: str
    name: str
    email: str = ""
    kind: GroupKind = GroupKind.PLAIN
    writable: bool = True
    why_not: str = ""
    licence_ids: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Membership:
    """An account's part in a group, which it may own without being in it.

    details: how it is in it, in the application's own terms; given back with `add_to_group`.
    """

    group: Group
    owner: bool = False
    member: bool = True
    details: str = ""


class Groups(Protocol):
    """The part of a Connector that is about groups. Every method may raise a ConnectorError.

    To add who is there already, or to take out who is not, is done and not an error. NotFound is about the group or the
    account itself. A group that refuses is Refused or Protected: that says nothing about the connection.
    """

    def groups(self, text: str = "") -> list[Group]:
        """The groups of the tenant by name; those with words that begin so, where a text is given."""

    def group(self, group_id: str) -> Group: ...
    def groups_of(self, account_id: str) -> list[Membership]:
        """Where the account is itself, not by a group in a group, and what it owns."""

    def in_groups(self, account_id: str) -> list[str]:
        """The ids of the groups that it is in itself: quicker than `groups_of`."""

    def add_to_group(self, account_id: str, group_id: str, *, details: str = "") -> None: ...
    def remove_from_group(self, account_id: str, group_id: str) -> None: ...
    def members_of(self, group_id: str) -> list[str]:
        """The ids of the accounts that are in it themselves, not by a group in the group."""

    def owners_of(self, group_id: str) -> list[str]:
        """The ids of the accounts that own it."""

    def add_owner(self, account_id: str, group_id: str) -> None: ...
    def remove_owner(self, account_id: str, group_id: str) -> None:
        """Raises Refused for the last owner where a group must have one."""
