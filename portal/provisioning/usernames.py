"""Whether a username is free in the tenant, who holds it if not, and which one to suggest instead."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

from portal.accounts import naming
from portal.accounts.letters import in_letters_of_an_address
from portal.accounts.models import Account
from portal.accounts.naming import candidates, naming_of
from portal.asking import kept
from portal.connections.models import Connection
from portal.connectors import SERVICES
from portal.connectors.base import Connector
from portal.connectors.values import Holder
from portal.languages import N_, joined
from portal.languages import gettext as _
from portal.operations.models import OPEN, Operation
from portal.people.models import Employee
from portal.selecting import ONE
from portal.theirs import looking
from portal.theirs.rules import LinkOffer

__all__ = ["Advice", "Suggestion", "advise", "candidates", "is_reserved", "reserved", "suggest"]
# Most names are free at the first try; when one is not, so many more are asked about in one go.
AT_ONCE = 8


@dataclass(frozen=True)
class Suggestion:
    """A free local part; empty when all are taken. sentence: who has the one that comes before it."""

    local_part: str
    sentence: str = ""


def suggest(employee: Employee, connection: Connection, connector: Connector, domain: str) -> Suggestion:
    """The first candidate that is free, here and in the tenant, and who holds the one that would be more natural.

    Raises ConnectorError when the tenant cannot be asked.
    """
    return _first_free(candidates(employee, naming_of(connection)), employee, connection, connector, domain)


def _first_free(
    local_parts: Iterable[str], employee: Employee, connection: Connection, connector: Connector, domain: str
) -> Suggestion:
    sentence = ""
    for some in _in_portions(local_parts):
        holders = connector.holders_of([f"{local_part}@{domain}" for local_part in some])
        for local_part in some:
            username = f"{local_part}@{domain}"
            found = holders[username]
            if not found and not is_reserved(username, connection):
                return Suggestion(local_part, sentence)
            sentence = sentence or who_holds(username, found, connection, employee)
    return Suggestion("", sentence)


def _in_portions(local_parts: Iterable[str]) -> Iterator[list[str]]:
    """One alone, then several at a time."""
    rest = iter(local_parts)
    yield from ([first] for first in islice(rest, 1))
    while some := list(islice(rest, AT_ONCE)):
        yield some


@dataclass(frozen=True)
class Advice:
    """The advice about a username while it is typed.

    next_free: a local part to take instead. deleted: deleted accounts, still kept, that had this name.
    """

    free: bool
    sentence: str
    next_free: str = ""
    deleted: tuple[LinkOffer, ...] = ()


def advise(
    employee: Employee, connection: Connection, connector: Connector, local_part: str, domain: str, *, own: str = ""
) -> Advice:
    """Whether the username is acceptable and free; who holds it if not, and the next that is free.

    own: the id of the account that is to have it, whose other addresses are no obstacle. Raises ConnectorError when
    the tenant cannot be asked.
    """
    if domain not in connection.domains:
        return Advice(False, _("Choose one of your organisation’s domains."))
    problem = SERVICES[connection.service].local_part_problem(local_part)
    if problem:
        return Advice(False, problem, _mended(employee, connection, connector, local_part, domain))
    username = f"{local_part}@{domain}"
    holders = [holder for holder in connector.holders(username) if not _is_alias_of(holder, own)]
    if not holders and not is_reserved(username, connection):
        return Advice(True, _("%(username)s is free.", username=username))
    next_free = suggest(employee, connection, connector, domain).local_part
    deleted = looking.judged(
        employee, connection, (one.account for one in _restorable(holders, connection) if one.account)
    )
    free = tuple(candidate for candidate in deleted if not candidate.holder and not candidate.number_of)
    return Advice(False, who_holds(username, holders, connection, employee), next_free, free)


def _restorable(holders: list[Holder], connection: Connection) -> list[Holder]:
    """Deleted accounts that can be taken back: where only under their old name, while nobody else has that."""
    deleted = [holder for holder in holders if holder.kind == "deleted"]
    taken = any(holder.kind in ("account", "alias", "group") for holder in holders)
    return [] if taken and not SERVICES[connection.service].capabilities.restores_renamed else deleted


def _is_alias_of(holder: Holder, own: str) -> bool:
    return bool(own) and holder.kind == "alias" and holder.account is not None and holder.account.id == own


def _mended(employee: Employee, connection: Connection, connector: Connector, typed: str, domain: str) -> str:
    """What was typed, made acceptable and free; by the organisation's pattern when nothing of it is left."""
    chosen = naming_of(connection)
    written = in_letters_of_an_address(typed, chosen.letters, chosen.cyrillic).lower()
    base = chosen.rules.fitted(re.sub(r"\.{2,}", ".", written))
    tried = chain([base], naming.numbered(base, chosen.rules)) if base else candidates(employee, chosen)
    return _first_free(tried, employee, connection, connector, domain).local_part


HELD = {
    "account": N_("%(username)s is the account of %(name)s."),
    "alias": N_("%(username)s is a second address of %(name)s (%(holder)s)."),
    "group": N_("%(username)s is the address of the group %(name)s."),
    "elsewhere": N_("%(username)s is somebody’s personal account, outside your company."),
    "deleted": N_(
        "%(username)s belonged to %(name)s, whose account is in the %(bin)s. Is this a rehire? Then restore it."
    ),
}
OF_ANOTHER = N_(
    "%(username)s belonged to %(name)s, whose account is in the %(bin)s. It has the employee number of %(number_of)s."
)


def who_holds(username: str, holders: list[Holder], connection: Connection, employee: Employee) -> str:
    """Who has the address in the tenant, and which employee that is here. employee: for whom it is asked."""
    if not holders:
        return _("%(username)s is being given to somebody else.", username=username)
    first = holders[0]
    words = HELD.get(first.kind, N_("%(username)s is taken by %(name)s."))
    judged = looking.judged(employee, connection, [first.account]) if first.kind == "deleted" and first.account else []
    number_of = judged[0].number_of if judged else ""
    words = _(
        OF_ANOTHER if number_of else words, username=username, name=first.name,
        holder=first.account.username if first.account else "",
        bin=SERVICES[connection.service].words.deleted, number_of=number_of,
    )  # fmt: skip
    linked = _employee_of(first, connection)
    return (
        joined(words, _("It is linked to %(name)s (%(number)s).", name=linked.name, number=linked.employee_number))
        if linked
        else words
    )


def _employee_of(holder: Holder, connection: Connection) -> Employee | None:
    if holder.account is None:
        return None
    linked = Account.select(Account, Employee).join(Employee).where(
        Account.connection == connection, Account.remote_id == holder.account.id, Account.detached_at.is_null()
    )  # fmt: skip
    account = linked.first()
    return account.employee if account else None


def lost_by(username: str, connection: Connection, connector: Connector) -> str:
    """Whose deleted account can never be restored once its name is given away, as a sentence; empty when nobody's.

    Raises ConnectorError.
    """
    service = SERVICES[connection.service]
    if not service.capabilities.frees_deleted_names:
        return ""
    deleted = _restorable(connector.holders(username), connection)
    if not deleted:
        return ""
    return _(
        "%(username)s belonged to %(deleted)s, whose account was deleted and can be restored for "
        "%(kept_deleted)s after that. Once a new account has this name, it never can.",
        username=username,
        deleted=deleted[0].name,
        kept_deleted=service.words.kept_deleted,
    )


def is_reserved(username: str, connection: Connection, *, but_for: Employee | None = None) -> bool:
    """True when an account, or an operation that is under way, has the name. but_for: an employee to ignore."""
    named = {"username": username, "connection": connection.id}
    # No employee has the number 0.
    return _accounts.exists(**named) or _operations.exists(**named, but_for=but_for.id if but_for else 0)


@kept
def _accounts(*, username: Any, connection: Any) -> Any:
    mine = (Account.connection == connection) & (Account.username == username) & Account.detached_at.is_null()
    return Account.select(ONE).where(mine).limit(1)


@kept
def _operations(*, username: Any, connection: Any, but_for: Any) -> Any:
    named = (Operation.username == username) & (Operation.employee != but_for)
    return _under_way(connection, ONE).where(named).limit(1)


def _under_way(connection: Any, column: Any = Operation.username) -> Any:
    return Operation.select(column).where(Operation.connection == connection, Operation.state.in_(OPEN))


def reserved(connection: Connection) -> set[str]:
    """The names that operations under way are giving away."""
    return {operation.username for operation in _under_way(connection).where(Operation.username != "")}
