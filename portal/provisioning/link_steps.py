"""The steps that link an account which is in the tenant already, restore a deleted one, and take a link away."""

from portal.accounts.known import remember_account, shown
from portal.accounts.models import Account
from portal.connectors.errors import ConnectorError, NotFound, Protected, Refused, TryLater
from portal.connectors.values import RemoteAccount
from portal.database import now
from portal.hand_over.steps import withdraw_mails
from portal.languages import N_, joined
from portal.languages import gettext as _
from portal.operations.models import Operation
from portal.operations.requests import CreateRequest, LinkRequest, RestoreRequest, Verb
from portal.operations.work import Outcome, Work
from portal.provisioning.steps import JUST_MADE
from portal.theirs import looking
from portal.theirs.rules import NEVER_LINKED, why


def look_first(work: Work) -> Outcome:
    """Check whether the employee has an account already, if no answer came before. Raises Refused when one may be.

    Until the application answers, nothing is created.
    """
    operation = work.operation
    try:
        found = looking.look(operation.employee, operation.connection, work.connector)
    except ConnectorError as error:
        error.message = _(
            "We couldn’t check whether %(name)s already has an account. %(message)s",
            name=operation.employee.name,
            message=error.message,
        )
        raise
    if found.candidates:
        names = joined(*(one.told for one in found.candidates), by=", ")
        raise Refused(
            _(
                "%(name)s may have an account already: %(names)s. Nothing was created.",
                name=operation.employee.name,
                names=names,
            ),
            next_step=_("Link that account, or open the form again and choose to create another one."),
        )
    return Outcome(note=found.unchecked)


def restore_account(work: Work) -> Outcome:
    """Take the account back that was deleted; one that is back already is left as it is."""
    asked = work.operation.request_as(RestoreRequest)
    try:
        remote = work.connector.restore(asked.remote_id, username=asked.username or None)
    except NotFound:
        # An earlier try may have restored it moments ago.
        remote = work.connector.find(asked.remote_id, just_created=work.interrupted)
    return Outcome(before={N_("account"): N_("deleted")}, after=shown(remote))


def link_account(work: Work) -> Outcome:
    """Take an account that is already in the tenant for the employee's own."""
    asked = work.operation.request_as(LinkRequest)
    if work.operation.verb in (Verb.RESTORE, Verb.UNDO_LEAVE):
        work.connector.expect(asked.remote_id)
    remote = _found_again(work, asked) if asked.marker else work.connector.find(asked.remote_id)
    found = work.connector.protections(remote.id) | remote.protections
    if found & NEVER_LINKED:
        raise Protected(why(found & NEVER_LINKED))
    account = Account(
        organisation=work.operation.organisation_id,
        employee=work.operation.employee,
        connection=work.operation.connection,
        remote_id=remote.id,
        protections=sorted(found),
        created_by_portal=bool(asked.marker),
        enabled=bool(remote.enabled),
        waits_for_start=bool(asked.marker) and _made_blocked(asked.marker) and not remote.enabled,
        fields_at=None if asked.send_record else work.operation.created_at,
    )

    def save() -> None:
        _forget_earlier_links(account)
        remember_account(account, remote)
        work.operation.account = account

    return Outcome(after=shown(remote), remember={"remote_id": remote.id}, save=save)


def _made_blocked(marker: str) -> bool:
    """Whether the create that left this marker made its account ahead of the first day."""
    creates = Operation.select().where(Operation.marker == marker, Operation.verb == Verb.CREATE)
    return any(create.request_as(CreateRequest).blocked for create in creates)


def _forget_earlier_links(account: Account) -> None:
    """An earlier link that ended when the account was deleted must not come back beside the new one."""
    Account.update(detached_by="unlink").where(
        Account.connection == account.connection_id,
        Account.remote_id == account.remote_id,
        Account.detached_by == "deleted",
    ).execute()


def _found_again(work: Work, asked: LinkRequest) -> RemoteAccount:
    """The account of a create that was cut off by a disconnect. Raises NotFound when it was never made."""
    found = work.connector.find_made(asked.username, asked.marker)
    if found is None and _may_show_yet(asked.marker):
        raise TryLater(_("The account that may have been made before the disconnect does not show yet."))
    if found is None:
        raise NotFound(
            _("The application was disconnected before the account was created."),
            next_step=_("Create it from the employee’s page."),
        )
    return found


def _may_show_yet(marker: str) -> bool:
    """Whether the create that left this marker was cut off so lately that its account need not show."""
    lately = (Operation.verb == Verb.CREATE) & (Operation.finished_at > now() - JUST_MADE)
    return Operation.select().where(Operation.marker == marker, lately).exists()


def unlink_account(work: Work) -> Outcome:
    """Take the link away and leave the account alone: no remote call."""
    account = work.account

    def save() -> None:
        withdraw_mails(account)
        Account.update(detached_at=now(), detached_by="unlink").where(Account.id == account.id).execute()

    return Outcome(before={N_("linked to"): account.username}, after={N_("linked to"): N_("nothing")}, save=save)
