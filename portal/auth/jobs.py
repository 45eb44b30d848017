"""What the worker does for sign-ins. The link is made there, so that it never waits in the queue."""

from huey import crontab

from portal.auth import links, sweeping
from portal.auth.models import User
from portal.logs import log
from portal.mail import Kind, NotSent, lane
from portal.worker import job, queue

TRIES, AGAIN_AFTER = 4, 60


@queue.task(only_here=True)
@job
def send_password_reset(user_id: int, tries: int = TRIES) -> None:
    """user_id: 0 for an address without a user. It is queued anyway, so that asking takes as long.

    A thread for mails sends it, and no thread of the worker waits, so many requests from one person delay nobody else.
    """
    user = User.get_or_none(User.id == user_id)
    if user is not None and lane.OTHER.start(lambda: _send(user, tries)) is None:
        _later(user, tries)


def _send(user: User, tries: int) -> None:
    try:
        links.send_reset(user)
    except NotSent as problem:
        log.warning("password reset not sent", user=user.id, reason=str(problem))
        # One that may have been sent is not sent again, nor one that is refused for good.
        if problem.kind == Kind.LATER:
            _later(user, tries)


def _later(user: User, tries: int) -> None:
    if tries > 1:
        send_password_reset.schedule((user.id, tries - 1), delay=AGAIN_AFTER)


@queue.periodic_task(crontab(minute="*/10"))
@job
def sweep_sign_ins() -> None:
    sweeping.sweep()
