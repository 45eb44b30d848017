"""What an Admin decides about a client: its settings, applying what waits, and removing it."""

from datetime import datetime
from typing import Any

from portal import audit
from portal.api_tokens.models import ApiToken
from portal.auth import proof
from portal.auth.models import User
from portal.database import now
from portal.languages import gettext as _
from portal.organisations.models import Organisation
from portal.problems import Problem
from portal.scim import reading, working
from portal.scim.models import Key, Leavers, ScimClient, ScimPerson

# How many are applied at once; the worker goes on with the rest.
AT_ONCE = 100


class Paused(Problem):
    message = _("An Admin of the organisation has paused what this system pushes.")
    status = 403
    title = _("Paused")
    next_step = _("An Admin resumes it under Settings > Integrations.")


class StillUsed(Problem):
    message = _("The token of this client still works.")
    next_step = _("Revoke the token first. Then the client can no longer push, and you can remove it.")


def client_of(token: ApiToken, *, begin: bool) -> ScimClient:
    """The client that comes with this token. begin: its first call is written down, and the portal begins to listen."""
    found = ScimClient.get_or_none(ScimClient.token == token)
    if found is None and begin:
        with audit.turn(token.organisation_id):
            found = ScimClient.get_or_none(ScimClient.token == token)
            if found is None:
                found = ScimClient.create(organisation=token.organisation_id, token=token)
                audit.record(found.actor, "begin to push employees", token)
    found = found or ScimClient(id=0, organisation=token.organisation, token=token)
    found.organisation, found.token = token.organisation, token
    return found


def clients_of(organisation: Organisation) -> list[ScimClient]:
    """Those that have called, the latest last."""
    query = ScimClient.select(ScimClient, ApiToken).join(ApiToken).where(ScimClient.organisation == organisation)
    found = list(query.order_by(ScimClient.id))
    for client in found:
        client.organisation = organisation
    return found


def set_up(client: ScimClient, *, key: Key, leavers: Leavers, by: User) -> None:
    """Choose which attribute is the employee number, and whether leavers wait for a person."""
    with audit.turn(client.organisation_id):
        proof.hold_actor(by)
        before = {"key": client.key, "leavers": client.leavers}
        after = {"key": str(key), "leavers": str(leavers)}
        if before == after:
            return
        ScimClient.update(after).where(ScimClient.id == client.id).execute()
        if before["key"] != after["key"]:
            for person in ScimPerson.select().where(ScimPerson.client == client).iterator():
                number = reading.number_of(person.resource, key)
                ScimPerson.update(number=number, waits=True).where(ScimPerson.id == person.id).execute()
        audit.record(by, "change SCIM client", client.token, before=before, after=after)


def apply(client: ScimClient, until: datetime, *, by: User) -> int:
    """Apply what was received until then, whatever the brake says; from now on what comes is applied below it.

    Returns how many wait for the worker.
    """
    with audit.turn(client.organisation_id):
        proof.hold_actor(by)
        meant = working.waiting(client).where(ScimPerson.received_at <= until)
        approved: dict[Any, Any] = {ScimClient.approved_until: until}
        if client.live_at is None:
            approved[ScimClient.live_at] = now()
        ScimClient.update(approved).where(ScimClient.id == client.id).execute()
        ScimPerson.update(held=False).where(ScimPerson.id.in_([one.id for one in meant])).execute()
        audit.record(by, "apply what a SCIM client says", client.token, people=meant.count())
    return carry_on(ScimClient.get_by_id(client.id), most=AT_ONCE)


def pause(client: ScimClient, *, paused: bool, by: User) -> None:
    """Answer the client with a refusal, until an Admin resumes it."""
    with audit.turn(client.organisation_id):
        proof.hold_actor(by)
        after = {"paused_at": now(), "paused_by_name": by.display_name} if paused else {"paused_at": None}
        mine = (ScimClient.id == client.id) & ScimClient.paused_at.is_null(paused)
        if ScimClient.update(after).where(mine).execute():
            audit.record(by, "pause SCIM client" if paused else "resume SCIM client", client.token)


def carry_on(client: ScimClient, *, most: int) -> int:
    """Make something of those who wait and are not stopped by the brake; how many are left."""
    if client.live_at is None:
        return 0
    todo = working.waiting(client).where(~ScimPerson.held)
    working.carry_out(client, list(todo.limit(most)))
    return int(working.waiting(client).where(~ScimPerson.held).count())


def remove(client: ScimClient, *, by: User) -> None:
    """Forget the client and what it said. The employees stay as they are. Raises StillUsed."""
    with audit.turn(client.organisation_id):
        proof.hold_actor(by)
        if ApiToken.get_by_id(client.token_id).state == "Active":
            raise StillUsed()
        audit.record(by, "remove SCIM client", client.token)
        ScimClient.delete().where(ScimClient.id == client.id).execute()
