"""What Undo leaving brings back, what only under a condition, and what never: as the account is at this moment."""

from dataclasses import dataclass, field

from portal.accounts.models import Account
from portal.accounts.place import Place
from portal.connections import offer
from portal.connectors import for_connection
from portal.connectors.base import Connector
from portal.connectors.errors import NotFound
from portal.connectors.values import NOBODY, RemoteAccount
from portal.languages import gettext as _
from portal.languages import joined
from portal.leaving import replies, snapshots
from portal.leaving.actions import needs_password
from portal.leaving.models import Snapshot
from portal.leaving.requests import ForReply
from portal.leaving.snapshots import Contents, NotedGroup
from portal.people.models import MovedReport
from portal.provisioning import restoring
from portal.provisioning.actions import NothingToDo

FRESH = _("We set a fresh temporary password, because nobody knows the current one.")


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
        columns.back.append(
            _("%(username)s can sign in to %(service)s again.", username=remote.username, service=place.service.name)
        )
    _licences(columns, place, contents, remote)
    if contents.groups is not None:
        _groups(columns, connector, contents, remote)
    _manager(columns, connector, contents, remote)
    _reports(columns, place)
    _mail(columns, connector, contents, noted, remote)
    if needs_password(noted):
        columns.back.append(FRESH)
    if contents.username != remote.username:
        columns.stays.append(
            _(
                "The username: it was %(old)s and is now %(new)s.",
                old=contents.username,
                new=remote.username,
            )
        )
    columns.never.append(_("Open sessions: the employee signs in again on every phone and computer."))
    return columns


def of_deleted(place: Place, noted: Snapshot, gone: Account) -> Columns:
    """The same for an account that was deleted since, and is restored first: what it holds then is not known now.

    Raises NothingToDo when it cannot be restored, or not under its own username; ConnectorError.
    """
    asked = restoring.question(place, gone.remote_id)
    if asked.taken:
        raise NothingToDo(
            asked.taken, _("Restore the deleted account under another username first, then undo leaving.")
        )
    offer.read(place.connection)
    contents, remote, columns = snapshots.contents_of(noted), asked.candidate.remote, Columns()
    columns.back.append(
        _(
            "The deleted account %(username)s, with %(restored)s.",
            username=remote.username,
            restored=place.service.words.restored,
        )
    )
    columns.back.append(
        _("%(username)s can sign in to %(service)s again.", username=remote.username, service=place.service.name)
    )
    _licences(columns, place, contents, remote)
    for group in contents.groups or ():
        if group.writable:
            columns.back_if.append(_("The group %(group)s, if it is still there.", group=group.name))
        else:
            columns.never.append(
                _(
                    "The group %(group)s, unless it comes back with the account. %(why_not)s",
                    group=group.name,
                    why_not=group.why_not,
                )
            )
    if contents.manager_id:
        columns.back_if.append(
            _("%(manager)s as manager, if their account is still there.", manager=contents.manager_name)
        )
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
            columns.never.append(_("%(name)s: your organisation no longer has this licence.", name=name))
        elif offer.has_seat(offered[key]):
            columns.back.append(_("%(licence)s (%(seats)s).", licence=name, seats=offer.seats(offered[key])))
        else:
            columns.back_if.append(_("%(name)s: if a seat is free. There is none now.", name=name))
    if missing:
        words = place.service.words.licence_loss
        columns.back_if.append(joined(_("What was kept under these licences, if it is not deleted yet."), words))
    lost = [address for address in contents.aliases if address not in remote.aliases]
    if lost:
        columns.never.append(
            _("Other addresses that the application has dropped: %(addresses)s.", addresses=", ".join(lost))
        )


def _groups(columns: Columns, connector: Connector, contents: Contents, remote: RemoteAccount) -> None:
    now = {one.group.id: one for one in connector.groups_of(remote.id)}
    for group in contents.groups or ():
        held = now.get(group.id)
        if held is not None and held.member >= group.member and held.owner >= group.owner:
            continue
        if not group.writable:
            columns.never.append(_("The group %(group)s. %(why_not)s", group=group.name, why_not=group.why_not))
        elif not _exists(connector, group):
            columns.never.append(_("The group %(group)s: it was deleted.", group=group.name))
        else:
            columns.back.append(
                _("Owner of the group %(group)s.", group=group.name)
                if group.owner
                else _("The group %(group)s.", group=group.name)
            )


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
        columns.back.append(_("%(manager)s as manager.", manager=contents.manager_name))
    elif now.id != contents.manager_id:
        columns.stays.append(
            _(
                "The manager: it was %(manager)s and is now %(now)s.",
                manager=contents.manager_name,
                now=now.name,
            )
        )


def _reports(columns: Columns, place: Place) -> None:
    moved = MovedReport.select().where(MovedReport.leaver == place.employee)
    for row in moved:
        report = row.employee
        if report.manager != row.manager:
            columns.stays.append(_("%(report)s has another manager now.", report=report.name))
        elif place.employee.end_date is None:
            columns.back.append(
                _("%(report)s reports to %(name)s again.", report=report.name, name=place.employee.name)
            )
        else:
            columns.back_if.append(
                _("%(report)s reports to them again, if the last day is taken off the Profile.", report=report.name)
            )


def _mail(
    columns: Columns, connector: Connector, contents: Contents, noted: Snapshot, remote: RemoteAccount
) -> None:  # fmt: skip
    if contents.reply is None:
        return
    mailbox, ours = connector.mailbox(remote.id), noted.operation.request_as(ForReply).reply
    if not mailbox.exists:
        columns.back_if.append(_("The automatic reply as it was, if the mailbox comes back."))
    elif mailbox.reply is not None and ours is not None and not replies.same(mailbox.reply, contents.reply):
        if replies.same(mailbox.reply, ours):
            was = replies.in_words(contents.reply)
            columns.back.append(_("The automatic reply as it was: %(status)s.", status=was))
        else:
            columns.stays.append(_("The automatic reply, which has been changed since."))
    if any(forward.ours for forward in mailbox.forwards):
        columns.back.append(_("Mail is no longer forwarded to a colleague."))
