"""What Undo leaving brings back, what only under a condition, and what never: as the account is at this moment."""

from dataclasses import dataclass, field

from portal.accounts.models import Account
from portal.accounts.place import Place
from portal.connections import offer
from portal.connectors import for_connection
from portal.connectors.base import NOBODY, Connector, RemoteAccount
from portal.connectors.errors import NotFound
from portal.leaving import replies, snapshots
from portal.leaving.actions import needs_password
from portal.leaving.models import Snapshot
from portal.leaving.requests import ForReply
from portal.leaving.snapshots import Contents, NotedGroup
from portal.people.models import MovedReport
from portal.provisioning import restoring
from portal.provisioning.actions import NothingToDo

FRESH = "We set a fresh temporary password, because nobody knows the present one."


@dataclass
class Columns:
    """Sentences. stays: what was changed since leaving, and is not overwritten."""

    back: list[str] = field(default_factory=list)
    back_if: list[str] = field(default_factory=list)
    never: list[str] = field(default_factory=list)
    stays: list[str] = field(default_factory=list)


def of(place: Place, noted: Snapshot) -> Columns:
    """Raises ConnectorError; vault.CannotOpen when no present key opens what was noted."""
    contents, connector, account = snapshots.contents_of(noted), for_connection(place.connection), place.need_account()
    offer.read(place.connection)
    remote = connector.with_licences(connector.find(account.remote_id), list(contents.licences))
    columns = Columns()
    if not remote.enabled:
        columns.back.append(f"{remote.username} can sign in to {place.service.name} again.")
    _licences(columns, place, contents, remote)
    if contents.groups is not None:
        _groups(columns, connector, contents, remote)
    _manager(columns, connector, contents, remote)
    _reports(columns, place)
    _mail(columns, connector, contents, noted, remote)
    if needs_password(noted):
        columns.back.append(FRESH)
    if contents.username != remote.username:
        columns.stays.append(f"The username: it was {contents.username} and is {remote.username} now.")
    columns.never.append("Open sessions: the employee signs in again on every phone and computer.")
    return columns


def of_deleted(place: Place, noted: Snapshot, gone: Account) -> Columns:
    """The same for an account that was deleted since, and is restored first: what it holds then is not known now.

    Raises NothingToDo when it cannot be restored, or not under its own username; ConnectorError.
    """
    asked = restoring.question(place, gone.remote_id)
    if asked.taken:
        raise NothingToDo(asked.taken, "Restore the deleted account under another username first, then undo leaving.")
    offer.read(place.connection)
    contents, remote, columns = snapshots.contents_of(noted), asked.candidate.remote, Columns()
    columns.back.append(f"The deleted account {remote.username}, with {place.service.words.restored}.")
    columns.back.append(f"{remote.username} can sign in to {place.service.name} again.")
    _licences(columns, place, contents, remote)
    for group in contents.groups or ():
        if group.writable:
            columns.back_if.append(f"The group {group.name}, if it is still there.")
        else:
            columns.never.append(f"The group {group.name}, unless it comes back with the account. {group.why_not}")
    if contents.manager_id:
        columns.back_if.append(f"{contents.manager_name} as manager, if their account is still there.")
    _reports(columns, place)
    if needs_password(noted):
        columns.back.append(FRESH)
    return columns


def _licences(columns: Columns, place: Place, contents: Contents, remote: RemoteAccount) -> None:
    held = remote.own_licence_ids if remote.own_licence_ids is not None else remote.licence_ids or frozenset()
    offered = {licence["id"]: licence for licence in place.connection.licences}
    lacking = [key for key in contents.licences if key not in held]
    missing = offer.names_of(place.connection, lacking)
    for key, name in missing.items():
        if key not in offered:
            columns.never.append(f"{name}: your organisation does not have this licence any more.")
        elif offer.has_seat(offered[key]):
            columns.back.append(f"{name} ({offer.seats(offered[key])}).")
        else:
            columns.back_if.append(f"{name}: if a seat is free. There is none now.")
    if missing:
        words = place.service.words.licence_loss
        columns.back_if.append(f"What was kept under these licences, if it is not deleted yet. {words}".strip())
    lost = [address for address in contents.aliases if address not in remote.aliases]
    if lost:
        columns.never.append(f"Other addresses that the application has dropped: {', '.join(lost)}.")


def _groups(columns: Columns, connector: Connector, contents: Contents, remote: RemoteAccount) -> None:
    now = {one.group.id: one for one in connector.groups_of(remote.id)}
    for group in contents.groups or ():
        held = now.get(group.id)
        if held is not None and held.member >= group.member and held.owner >= group.owner:
            continue
        if not group.writable:
            columns.never.append(f"The group {group.name}. {group.why_not}")
        elif not _exists(connector, group):
            columns.never.append(f"The group {group.name}: it was deleted.")
        else:
            columns.back.append(f"{'Owner of the' if group.owner else 'The'} group {group.name}.")


def _exists(connector: Connector, group: NotedGroup) -> bool:
    try:
        connector.group(group.id)
    except NotFound:
        return False
    return True


def _manager(columns: Columns, connector: Connector, contents: Contents, remote: RemoteAccount) -> None:
    if not contents.manager_id:
        return
    now = connector.manager_of(remote.id)
    if now == NOBODY:
        columns.back.append(f"{contents.manager_name} as manager.")
    elif now.id != contents.manager_id:
        columns.stays.append(f"The manager: it was {contents.manager_name} and is {now.name} now.")


def _reports(columns: Columns, place: Place) -> None:
    moved = MovedReport.select().where(MovedReport.leaver == place.employee)
    for row in moved:
        report = row.employee
        if report.manager != row.manager:
            columns.stays.append(f"{report.name} has another manager since.")
        elif place.employee.end_date is None:
            columns.back.append(f"{report.name} reports to {place.employee.name} again.")
        else:
            columns.back_if.append(f"{report.name} reports to them again, if the last day is taken off the Profile.")


def _mail(
    columns: Columns, connector: Connector, contents: Contents, noted: Snapshot, remote: RemoteAccount
) -> None:  # fmt: skip
    if contents.reply is None:
        return
    mailbox, ours = connector.mailbox(remote.id), noted.operation.request_as(ForReply).reply
    if not mailbox.exists:
        columns.back_if.append("The automatic reply as it was, if the mailbox is there again.")
    elif mailbox.reply is not None and ours is not None and not replies.same(mailbox.reply, contents.reply):
        if replies.same(mailbox.reply, ours):
            columns.back.append(f"The automatic reply as it was: {contents.reply.status}.")
        else:
            columns.stays.append("The automatic reply, which was changed since.")
    if any(forward.ours for forward in mailbox.forwards):
        columns.back.append("Mail is not sent on to a colleague any more.")
