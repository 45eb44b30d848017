"""What was read of an account is written down here, and nowhere else."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from portal import audit
from portal.accounts import licences
from portal.accounts.models import Account
from portal.connectors import for_connection
from portal.connectors.base import Connector
from portal.connectors.errors import ConnectorError, NotFound
from portal.connectors.values import Protection, RemoteAccount
from portal.database import now, transaction
from portal.languages import N_, stored


def shown(remote: RemoteAccount) -> dict[str, Any]:
    """The part of an account that a receipt shows."""
    return {N_("username"): remote.username, N_("sign-in"): N_("allowed") if remote.enabled else N_("blocked")}


NOTED_FIELDS: list[Any] = [
    Account.username, Account.display_name, Account.enabled, Account.email, Account.licence_ids,
    Account.own_licence_ids, Account.manager_shown, Account.protections, Account.waits_for_start, Account.state_note,
    Account.unit,
]  # fmt: skip


# What was accepted may show a little later.
SHOWN_IN = timedelta(seconds=2)


def with_manager(connector: Connector, remote: RemoteAccount, expected: str | None) -> RemoteAccount:
    """The account with its manager. One who is expected and not shown is asked for alone: not all answers have it."""
    if shows_manager(remote, expected):
        return remote
    return replace(remote, manager=connector.manager_of(remote.id))


def shows_manager(remote: RemoteAccount, expected: str | None) -> bool:
    """Whether the account has this manager; True too when none is expected."""
    return not expected or (remote.manager is not None and remote.manager.id == expected)


def remember_account(account: Account, remote: RemoteAccount, *, lately: timedelta = timedelta(0)) -> None:
    """Write down what was just read from the tenant; nothing when that is not new, and known since `lately`."""
    moment, known_at = now(), account.read_at
    if not note_account(account, remote) and known_at is not None and moment - known_at < lately:
        return
    account.read_at = moment
    # Only what was read: that the link was taken away, say, may have been written since this row was loaded.
    account.save(only=[*NOTED_FIELDS, Account.read_at] if account.id else None)


def note_account(account: Account, remote: RemoteAccount) -> bool:
    """Note on the account, unsaved, what was just read from the tenant. True when it differs from what was known."""
    before = [getattr(account, field.name) for field in NOTED_FIELDS]
    account.username = remote.username
    account.display_name = remote.display_name
    account.enabled = bool(remote.enabled)
    account.waits_for_start = account.waits_for_start and not account.enabled
    account.email = remote.email or ""
    account.state_note = stored(remote.state_note)
    if remote.unit is not None:
        account.unit = remote.unit
    licences.remember(account, remote)
    # Whether it holds a role is not in this answer: that is noted where it is asked for.
    roles = {Protection.ADMINISTRATOR} & set(account.protections)
    account.protections = sorted(roles | remote.protections)
    if remote.manager is not None:
        account.manager_shown = (
            f"{remote.manager.name} ({remote.manager.username})" if remote.manager.id else remote.manager.name
        )
    return before != [getattr(account, field.name) for field in NOTED_FIELDS]


def look_at(connector: Connector, account: Account) -> tuple[RemoteAccount, frozenset[Protection]]:
    """The account as the tenant shows it, and what protects it now; the latter is noted. Raises ConnectorError.

    An administrator can give or take a role at any time, so what was noted earlier is never enough to decide.
    """
    remote = connector.find(account.remote_id)
    found = connector.protections(account.remote_id) | remote.protections
    note_protections(account, found)
    return remote, found


def note_protections(account: Account, found: frozenset[Protection]) -> None:
    """Write down what protects the account, if that is new."""
    if sorted(found) != account.protections:
        account.protections = sorted(found)
        account.save(only=[Account.protections])


def to_compare_with(remote: RemoteAccount) -> dict[str, Any]:
    """What later steps compare with."""
    valid_from = remote.sessions_valid_from
    return {
        "own_licences": sorted(remote.own_licence_ids or ()),
        "sessions_valid_from": valid_from.isoformat() if valid_from else None,
    }


# A new account may be unknown to some of the tenant's servers for a while.
JUST_CREATED = timedelta(minutes=2)


LATELY = timedelta(minutes=1)
# A server of the application may answer with what was true before, so what an account has shown within these minutes,
# and denies now, is asked for again so many times.
TRAILS, LOOKS = timedelta(minutes=5), 2


def detach(account: Account) -> None:
    """Take note that the account is gone from the tenant."""
    Account.update(detached_at=now(), detached_by="deleted").where(
        Account.id == account.id, Account.detached_at.is_null()
    ).execute()


def refresh(account: Account) -> ConnectorError | None:
    """Read the account from the tenant again and remember what it shows. Returns why it could not be read, if so.

    An account that is gone from the tenant is detached: the employee then has no access.
    """
    connector = for_connection(account.connection)
    try:
        remote = look_again(connector, account, find_surely(connector, account))
        remote = with_manager(connector, remote, account.manager_remote_id)
    except NotFound as error:
        if account.read_at is None or now() - account.read_at < JUST_CREATED:
            return error
        with transaction():
            detach(account)
            audit.record("portal", "account is gone from the tenant", account.employee, username=account.username)
        return error
    except ConnectorError as error:
        return error
    # To look at a page again and again writes nothing.
    remember_account(account, remote, lately=LATELY)
    return None


def find_surely(connector: Connector, account: Account) -> RemoteAccount:
    """The account. Only when it is denied twice does it count as gone. Raises ConnectorError."""
    try:
        return connector.find(account.remote_id)
    except NotFound:
        return connector.find(account.remote_id)


def look_again(connector: Connector, account: Account, remote: RemoteAccount) -> RemoteAccount:
    """What the account shows, asked for again while it denies what it showed minutes ago. Raises ConnectorError."""
    for _ in range(LOOKS):
        lately = account.read_at is not None and now() - account.read_at < TRAILS
        if not lately or bool(remote.enabled) is account.enabled:
            break
        try:
            remote = connector.find(account.remote_id)
        except NotFound:
            break
    return remote
