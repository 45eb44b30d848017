"""What the worker does for SCIM: go on with what was approved, or failed, and forget who was deleted long ago."""

from datetime import timedelta

from huey import crontab

from portal.database import now
from portal.scim import actions
from portal.scim.models import ScimClient, ScimPerson
from portal.worker import for_each, job, queue

AT_ONCE = 200
FORGOTTEN_AFTER = timedelta(days=30)


@queue.periodic_task(crontab())
@job
def carry_on_with_scim() -> None:
    todo = ScimPerson.select(ScimPerson.client).where(ScimPerson.waits, ~ScimPerson.held).distinct()
    live = ScimClient.live_at.is_null(False) & ScimClient.paused_at.is_null()
    for_each(
        ScimClient.select().where(ScimClient.id.in_(todo), live),
        lambda client: actions.carry_on(client, most=AT_ONCE),
    )


@queue.periodic_task(crontab(minute="23", hour="4"))
@job
def forget_deleted_people() -> None:
    gone = (ScimPerson.deleted_at < now() - FORGOTTEN_AFTER) & ~ScimPerson.waits
    ScimPerson.delete().where(gone).execute()
