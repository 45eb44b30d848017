"""What the worker does for login information."""

from huey import crontab

from portal.hand_over import delivery, moments, pausing
from portal.worker import job, queue


@queue.periodic_task(crontab(minute="*"))
@job
def send_what_is_due() -> None:
    """Have the mails that are due sent, and forget the passwords whose time is over."""
    moments.follow_start()
    delivery.look_at_server()
    delivery.wake()
    delivery.wipe_secrets()
    pausing.wipe_secrets()
