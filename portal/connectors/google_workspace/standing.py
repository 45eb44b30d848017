"""What a plain "forbidden" of Google's means: a new account, an administrator's account, or a role that was lost.

https://developers.google.com/workspace/admin/directory/v1/guides/troubleshoot-error-codes
"""

from collections.abc import Iterator
from contextlib import contextmanager

from portal.connectors.errors import BadCredentials, ConnectorError, NotFound, NotPermitted, Protected, TryLater
from portal.connectors.google_workspace.client import DirectoryClient
from portal.connectors.google_workspace.fresh import FRESH
from portal.connectors.google_workspace.identity_cases import AGAIN
from portal.languages import gettext as _
from portal.languages import joined


@contextmanager
def about(client: DirectoryClient, account_id: str | None) -> Iterator[None]:
    """Within it, a refusal about this account is told apart. Raises TryLater, BadCredentials, Protected."""
    try:
        with FRESH.known(account_id):
            yield
    except NotPermitted as error:
        if error.target == "forbidden":
            refuse_lost_role(client, error)
            if account_id in FRESH:
                raise FRESH.later(error) from error
            _refuse_administrator(client, account_id, error)
        raise


def refuse_lost_role(client: DirectoryClient, error: ConnectorError | None = None) -> None:
    """Raises BadCredentials when the person on whom the connection depends is no longer an administrator.

    error: the refusal that made somebody ask.
    """
    try:
        user = client.signer(client.held.person_id)
    except NotPermitted as refused:
        if refused.target != "forbidden":
            raise
        user = {}
    except NotFound:
        user = {}
    if user.get("isAdmin") is not True or user.get("suspended"):
        raise BadCredentials(
            _("%(email)s, who connected Google Workspace, is no longer a super administrator there.",
              email=client.held.email),
            permanent=False, next_step=joined(_("Give the role back in the Admin console. Or:"), AGAIN),
            code=error.code if error else "isAdmin", status=error.status if error else None,
        ) from error  # fmt: skip


def _refuse_administrator(client: DirectoryClient, account_id: str | None, error: NotPermitted) -> None:
    if account_id is None:
        return
    try:
        user = client.get_user(account_id)
    except (NotFound, NotPermitted, TryLater):
        return
    if user.get("isAdmin") or user.get("isDelegatedAdmin"):
        words = _("This account holds an administrator role in Google Workspace, so the portal cannot change it.")
        raise error.worded(words, kind=Protected) from error
