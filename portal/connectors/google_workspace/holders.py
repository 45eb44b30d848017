"""Who has an address: an account, as its name or as another address, a group, or an account that was deleted lately.

https://developers.google.com/workspace/admin/directory/reference/rest/v1/users/get
https://developers.google.com/workspace/admin/directory/reference/rest/v1/groups/get
Asked by key and never searched for: the index behind a search lags.
"""

from collections.abc import Sequence

from portal.connectors.errors import NotFound, NotPermitted
from portal.connectors.google_workspace import payloads, scopes
from portal.connectors.google_workspace.client import DirectoryClient
from portal.connectors.values import NOT_SHOWN, Holder, RemoteAccount


def holders_of(client: DirectoryClient, usernames: Sequence[str]) -> dict[str, list[Holder]]:
    """Each username's holders, most telling first. Raises ConnectorError.

    An address of a deleted account is free at Google; who gives it away loses that account for good.
    """
    deleted = [account_of(client, user, deleted=True) for user in client.deleted_users()]
    return {name: [*_living(client, name), *_deleted(name, deleted)] for name in usernames}


def _living(client: DirectoryClient, username: str) -> list[Holder]:
    try:
        account = account_of(client, client.get_user(username))
    except NotFound:
        return _groups(client, username)
    except NotPermitted as error:
        if error.target != "forbidden":
            raise
        # The address is not this customer's: somebody's personal Google account has it. Or it is that of a new account.
        return [Holder(NOT_SHOWN, "")]
    kind = "account" if account.username.casefold() == username.casefold() else "alias"
    return [Holder(kind, account.display_name, account)]


def _groups(client: DirectoryClient, username: str) -> list[Holder]:
    if not scopes.has(client.held.scopes, scopes.GROUPS):
        return []
    try:
        group = client.get_group(username)
    except (NotFound, NotPermitted):
        return []
    return [Holder("group", group.get("name") or group.get("email") or "")]


def _deleted(username: str, deleted: Sequence[RemoteAccount]) -> list[Holder]:
    return [
        Holder("deleted", account.display_name, account)
        for account in deleted
        if account.username.casefold() == username.casefold()
    ]


def account_of(client: DirectoryClient, user: dict, *, deleted: bool = False) -> RemoteAccount:
    """The user as the portal knows accounts, with the connecting administrator marked."""
    return payloads.remote_account(user, own_id=client.held.person_id, deleted=deleted)
