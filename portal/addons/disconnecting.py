"""Leaving a tenant without asking it anything, and finding everything again when the organisation comes back to it."""

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from portal import audit, vault
from portal.accounts.models import Account
from portal.addons.problems import StillEnding
from portal.auth import linked_sign_ins
from portal.auth.models import User
from portal.clean_up.models import KeptAccount
from portal.connections.models import Connection
from portal.connectors import SERVICES
from portal.connectors.base import Service
from portal.connectors.errors import ConnectorError
from portal.database import now, transaction
from portal.hand_over import pausing
from portal.languages import gettext as _
from portal.leaving.models import Snapshot
from portal.logs import log
from portal.mailboxes import ending
from portal.operations.models import BY_DISCONNECT, OPEN, Operation, State
from portal.problems import Problem
from portal.provisioning import updates
from portal.theirs.models import Declined
from portal.timelines.models import TO_COME, UNSETTLED, PlannedStep

CHUNK = 500
# Longer than all tries to end a sign-in take together.
ENDED_WITHIN = timedelta(seconds=90)
# Seconds that a person waits for it, and between two looks.
PATIENCE, LOOKS_AGAIN = 8.0, 0.1


class ConnectionChanged(Problem):
    message = _("This connection was replaced by another one since the page was loaded. Nothing was disconnected.")
    next_step = _("Look at the connection that is there now, and decide again.")


@dataclass(frozen=True)
class Consequences:
    """What a disconnect would touch: accounts that stay, mails that pause, operations that will not happen.

    steps: of timelines, which wait for the next connection. users: of the portal, who sign in with the application.
    required: they cannot use the password instead.
    """

    accounts: int
    mails: int
    operations: int
    steps: int
    users: int
    required: bool


def consequences(connection: Connection) -> Consequences:
    return Consequences(
        accounts=_live_accounts(connection).count(),
        mails=pausing.waiting_at(connection).count(),
        operations=_open_operations(connection).count(),
        steps=PlannedStep.select().where(PlannedStep.connection == connection, PlannedStep.state.in_(TO_COME)).count(),
        users=linked_sign_ins.users_by(connection),
        required=connection.organisation.outside_sign_in_required,
    )


def disconnect(connection: Connection, *, by: User) -> bool:
    """End the connection, in one transaction and without a remote call. False when another process was first.

    Operations are cancelled and their secrets wiped; login information is paused; accounts keep their remote ids.
    """
    with transaction():
        ended = Connection.update(
            disconnected_at=now(), encrypted_credential="", ending_until=ending_until(connection)
        ).where(Connection.id == connection.id, Connection.disconnected_at.is_null())
        if not ended.execute():
            return False
        linked_sign_ins.end_sessions(connection.organisation_id, connection.service)
        mails = pausing.pause(connection)
        operations = _cancel_operations(connection)
        audit.record(
            by, "disconnect add-on", connection,
            service=connection.service, tenant_id=connection.tenant_id, tenant_name=connection.tenant_name,
            operations_cancelled=operations, mails_paused=mails, accounts_detached=_detach_accounts(connection),
        )  # fmt: skip
        ending.disconnect_all(connection, by=by)
    return True


def ending_until(connection: Connection) -> Any:
    """Until when the application may be ending what the connection signs in with; None where it has nothing to end."""
    return now() + ENDED_WITHIN if connection.encrypted_credential else None


def wait_until_ended(service: Service, whose: Any) -> None:
    """Let a sign-in that is being ended come to its end. Raises StillEnding when that takes too long.

    An application may end all that the same person agreed to, and so the new sign-in with the old one.
    whose: of which connections.
    """
    deadline = time.monotonic() + PATIENCE
    while Connection.select().where(Connection.service == service.key, whose, Connection.ending_until > now()).exists():
        if time.monotonic() >= deadline:
            raise StillEnding(service)
        time.sleep(LOOKS_AGAIN)


def give_up_credential(connection: Connection) -> None:
    """Tell the application that what the connection signed in with is not used any more. Nothing depends on it.

    connection: as it was before it was disconnected, or before another administrator took it over. What the tenant is
    connected with by now stays. Makes a remote call.
    """
    service = SERVICES[connection.service]
    try:
        service.give_up(vault.decrypt(connection.encrypted_credential), used=_used_now(connection))
    except (ConnectorError, vault.CannotOpen) as error:
        log.warning("credential not given up", service=service.key, kind=type(error).__name__)
    finally:
        Connection.update(ending_until=None).where(Connection.id == connection.id).execute()


def _used_now(before: Connection) -> str:
    """The credential of the tenant's connection as it is now, of whichever organisation; empty where there is none."""
    live = (Connection.service == before.service) & (Connection.tenant_id == before.tenant_id)
    found = Connection.get_or_none(live & Connection.disconnected_at.is_null())
    return vault.decrypt(found.encrypted_credential) if found and found.encrypted_credential else ""


def adopt_accounts(connection: Connection) -> int:
    """Attach again what earlier connections of this organisation to the same tenant left behind; returns how many.

    Inside the transaction that makes the connection. Of two accounts of one employee, or two employees of one account,
    the one attached last is kept. One that was never read back is not known to exist, and stays behind.
    """
    employees: set[int] = set()
    identities: set[str] = set()
    found = []
    for account in _left_behind(connection):
        if account.employee_id not in employees and account.remote_id not in identities:
            employees.add(account.employee_id)
            identities.add(account.remote_id)
            found.append(account.id)
    for start in range(0, len(found), CHUNK):
        Account.update(connection=connection, detached_at=None, detached_by="").where(
            Account.id.in_(found[start : start + CHUNK])
        ).execute()
    return len(found)


def go_on(connection: Connection) -> None:
    """What earlier connections of this organisation to the same tenant left open goes on with this one.

    Steps of timelines that are to come, what leaving has noted to be undone, and what users decided about accounts.
    Inside the transaction that makes the connection.
    """
    earlier = [one.id for one in Connection.select(Connection.id).where(_to_the_same_tenant(connection))]
    if not earlier:
        return
    steps = PlannedStep.connection.in_(earlier) & PlannedStep.state.in_(UNSETTLED)
    PlannedStep.update(connection=connection).where(steps).execute()
    noted = Snapshot.connection.in_(earlier) & Snapshot.ended_at.is_null()
    Snapshot.update(connection=connection).where(noted).execute()
    # These went on with each connection until the last one.
    Declined.update(connection=connection).where(Declined.connection == max(earlier)).execute()
    KeptAccount.update(connection=connection).where(KeptAccount.connection == max(earlier)).execute()


def _to_the_same_tenant(connection: Connection) -> Any:
    return (
        (Connection.organisation == connection.organisation_id)
        & (Connection.service == connection.service)
        & (Connection.tenant_id == connection.tenant_id)
        & (Connection.id != connection.id)
    )


def _left_behind(connection: Connection) -> Any:
    return (
        Account.select(Account.id, Account.employee, Account.remote_id)
        .join(Connection)
        .where(
            _to_the_same_tenant(connection),
            Account.detached_by == BY_DISCONNECT,
            Account.read_at.is_null(False),
        )
        .order_by(Account.detached_at.desc(), Account.id.desc())
    )


def _live_accounts(connection: Connection) -> Any:
    return Account.select().where(Account.connection == connection.id, Account.detached_at.is_null())


def _open_operations(connection: Connection) -> Any:
    return Operation.select().where(Operation.connection == connection.id, Operation.state.in_(OPEN))


def _cancel_operations(connection: Connection) -> int:
    mine = Operation.connection == connection.id
    updates.send_again(_open_operations(connection))
    cancelled = (
        Operation.update(
            state=State.CANCELLED,
            finished_at=now(),
            message=_("The add-on was disconnected before this was finished."),
            next_step=_(
                "Look in the %(console)s for what had been done by then.",
                console=SERVICES[connection.service].words.console,
            ),
        )
        .where(mine, Operation.state.in_(OPEN))
        .execute()
    )
    Operation.update(encrypted_password="").where(mine, Operation.encrypted_password != "").execute()
    return cancelled


def _detach_accounts(connection: Connection) -> int:
    return (
        Account.update(detached_at=now(), detached_by=BY_DISCONNECT)
        .where(Account.connection == connection.id, Account.detached_at.is_null())
        .execute()
    )
