"""Licences that a deactivation, or leaving, took away, so that a reactivation can give them back."""

from peewee import fn

from portal.accounts.models import Account
from portal.connections.offer import names_of
from portal.operations.models import Operation, State
from portal.operations.requests import DeactivateRequest, Verb


def to_give_back(account: Account) -> dict[str, str]:
    """Licences that the last deactivation took and the account lacks: licence id -> name."""
    return names_of(account.connection, to_give_back_of([account])[account.id])


def to_give_back_of(accounts: list[Account]) -> dict[int, list[str]]:
    """For each of the accounts, by its number: the plan ids that its last deactivation took and that it lacks."""
    done = Operation.select(fn.MAX(Operation.id)).where(
        Operation.account.in_([account.id for account in accounts]),
        Operation.verb.in_((Verb.DEACTIVATE, Verb.FREE_LICENCES)),
        Operation.state == State.DONE,
    )
    last = Operation.select().where(Operation.id.in_(done.group_by(Operation.account)))
    taken = {operation.account_id: _taken(operation) for operation in last}
    return {
        account.id: [licence_id for licence_id in taken.get(account.id, []) if licence_id not in account.licence_ids]
        for account in accounts
    }


def _taken(operation: Operation) -> list[str]:
    """What it took, as far as is known: where each is taken for itself, some are gone although others were refused."""
    known = operation.request_as(DeactivateRequest).names if operation.verb == Verb.DEACTIVATE else {}
    taken: list[str] = operation.results.get("licences_taken", list(known))
    return taken
