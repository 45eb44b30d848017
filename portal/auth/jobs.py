"""What the worker does for sign-ins. The link is made there, so that it never waits in the queue."""

from portal.auth import links
from portal.auth.models import User
from portal.worker import job, queue


@queue.task(retries=3, retry_delay=60, only_here=True)
@job
def send_password_reset(user_id: int) -> None:
    """user_id: 0 for an address nobody has. It is queued all the same, so that asking takes as long."""
    user = User.get_or_none(User.id == user_id)
    if user is not None:
        links.send_reset(user)
