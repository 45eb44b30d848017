"""How each step of another username is done."""

from portal.accounts.known import remember_account, shown
from portal.connectors.errors import TryLater
from portal.languages import N_
from portal.notices.models import Kind, Notice
from portal.operations.models import Step
from portal.operations.requests import RenameRequest
from portal.operations.work import Outcome, Work
from portal.provisioning.steps import NOT_YET

# Tries after which the old address is reported as not shown; it may come later.
SHOWN_BY_THEN = 4
KEPT = N_("kept as a second address")


def change_username(work: Work) -> Outcome:
    """The same once more does no harm, so one that may have worked is simply repeated."""
    asked = work.operation.request_as(RenameRequest)
    work.connector.rename(work.remote_id, asked.username, asked.names)
    return Outcome(before={N_("username"): asked.old}, after={N_("username"): asked.username, **asked.names})


def read_back(work: Work) -> Outcome:
    """Read the account again. Raises TryLater while it does not show the new username."""
    remote, account = work.connector.find(work.remote_id), work.account
    if remote.username.casefold() != work.operation.request_as(RenameRequest).username.casefold():
        raise TryLater(NOT_YET)
    return Outcome(after=shown(remote), save=lambda: remember_account(account, remote))


def read_addresses(work: Work) -> Outcome:
    """What became of the old username. Raises TryLater while it may still come to be a second address."""
    old, remote = work.operation.request_as(RenameRequest).old, work.connector.find(work.remote_id)
    if not remote.email:
        return Outcome(after={N_("old username"): N_("no address: there is no mailbox")})
    # Where the old one is still what mail goes out from, it is among them too.
    kept = old.casefold() in {address.casefold() for address in (*remote.aliases, remote.email)}
    if not kept and work.operation.attempts < SHOWN_BY_THEN:
        raise TryLater(NOT_YET)
    account = work.account
    after = {
        N_("old username"): KEPT if kept else N_("not shown as an address yet"),
        N_("mail goes out as"): remote.email,
    }
    return Outcome(after=after, remember={"kept": kept}, save=lambda: remember_account(account, remote))


def tell(work: Work) -> Outcome:
    """Put the email to the private address in line: the old mailbox may be out of reach with the old name."""
    operation = work.operation
    asked = operation.request_as(RenameRequest)
    details = {
        "service": operation.connection.service, "old": asked.old, "username": asked.username,
        "alias": bool(operation.results.get("kept")),
    }  # fmt: skip

    def save() -> None:
        Notice.create(
            organisation=operation.organisation_id, employee=operation.employee_id, operation=operation,
            kind=Kind.RENAMED, recipient=asked.recipient, details=details,
        )  # fmt: skip

    return Outcome(after={N_("email"): asked.recipient}, save=save)


def kept_words(operation_id: int) -> str:
    """What the read-back said of the old username; empty where it has none."""
    step = Step.get_or_none(Step.operation == operation_id, Step.name == "addresses")
    return (step.after or {}).get("old username", "") if step else ""
