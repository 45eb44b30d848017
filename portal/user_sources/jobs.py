"""What the worker does for users who come by groups: read the members each half hour."""

from huey import crontab

from portal.auth.models import Kind, UserSource
from portal.connections.models import Connection
from portal.user_sources import groups
from portal.user_sources.models import GroupLevel
from portal.worker import for_each, job, queue


@queue.periodic_task(crontab(minute="12,42"))
@job
def read_groups_of_users() -> None:
    chosen = GroupLevel.select(GroupLevel.organisation)
    given = UserSource.select(UserSource.organisation).where(UserSource.kind == Kind.GROUP)
    concerned = Connection.organisation.in_(chosen) | Connection.organisation.in_(given)
    for_each(Connection.select().where(concerned, Connection.disconnected_at.is_null()), groups.read)
