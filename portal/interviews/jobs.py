"""What the worker does for interviews."""

from huey import crontab

from portal.interviews import following, happenings, letters
from portal.mail.lane import Lane
from portal.worker import job, queue

# An application that does not answer takes half a minute for each calendar: the worker is kept from nothing else.
LANE = Lane("calendars", 1)


@queue.periodic_task(crontab(minute="*"))
@job
def send_invitations() -> None:
    letters.sweep()


@queue.periodic_task(crontab(minute="*/5"))
@job
def forget_interviews_of_erased() -> None:
    happenings.forget_erased()


@queue.periodic_task(crontab(minute="*/3"))
@job
def follow_interviews() -> None:
    LANE.start(job(following.sweep))
