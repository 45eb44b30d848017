"""How each step of an operation is done. `verbs.py` says which steps a verb has; the engine keeps the journal.

A step talks to the connector first and returns an Outcome; what it changes in our own tables happens in `Outcome.save`,
inside the transaction that also writes the outcome down. So no remote call is ever made inside a transaction.
"""

from datetime import timedelta
from typing import Any

from portal import vault
from portal.accounts import field_values
from portal.accounts.known import (
    SHOWN_IN,
    look_at,
    remember_account,
    shown,
    shows_manager,
    to_compare_with,
    with_manager,
)
from portal.accounts.models import Account
from portal.asking import kept
from portal.connections.health import ends_sessions
from portal.connectors import SERVICES
from portal.connectors.base import Connector, Service
from portal.connectors.errors import AlreadyExists, ConnectorError, Full, Protected, Refused, TryLater
from portal.connectors.fresh import FRESH_FOR
from portal.connectors.values import NOT_SEEN, NOT_SHOWN, Holder, NewAccount, RemoteAccount
from portal.database import now
from portal.languages import N_, joined, stored
from portal.languages import gettext as _
from portal.operations.models import Operation, Step, StepState
from portal.operations.requests import CreateRequest, DeactivateRequest, ReactivateRequest, Verb
from portal.operations.work import Outcome, Work
from portal.selecting import ONE
from portal.theirs.rules import why

# Tries of one operation; with the pauses between them, some hours.
SHOWS_BY_THEN = 25
# With the pauses between so many tries more time passes than a new account is denied for, or shown without its fields.
SHOWS_WHOLE_BY_THEN = 8
# The clocks of the portal and of the service may differ by so much.
CLOCKS = timedelta(minutes=5)
# Tries after which it is no earlier state any more.
CLOSED_AFTER = 6
KNOWN_AGAIN = _("The first try got no answer, so the portal looked for the account before it tried again.")
TAKEN_BY_US = _("The username is taken, most likely by the portal’s own first try.")
TAKEN = _("The username is taken, and it is not clear yet by whom.")
AGAIN = _("We’ll check again.")
NOT_YET = _("The change was accepted but isn’t visible yet.")

# Verbs that revoke open sessions.
ENDS_SESSIONS = (Verb.DEACTIVATE, Verb.LEAVE, Verb.BEGIN_ABSENCE)
# A new account may be missing from some replicas this long.
JUST_MADE = timedelta(seconds=FRESH_FOR)


def expect_if_new(connector: Connector, account: Account | None) -> None:
    """Let the connector know of an account that was made moments ago, perhaps by another process."""
    if account is None:
        return
    if _made.exists(account=account.id, since=now() - JUST_MADE):
        connector.expect(account.remote_id)


@kept
def _made(*, account: Any, since: Any) -> Any:
    steps = Step.select(ONE).join(Operation).where(Operation.account == account, Step.name.in_(("create", "restore")))
    return steps.where(Step.ended_at > since).limit(1)


def create_account(work: Work) -> Outcome:
    """Create the account. After an unanswered try it is looked up by our marker first, and never created twice."""
    asked = work.operation.request_as(CreateRequest)
    service = SERVICES[work.operation.connection.service]
    remote, left_out = _made_or_found(work, service)
    account = Account(
        organisation=work.operation.organisation_id,
        employee=work.operation.employee,
        connection=work.operation.connection,
        remote_id=remote.id,
        username=remote.username or asked.username,
        display_name=asked.display_name,
        enabled=not asked.blocked,
        waits_for_start=asked.blocked,
        created_by_portal=True,
        fields_sent=field_values.sent(asked.record, left_out),
        fields_at=work.operation.created_at,
    )

    def save() -> None:
        account.save(force_insert=True)
        work.operation.account = account

    warnings = {**left_out, **field_values.cut(service, _values(work.operation), left_out)}
    return Outcome(
        after={N_("username"): account.username},
        note=joined(KNOWN_AGAIN if work.interrupted else "", *warnings.values()),
        remember={"remote_id": remote.id, "field_warnings": {name: stored(words) for name, words in warnings.items()}},
        save=save,
    )


def _made_or_found(work: Work, service: Service) -> tuple[RemoteAccount, field_values.LeftOut]:
    """The account, made now or by an earlier try, and the fields that the application refused."""
    found = _ours(work) if work.interrupted else None
    if found is None:
        try:
            return field_values.create(work.connector, _new_account(work.operation), service)
        except Full as refusal:
            raise _full(work, refusal) from refusal
        except AlreadyExists as refusal:
            found = _ours(work)
            unclear = work.interrupted or refusal.target in (NOT_SHOWN, NOT_SEEN)
            if found is None and (not unclear or _somebody_elses(work, refusal)):
                raise
            if found is None:
                raise _taken(work, refusal) from None
    return found, field_values.complete(work.connector, found, _values(work.operation), service)


def _full(work: Work, refusal: Full) -> ConnectorError:
    """The refusal, with the tenant's name."""
    connection = work.operation.connection
    return refusal.worded(
        _(
            "%(tenant)s’s %(service)s cannot hold more accounts, so none was created.",
            tenant=connection.tenant_name,
            service=SERVICES[connection.service].name,
        )
    )


def _values(operation: Operation) -> dict[str, Any]:
    """The values of the record that the new account is to have."""
    asked = operation.request_as(CreateRequest)
    return {**asked.fields, **({"country": asked.country} if asked.country else {})}


def _new_account(operation: Operation) -> NewAccount:
    asked = operation.request_as(CreateRequest)
    return NewAccount(
        username=asked.username,
        display_name=asked.display_name,
        password=vault.decrypt(operation.encrypted_password),
        marker=operation.marker,
        country=asked.country or None,
        unit=asked.unit or None,
        enabled=not asked.blocked,
        fields=asked.fields,
    )


def _ours(work: Work) -> RemoteAccount | None:
    """The account that an earlier, unanswered try of this very operation made. No other account is taken for ours."""
    asked = work.operation.request_as(CreateRequest)
    made = work.connector.find_made(asked.username, work.operation.marker)
    if made is not None:
        # A search may have it while a look-up by its id denies it still.
        work.connector.expect(made.id)
    return made


def _taken(work: Work, refusal: AlreadyExists) -> TryLater:
    """The name is taken, and it may be by our own first try, which does not show yet."""
    if refusal.target == NOT_SEEN and not work.interrupted:
        return TryLater(f"{refusal.message} {AGAIN}", next_step=refusal.next_step, code=refusal.code)
    return TryLater(f"{TAKEN_BY_US if work.interrupted else TAKEN} {AGAIN}", code=refusal.code)


def _somebody_elses(work: Work, refusal: AlreadyExists) -> bool:
    """Whether it is not this operation that holds the name.

    Our own account may take a while to show; but after so many tries it would have.
    """
    if work.operation.attempts >= SHOWS_BY_THEN:
        return True
    if refusal.target == NOT_SEEN:
        return not work.interrupted and work.operation.attempts >= SHOWS_WHOLE_BY_THEN
    holders = work.connector.holders(work.operation.request_as(CreateRequest).username)
    return any(_is_another(holder, work.operation) for holder in holders if holder.kind != "deleted")


def _is_another(holder: Holder, operation: Operation) -> bool:
    """Whether this is not the account that the operation made. A new one may be denied, or lack its marker."""
    marker = holder.account.marker if holder.account else None
    if marker is not None or operation.attempts >= SHOWS_WHOLE_BY_THEN:
        return marker != operation.marker
    if holder.account is None:
        return holder.kind != NOT_SHOWN
    made = holder.account.created_at
    return made is None or made < operation.created_at - CLOCKS


def read_back_created(work: Work) -> Outcome:
    return _read_back(work, enabled=not work.operation.request_as(CreateRequest).blocked)


def read_back_active(work: Work) -> Outcome:
    return _read_back(work, enabled=True)


def read_back_blocked(work: Work) -> Outcome:
    return _read_back(work, enabled=False)


def _read_back(work: Work, *, enabled: bool) -> Outcome:
    """Read the account again. Raises TryLater while the tenant does not show what we asked for."""
    remote = _with_licences(work, work.connector.find(work.remote_id))
    open_still = _sessions_are_open(work, remote)
    closed = _closed_by_itself(work, remote) if enabled else ""
    late = (remote.enabled is not enabled and not closed) or _licence_is_late(work, remote)
    if late or (open_still and not _long_revoked(work)):
        raise TryLater(NOT_YET)
    account = work.account
    remote = with_manager(work.connector, remote, account.manager_remote_id)
    if work.operation.verb == Verb.CREATE and not shows_manager(remote, account.manager_remote_id):
        raise TryLater(NOT_YET)
    note = _("Sessions were revoked; the account does not show when yet.") if open_still else closed
    return Outcome(after=shown(remote), save=lambda: remember_account(account, remote), note=note)


def _closed_by_itself(work: Work, remote: RemoteAccount) -> str:
    """That the application itself keeps the account blocked, as a sentence; empty when it does not, or may not.

    Raises Refused where opening it was all that was asked for.
    """
    if not remote.closed_by_itself or work.operation.attempts < CLOSED_AFTER:
        return ""
    name = SERVICES[work.operation.connection.service].name
    words = _("%(service)s itself has suspended this account, so nobody can sign in to it.", service=name)
    if work.operation.verb == Verb.CREATE:
        return words
    raise Refused(words, next_step=_("Ask your IT team why: only %(service)s can lift it.", service=name))


def _long_revoked(work: Work) -> bool:
    """The application has said that sessions are revoked; that the account shows it too is not waited for for long."""
    ended = Step.select().where(
        Step.operation == work.operation, Step.name == "revoke", Step.ended_at < now() - SHOWN_IN
    )
    return ended.exists()


def _assigned_licence(work: Work) -> str:
    """The licence that this create has given; empty when none."""
    licence_id = work.operation.request_as(CreateRequest).licence_id
    return licence_id if licence_id and _done.exists(operation=work.operation.id, name="licence") else ""


@kept
def _done(*, operation: Any, name: Any) -> Any:
    named = (Step.operation == operation) & (Step.name == name) & (Step.state == StepState.DONE)
    return Step.select(ONE).where(named).limit(1)


def _with_licences(work: Work, remote: RemoteAccount) -> RemoteAccount:
    """The account with its licences, where some were given or taken and they are asked for apart."""
    changed = [] if remote.licence_ids is not None else _changed_licences(work)
    return work.connector.with_licences(remote, changed) if changed else remote


def _changed_licences(work: Work) -> list[str]:
    """The licences that this operation has given or taken, or tried to."""
    operation = work.operation
    if operation.verb == Verb.CREATE:
        return [licence_id] if (licence_id := _assigned_licence(work)) else []
    if operation.verb == Verb.REACTIVATE:
        return list(operation.request_as(ReactivateRequest).give_back)
    if operation.verb == Verb.DEACTIVATE:
        return list(operation.request_as(DeactivateRequest).names)
    return list(operation.results.get("changed_licences", ()))


def _licence_is_late(work: Work, remote: RemoteAccount) -> bool:
    licence_id = _assigned_licence(work)
    return bool(licence_id) and licence_id not in (remote.licence_ids or ())


def _sessions_are_open(work: Work, remote: RemoteAccount) -> bool:
    """Whether sessions were to be revoked, and the account still shows the moment from before."""
    if work.operation.verb not in ENDS_SESSIONS:
        return False
    before, shown_now = work.operation.results.get("sessions_valid_from"), remote.sessions_valid_from
    if before is None or shown_now is None or shown_now.isoformat() != before:
        return False
    return shown_now < work.operation.created_at - CLOCKS


def check_account(work: Work) -> Outcome:
    """Look at the account before it is changed, and note its own licences where it shows them.

    Raises Protected when it is one that the portal leaves alone.
    """
    remote, found = look_at(work.connector, work.account)
    if found:
        raise Protected(why(found))
    return Outcome(before=shown(remote), remember=to_compare_with(remote))


def block_sign_in(work: Work) -> Outcome:
    work.connector.block(work.remote_id)
    return Outcome(after={N_("sign-in"): N_("blocked")})


def has_sessions(operation: Operation) -> bool:
    """Whether open sessions can be ended over this connection."""
    return ends_sessions(operation.connection)


def revoke_sessions(work: Work) -> Outcome:
    work.connector.revoke_sessions(work.remote_id)
    return Outcome(after={N_("open sessions"): N_("revoked")})


def unblock_sign_in(work: Work) -> Outcome:
    work.connector.unblock(work.remote_id)
    return Outcome(after={N_("sign-in"): N_("allowed")})


def set_password(work: Work) -> Outcome:
    work.connector.set_password(work.remote_id, vault.decrypt(work.operation.encrypted_password))
    return Outcome(after={N_("password"): _("temporary, to be changed at the next sign-in")})
