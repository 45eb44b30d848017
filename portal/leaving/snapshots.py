"""What is noted of an account before anything is taken from it: encrypted, and read again where it is given back."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from portal import vault
from portal.asking import kept
from portal.connections.models import Connection
from portal.connections.offer import names_of
from portal.connectors import SERVICES
from portal.connectors.base import Connector
from portal.connectors.errors import NotPermitted
from portal.connectors.groups import Membership
from portal.connectors.mailboxes import Reply
from portal.connectors.values import RemoteAccount
from portal.database import now
from portal.languages import N_
from portal.leaving import replies
from portal.leaving.models import Kind, Snapshot
from portal.leaving.requests import reply_from, reply_to
from portal.operations.models import Operation, State
from portal.operations.work import Work
from portal.people.models import Employee


@dataclass(frozen=True)
class NotedGroup:
    """A group that the account was in, or owned. gives: licences that everyone in it gets. details: of Membership."""

    id: str
    name: str
    owner: bool = False
    member: bool = True
    writable: bool = True
    why_not: str = ""
    gives: list[str] = field(default_factory=list)
    details: str = ""

    @classmethod
    def of(cls, membership: Membership) -> "NotedGroup":
        group = membership.group
        return cls(
            group.id, group.name, membership.owner, membership.member, group.writable, group.why_not,
            sorted(group.licence_ids), membership.details,
        )  # fmt: skip


@dataclass(frozen=True)
class Contents:
    """What was noted.

    licences: its own, licence id -> parts it was given without. inherited: those that came from groups. manager: id
    and name, both empty for none. reports: number -> name of the employees who reported to them. groups, reply: None
    where they could not be read, or there was no mailbox.
    """

    username: str = ""
    email: str = ""
    aliases: list[str] = field(default_factory=list)
    enabled: bool = True
    licences: dict[str, list[str]] = field(default_factory=dict)
    inherited: list[str] = field(default_factory=list)
    manager_id: str = ""
    manager_name: str = ""
    reports: dict[str, str] = field(default_factory=dict)
    groups: list[NotedGroup] | None = None
    reply: Reply | None = None

    def sealed(self) -> str:
        return vault.encrypt(json.dumps({**asdict(self), "reply": reply_to(self.reply)}))

    @classmethod
    def opened(cls, sealed: str) -> "Contents":
        """Raises vault.CannotOpen when no present key opens it."""
        kept = json.loads(vault.decrypt(sealed))
        groups = None if kept["groups"] is None else [NotedGroup(**group) for group in kept["groups"]]
        return cls(**{**kept, "groups": groups, "reply": reply_from(kept["reply"])})

    def to_leave(self) -> list[NotedGroup]:
        """Groups that the account leaves on the last day: those that give a licence go with the licences."""
        return [group for group in self.groups or () if group.member and group.writable and not group.gives]

    def with_licences(self) -> list[NotedGroup]:
        return [group for group in self.groups or () if group.member and group.writable and group.gives]

    def out_of_reach(self) -> list[NotedGroup]:
        """Groups that the portal cannot change."""
        return [group for group in self.groups or () if not group.writable]

    def owned(self) -> list[NotedGroup]:
        return [group for group in self.groups or () if group.owner and group.writable]

    def in_words(self, connection: Connection) -> dict[str, str]:
        """What a receipt shows of it."""
        found: Mapping[str, str] = {
            N_("licences"): ", ".join(names_of(connection, self.licences).values()),
            N_("licences by group"): ", ".join(names_of(connection, self.inherited).values()),
            N_("manager"): self.manager_name,
            N_("reports"): ", ".join(self.reports.values()),
            N_("groups"): ", ".join(group.name for group in self.groups or ()),
            N_("automatic reply"): replies.in_words(self.reply) if self.reply else "",
            N_("other addresses"): ", ".join(alias for alias in self.aliases if alias != self.email),
        }
        return {name: value for name, value in found.items() if value}


def read(connector: Connector, operation: Operation, remote: RemoteAccount) -> Contents:
    """What the application and the HR record hold of the account now. Raises ConnectorError.

    remote: the account with its licences and its manager.
    """
    can = SERVICES[operation.connection.service].capabilities
    own = remote.own_licence_ids if remote.own_licence_ids is not None else remote.licence_ids
    manager = remote.manager if remote.manager is not None else connector.manager_of(remote.id)
    return Contents(
        username=remote.username, email=remote.email or "", aliases=list(remote.aliases), enabled=bool(remote.enabled),
        licences={key: list(remote.switched_off.get(key, ())) for key in sorted(own or ())},
        inherited=sorted(remote.group_licence_ids or ()),
        manager_id=manager.id, manager_name=manager.name,
        reports={str(number): name for number, name in _reports(operation)},
        groups=_groups(connector, remote.id) if can.has_groups else None,
        reply=_reply(connector, remote.id) if can.has_mailbox else None,
    )  # fmt: skip


def _groups(connector: Connector, account_id: str) -> list[NotedGroup] | None:
    try:
        return [NotedGroup.of(membership) for membership in connector.groups_of(account_id)]
    except NotPermitted:
        return None


def _reply(connector: Connector, account_id: str) -> Reply | None:
    try:
        return connector.mailbox(account_id).reply
    except NotPermitted:
        return None


def _reports(operation: Operation) -> list[tuple[int, str]]:
    mine = (Employee.manager == operation.employee_id) & (Employee.organisation == operation.organisation_id)
    return [(report.id, report.name) for report in Employee.select().where(mine).order_by(Employee.id)]


def keep(work: Work, contents: Contents, kind: Kind, **values: Any) -> Snapshot:
    """Within a transaction: write it down, read it back and compare. What an earlier one noted is kept in it.

    Raises ValueError when it cannot be read as it was written.
    """
    operation = work.operation
    earlier = open_of(operation.employee, operation.connection, kind)
    if earlier is not None:
        # Somebody who came back in another way since starts afresh.
        if not contents.enabled or earlier.operation.state != State.DONE:
            contents = together(contents_of(earlier), contents)
        Snapshot.update(ended_at=now()).where(Snapshot.id == earlier.id).execute()
    written = Snapshot.create(
        organisation=operation.organisation_id, employee=operation.employee_id, connection=operation.connection_id,
        operation=operation, kind=kind, encrypted_contents=contents.sealed(), **values,
    )  # fmt: skip
    if Contents.opened(Snapshot.get_by_id(written.id).encrypted_contents) != contents:
        raise ValueError("a snapshot was read back otherwise than it was written")
    return written


def keep_licences(operation: Operation, licences: Mapping[str, list[str]]) -> None:
    """Within a transaction: those that are taken and were not noted, as the account got them later, come back too."""
    noted = open_of(operation.employee, operation.connection)
    known = contents_of(noted) if noted is not None else None
    if noted is None or known is None or licences.keys() <= known.licences.keys():
        return
    whole = replace(known, licences={**licences, **known.licences})
    Snapshot.update(encrypted_contents=whole.sealed()).where(Snapshot.id == noted.id).execute()


def together(earlier: Contents, later: Contents) -> Contents:
    """What both noted: an attempt to leave that was cut short has taken what the later one no longer finds."""
    known = {group.id for group in later.groups or ()}
    groups = [*(later.groups or ()), *(group for group in earlier.groups or () if group.id not in known)]
    return Contents(
        **{
            **{name: getattr(later, name) for name in later.__dataclass_fields__},
            "enabled": earlier.enabled or later.enabled,
            "licences": {**earlier.licences, **later.licences},
            "inherited": sorted({*earlier.inherited, *later.inherited}),
            "reports": {**earlier.reports, **later.reports},
            "groups": None if earlier.groups is None and later.groups is None else groups,
            "reply": earlier.reply or later.reply,
        }
    )


def open_of(employee: Employee, connection: Connection, kind: Kind = Kind.LEAVER) -> Snapshot | None:
    """What was noted last, as long as not all of it has come back."""
    found: Snapshot | None = _open.first(employee=employee.id, connection=connection.id, kind=kind)
    return found


@kept
def _open(*, employee: Any, connection: Any, kind: Any) -> Any:
    mine = (Snapshot.employee == employee) & (Snapshot.connection == connection) & (Snapshot.kind == kind)
    return Snapshot.select().where(mine, Snapshot.ended_at.is_null()).order_by(Snapshot.id.desc()).limit(1)


def contents_of(snapshot: Snapshot) -> Contents:
    """Raises vault.CannotOpen when no present key opens it."""
    return Contents.opened(snapshot.encrypted_contents)
