"""What the worker does for notifications: digests in the morning, what is urgent at once, and looking out for it."""

from huey import crontab

from portal.database import now, transaction
from portal.mail import lane
from portal.notifications import sending, watching
from portal.notifications.models import KEPT, TRIED_FOR, Told, UrgentMail
from portal.organisations.models import Organisation
from portal.worker import for_each, job, queue


@queue.periodic_task(crontab(minute="*"))
@job
def send_urgent() -> None:
    if UrgentMail.select().where(UrgentMail.not_before <= now()).exists():
        lane.OTHER.start(sending.send_urgent)


@queue.periodic_task(crontab(minute="*/5"))
@job
def send_digests() -> None:
    sending.send_digests()


@queue.periodic_task(crontab(minute="11"))
@job
def watch() -> None:
    """Every hour; what was told long ago is forgotten."""
    for_each(Organisation.select(), watching.watch)
    with transaction():
        Told.delete().where(Told.at < now() - KEPT).execute()
        UrgentMail.delete().where(UrgentMail.made_at < now() - 2 * TRIED_FOR).execute()
