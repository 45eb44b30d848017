"""Restoring a deleted account, and the question before: whose it was, and under which username it comes back."""

from dataclasses import dataclass

from portal.accounts.place import Place
from portal.auth.models import User
from portal.connections.models import Connection
from portal.connectors import SERVICES, for_connection
from portal.languages import gettext as _
from portal.languages import joined
from portal.operations.models import Operation
from portal.operations.requests import RestoreRequest
from portal.people.models import Employee
from portal.provisioning import actions, usernames
from portal.theirs import looking
from portal.theirs.rules import LinkOffer


@dataclass(frozen=True)
class Question:
    """What is asked about one deleted account.

    taken: why it cannot have its username back, as a sentence; empty when it can. suggestion: a local part to have
    instead, at domain.
    """

    place: Place
    candidate: LinkOffer
    taken: str = ""
    suggestion: str = ""
    domain: str = ""


def question(place: Place, remote_id: str) -> Question:
    """Raises NothingToDo when there is nothing to restore, and a ConnectorError."""
    employee, connection = place.employee, place.connection
    check_restores(connection)
    if place.account is not None:
        raise actions.NothingToDo(_("%(name)s already has an account: nothing was restored.", name=employee.name))
    actions.check_choice(connection, remote_id)
    words = SERVICES[connection.service].words
    candidate = looking.deleted_candidate(employee, connection, remote_id)
    if candidate is None:
        raise actions.NothingToDo(
            _(
                "That account is no longer in the %(deleted)s. If it is back and is %(name)s’s, link it.",
                deleted=words.deleted,
                name=employee.name,
            )
        )
    connector, username = for_connection(connection), candidate.remote.username
    domain = username.rpartition("@")[2]
    taken = _why_taken(username, employee, connection, domain)
    if not taken:
        return Question(place, candidate)
    if not SERVICES[connection.service].capabilities.restores_renamed:
        raise actions.NothingToDo(
            joined(
                taken,
                _("%(service)s restores an account only under its own name.", service=connection.service_name),
            )
        )
    domain = domain if domain in connection.domains else next(iter(connection.domains), "")
    suggestion = usernames.suggest(employee, connection, connector, domain).local_part
    return Question(place, candidate, taken, suggestion, domain)


def _why_taken(username: str, employee: Employee, connection: Connection, domain: str) -> str:
    if domain.casefold() not in (name.casefold() for name in connection.domains):
        return _("%(domain)s is no longer one of your organisation’s domains.", domain=domain)
    holders = [holder for holder in for_connection(connection).holders(username) if holder.kind != "deleted"]
    if not holders and not usernames.is_reserved(username, connection):
        return ""
    return usernames.who_holds(username, holders, connection, employee)


def name_for(question: Question, typed: str, domain: str) -> tuple[str, str]:
    """The new username that was typed, and what is wrong with it, if so. Raises ConnectorError."""
    local_part, at, own_domain = typed.rpartition("@") if "@" in typed else (typed, "", "")
    domain = own_domain.casefold() if at else domain
    if not local_part:
        return "", _("Enter the username for the account.")
    connection = question.place.connection
    advice = usernames.advise(question.place.employee, connection, for_connection(connection), local_part, domain)
    return f"{local_part}@{domain}", "" if advice.free else advice.sentence


def check_restores(connection: Connection) -> None:
    """Raises NothingToDo where an account that was deleted is gone for good."""
    if not SERVICES[connection.service].capabilities.restores:
        raise actions.NothingToDo(
            _("%(service)s keeps no deleted accounts, so none can be restored.", service=connection.service_name)
        )


def restore_account(place: Place, remote_id: str, *, username: str = "", by: User) -> Operation:
    """Take back the employee's earlier account, which was deleted, and link it.

    username: the one it is to have, where its own has been taken since. Raises as `link_account` does; NameTaken.
    """
    check_restores(place.connection)
    if place.account is not None:
        raise actions.NothingToDo(_("%(name)s already has an account: nothing was restored.", name=place.employee.name))
    actions.check_choice(place.connection, remote_id)
    asked = RestoreRequest(remote_id=remote_id, manager=actions.manager_has_one(place), username=username)
    return actions.start(place, asked, by=by)
