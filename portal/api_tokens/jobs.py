"""What the worker does for tokens: tell the Admins before one ends."""

from huey import crontab

from portal.api_tokens import telling
from portal.worker import job, queue


@queue.periodic_task(crontab(minute="41"))
@job
def tell_of_tokens() -> None:
    telling.tell_all()
