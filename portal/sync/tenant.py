"""Shows here what was changed, deleted or restored in the tenant; never the reverse."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from peewee import IntegrityError, chunked

from portal import audit
from portal.accounts.known import (
    JUST_CREATED,
    NOTED_FIELDS,
    detach,
    find_surely,
    look_again,
    note_account,
    remember_account,
)
from portal.accounts.models import Account, Status
from portal.asking import Several, kept, one_of
from portal.connections.models import Connection
from portal.connectors import SERVICES, for_connection
from portal.connectors.base import Connector
from portal.connectors.errors import NotFound, NotPermitted, TooOld, TryLater, Unreadable
from portal.connectors.values import Changes, RemoteAccount
from portal.database import now, transaction
from portal.languages import gettext as _
from portal.logs import log
from portal.operations.models import OPEN, Operation
from portal.people.models import Employee
from portal.sync import differences as differences
from portal.sync.ahead import read_ahead
from portal.timelines import planning
from portal.writing import save_each

# More changes of status than this in one go are asked about first: a mistake in the tenant should not pass unseen.
BRAKE_SHARE = 0.2
BRAKE_FROM = 10
AT_ONCE = 500


@dataclass(frozen=True)
class Difference:
    """An account whose status is not what the portal shows. remote: None when it is gone from the tenant."""

    account: Account
    remote: RemoteAccount | None

    @property
    def after(self) -> Status:
        if self.remote is None:
            return Status.NO_ACCESS
        return Status.ACTIVE if self.remote.enabled else Status.DEACTIVATED


def sync_changes(connection: Connection, *, despite_brake: bool = False) -> int:
    """Read what changed since last time and show it; returns how many accounts changed their status.

    When that is more than the brake allows, nothing is changed and `connection.held_changes` says how many wait.
    Raises ConnectorError; a link that is too old is dropped, so that the next call reads everything again.
    """
    look, connector = _Look(connection), for_connection(connection)
    linked = Account.select().where(Account.connection == connection, Account.detached_at.is_null()).count()
    brake = max(BRAKE_FROM, BRAKE_SHARE * linked)
    try:
        for changes in read_ahead(connector.changes(connection.changes_link or None)):
            look.at(changes)
        if look.complete:
            look.at_what_is_missing(connector, most=math.inf if despite_brake else brake)
    except TooOld:
        Connection.update(changes_link="").where(Connection.id == connection.id).execute()
        raise
    found = list(look.differences.values())
    if len(found) <= brake or despite_brake:
        found = [difference for one in found if (difference := _confirmed(one, connector))]
    else:
        Connection.update(held_changes=len(found)).where(Connection.id == connection.id).execute()
        log.warning("sync held", connection=connection.id, changes=len(found), linked=linked)
        return 0
    for difference in found:
        _apply(difference)
    Connection.update(changes_link=look.link, held_changes=0, synced_at=now()).where(
        Connection.id == connection.id, Connection.disconnected_at.is_null()
    ).execute()
    return len(found)


class _Look:
    """Looks at what changed, part by part, however much it is. differences: accounts of ours with another status.

    complete: the parts were all the accounts there are.
    """

    def __init__(self, connection: Connection):
        self.connection, self.began, self.link = connection, now(), ""
        self.complete, self._any = False, False
        self.differences: dict[int, Difference] = {}
        self._remembered: set[int] = set()
        self._seen: set[int] = set()

    def at(self, changes: Changes) -> None:
        self.link, self.complete = changes.link or self.link, changes.complete
        self._any = self._any or bool(changes.accounts)
        remotes = {remote.id: remote for remote in changes.accounts}
        read: list[int] = []
        shown: list[tuple[Account, RemoteAccount]] = []
        with transaction():
            new: list[Account] = []
            for account in _known(self.connection, [*remotes, *changes.removed]):
                self._seen.add(account.id)
                remote = self._compare(account, remotes.get(account.remote_id))
                if remote is None:
                    continue
                read.append(account.id)
                shown.append((account, remote))
                if note_account(account, remote):
                    new.append(account)
            save_each(new, NOTED_FIELDS)
            # A first reading meets all accounts, and little of it is new: when it was read is one statement for all.
            Account.update(read_at=now()).where(Account.id.in_(read)).execute()
            differences.note_fields(self.connection, shown)
        self._remembered.update(read)

    def at_what_is_missing(self, connector: Connector, *, most: float) -> None:
        """After a reading of the whole tenant: it shows who is there, and does not name who is gone.

        A list may leave somebody out, so each is asked for alone. With more than `most` the brake holds them all, and
        none is asked for until a person has decided.

        Raises TryLater for a tenant without any account: its administrator has one, so something is wrong there.
        """
        if not self._any:
            name = SERVICES[self.connection.service].name
            raise TryLater(
                _("%(name)s shows no account at all, which cannot be right. Nothing was changed.", name=name)
            )
        linked: Any = Account.select(Account.id).where(
            Account.connection == self.connection,
            Account.detached_at.is_null(),
            Account.read_at < self.began - JUST_CREATED,
        )  # fmt: skip
        missing = {account_id for (account_id,) in linked.tuples()} - self._seen
        for some in chunked(sorted(missing), AT_ONCE):
            for account in Account.select(Account, Employee).join(Employee).where(Account.id.in_(list(some))):
                if len(missing) > most or _is_gone(account, connector):
                    self.differences[account.id] = Difference(account, None)

    def _compare(self, account: Account, remote: RemoteAccount | None) -> RemoteAccount | None:
        """Note whether the status differs. Returns what is to be written down at once, because it does not."""
        if account.detached_at is None and account.read_at is None:
            # A create is under way: its own read-back decides.
            return None
        if account.read_at is not None and account.read_at > self.began and account.id not in self._remembered:
            # Another process has read it since, so what it saw is newer.
            return None
        difference = Difference(account, remote)
        self.differences.pop(account.id, None)
        if difference.after != account.status:
            self.differences[account.id] = difference
            return None
        return remote if account.detached_at is None else None


def _confirmed(difference: Difference, connector: Connector) -> Difference | None:
    """The difference, looked at again where it denies what was shown minutes ago; None where it is none after all."""
    if difference.remote is None:
        return difference
    try:
        seen = replace(difference, remote=look_again(connector, difference.account, difference.remote))
    except (NotPermitted, Unreadable):
        return difference
    return seen if seen.after != seen.account.status else None


def _is_gone(account: Account, connector: Connector) -> bool:
    """Whether the application does not know its id either. A refusal to say is no proof.

    Nor is an answer that cannot be read. Raises ConnectorError.
    """
    try:
        find_surely(connector, account)
    except NotFound:
        return True
    except (NotPermitted, Unreadable):
        pass
    log.info("a list left out an account", account=account.id)
    return False


def _known(connection: Connection, remote_ids: Iterable[str]) -> Iterator[Account]:
    """Accounts with these ids that are linked, or that vanished from the tenant earlier."""
    for some in chunked(remote_ids, AT_ONCE):
        yield from _accounts.rows(connection=connection.id, remote_ids=Several(some))


@kept
def _accounts(*, connection: Any, remote_ids: Any) -> Any:
    # Their employees are read where something differs, which is seldom.
    mine = (Account.connection == connection) & one_of(Account.remote_id, remote_ids)
    return Account.select().where(mine, Account.detached_at.is_null() | (Account.detached_by == "deleted"))


def _apply(difference: Difference) -> None:
    account, remote = difference.account, difference.remote
    before = account.status
    try:
        with transaction():
            if remote is None:
                detach(account)
            else:
                _attach_again(account)
                remember_account(account, remote)
                differences.note_fields(account.connection, [(account, remote)])
            differences.note_status(account, before, difference.after)
            audit.record(
                "portal", "status changed in the tenant", account.employee,
                organisation=account.organisation, username=account.username, before=before, after=difference.after,
            )  # fmt: skip
    except IntegrityError:
        # The employee got another account meanwhile: the one that came back stays unlinked.
        log.info("account came back", account=account.id)
        return
    if before == Status.NO_ACCESS:
        # A last day may have been entered while there was no account.
        planning.follow(account.employee)


def _attach_again(account: Account) -> None:
    """An account that was restored; not one whose employee is being given another now."""
    if account.detached_by == "deleted":
        here = (Operation.employee == account.employee_id) & (Operation.connection == account.connection_id)
        if Operation.select().where(here, Operation.state.in_(OPEN)).exists():
            raise IntegrityError("an operation is open")
        Account.update(detached_at=None, detached_by="").where(
            Account.id == account.id, Account.detached_by == "deleted"
        ).execute()
