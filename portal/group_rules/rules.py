"""What the rules say of an employee: which groups they join, and what a move changes."""

from collections.abc import Iterable
from dataclasses import dataclass

from portal.accounts.place import Place
from portal.connections.models import Connection
from portal.connections.settings import rules_of
from portal.connectors import SERVICES
from portal.connectors.groups import Group
from portal.database import transaction
from portal.group_rules.models import GivenGroup, GroupRule
from portal.languages import gettext as _
from portal.people.models import Employee

EVERYBODY = "everyone"
# What a rule asks about -> the label of the page.
RULES_BY = {
    "department": _("Department"),
    "country": _("Country"),
    "job_title": _("Job title"),
    EVERYBODY: _("Everybody"),
}


@dataclass(frozen=True)
class Planned:
    """What the rules say. join: group id -> name. not_ours: name -> who can change that group, as a sentence."""

    join: dict[str, str]
    not_ours: dict[str, str]


@dataclass(frozen=True)
class Swap:
    """What a move changes: what is joined and left, id -> name. not_ours: as of Planned."""

    join: dict[str, str]
    leave: dict[str, str]
    not_ours: dict[str, str]


def planned(employee: Employee, connection: Connection) -> Planned:
    """The groups that the employee joins by the rules, with those that the portal cannot change."""
    if not SERVICES[connection.service].capabilities.has_groups:
        return Planned({}, {})
    fitting = [rule for rule in rules_of(connection, GroupRule) if rule.fits(employee)]
    return Planned(
        join={rule.group: rule.group_name for rule in fitting if not rule.why_not},
        not_ours={rule.group_name: rule.why_not for rule in fitting if rule.why_not},
    )


def swap_of(place: Place) -> Swap:
    """What the rules of the record as it is now change in the account's groups. What a person gave stays."""
    account, now_wanted = place.need_account(), planned(place.employee, place.connection)
    given = {row.group: row.group_name for row in GivenGroup.select().where(GivenGroup.account == account)}
    return Swap(
        join={group: name for group, name in now_wanted.join.items() if group not in given},
        leave={group: name for group, name in given.items() if group not in now_wanted.join},
        not_ours=now_wanted.not_ours,
    )


def note_groups(connection: Connection, groups: Iterable[Group]) -> None:
    """Keep names, and what the portal cannot change, of the groups that rules name, as they were just read."""
    read = {group.id: group for group in groups}
    with transaction():
        for rule in rules_of(connection, GroupRule):
            group = read.get(rule.group)
            if group is not None and (rule.group_name, rule.why_not) != (group.name, group.why_not):
                changes = {GroupRule.group_name: group.name[:256], GroupRule.why_not: group.why_not}
                GroupRule.update(changes).where(GroupRule.id == rule.id).execute()
