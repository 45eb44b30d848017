"""What the portal makes of what a client said: listen first, then compare, brake and apply, each person alone."""

from collections import Counter
from datetime import timedelta
from typing import Any

from portal import audit
from portal.api_tokens import checking
from portal.api_tokens.scopes import Scope
from portal.database import now
from portal.incoming import applying, brake
from portal.incoming.applying import Source
from portal.incoming.brake import Limits
from portal.incoming.differences import Difference, Kind, compare
from portal.languages import gettext as _
from portal.languages import stored
from portal.logs import log
from portal.organisations.models import Organisation
from portal.scim import reading
from portal.scim.models import Leavers, ScimClient, ScimPerson

WITHIN = timedelta(hours=24)
NEEDS_SCOPE = _("The token lacks the scope employees:private, so this stays as it is.")


def is_of_another(person: ScimPerson, client: ScimClient) -> bool:
    """Whether another client of the organisation describes the same employee."""
    theirs = (ScimPerson.organisation == client.organisation_id) & (ScimPerson.client != client)
    same = ScimPerson.number == person.number if person.number else ScimPerson.id == 0
    if person.employee_id is not None:
        same |= ScimPerson.employee == person.employee_id
    return bool(ScimPerson.select().where(theirs, same, ScimPerson.deleted_at.is_null()).exists())


def forget_deleted(person: ScimPerson) -> None:
    """A person who comes back replaces the row that the client had deleted."""
    gone = (ScimPerson.client == person.client_id) & ScimPerson.deleted_at.is_null(False)
    ScimPerson.delete().where(gone, ScimPerson.number == person.number, ScimPerson.number != "").execute()


def received(person: ScimPerson, client: ScimClient) -> None:
    """Make something of what has just come, unless the portal only listens. What fails is tried again by the worker."""
    if client.live_at is None:
        return
    try:
        carry_out(client, [person])
    except Exception:
        log.exception("SCIM person not applied", client=client.id, person=person.id)


def waiting(client: ScimClient) -> Any:
    """A select of the people of whom nothing was made yet."""
    return ScimPerson.select().where(ScimPerson.client == client, ScimPerson.waits).order_by(ScimPerson.id)


def differences(client: ScimClient, people: list[ScimPerson]) -> list[Difference]:
    """How what the client says of these people differs from the records."""
    private = checking.has(client.token, Scope.EMPLOYEES_PRIVATE)
    found = compare(client.organisation, [reading.said_by(one, client, private=private) for one in people])
    for person, difference in zip(people, found, strict=True):
        for name in reading.PRIVATE & set(reading.values_of(person.resource)) if not private else ():
            difference.notes.setdefault(name, NEEDS_SCOPE)
    return found


def carry_out(client: ScimClient, people: list[ScimPerson]) -> None:
    """Apply what these people differ by, below the brake or as an Admin approved it; then those who named them."""
    for person in people:
        if _one(client, person.id):
            _set_for_reports(client, person.id)


def _one(client: ScimClient, person_id: int) -> bool:
    """Whether something was made of the person that was not known before."""
    with audit.turn(client.organisation_id):
        person = ScimPerson.get_by_id(person_id)
        client.organisation = Organisation.get_by_id(client.organisation_id)
        difference = differences(client, [person])[0]
        approved = client.approved_until is not None and person.received_at <= client.approved_until
        if difference.matters and not approved and _reasons(client, difference):
            ScimPerson.update(held=True).where(ScimPerson.id == person.id).execute()
            return False
        source = Source(client.actor, leaves_at_once=client.leavers == Leavers.AT_ONCE)
        employee = applying.apply(client.organisation, difference, source)
        notes = {name: stored(note) for name, note in difference.notes.items()}
        changes: dict[Any, Any] = {
            ScimPerson.waits: False,
            ScimPerson.held: False,
            ScimPerson.notes: notes,
            ScimPerson.employee: employee.id if employee is not None else None,
        }
        if difference.matters:
            changes |= {ScimPerson.applied_at: now()}
            changes |= {ScimPerson.kinds: "" if approved else ",".join(sorted(difference.kinds))}
        ScimPerson.update(changes).where(ScimPerson.id == person.id).execute()
    return employee is not None and person.employee_id is None


def _set_for_reports(client: ScimClient, person_id: int) -> None:
    """Those who named this person as their manager before they were known get them now."""
    person = ScimPerson.get_by_id(person_id)
    names = [name for name in (person.resource_id, person.external_id, person.number) if name]
    theirs = (ScimPerson.client == client) & ScimPerson.manager_said.in_(names) & ~ScimPerson.waits
    for report in list(ScimPerson.select().where(theirs, ScimPerson.deleted_at.is_null())):
        _one(client, report.id)


def _reasons(client: ScimClient, difference: Difference) -> list[str]:
    return brake.reasons(Counter(difference.kinds), Limits.of(client.organisation), applied_lately(client))


def applied_lately(client: ScimClient) -> Counter[Kind]:
    """How many people were added, changed and left within 24 hours without an Admin's look."""
    mine = (ScimPerson.client == client) & (ScimPerson.applied_at > now() - WITHIN) & (ScimPerson.kinds != "")
    rows = ScimPerson.select(ScimPerson.kinds).where(mine).tuples()
    return Counter(Kind(kind) for (kinds,) in rows for kind in kinds.split(","))
