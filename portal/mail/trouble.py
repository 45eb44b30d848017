"""What keeps the mail server from taking any mail of the portal's, so that mails wait and the Admins hear of it.

While there is trouble nothing is tried with the employees' mails. A conversation without a mail looks, every few
minutes, whether the server takes the portal again.
"""

from datetime import timedelta

from portal.database import BaseModel, UtcDateTimeField, now, transaction
from portal.languages.columns import SentenceField
from portal.logs import log
from portal.mail import sending
from portal.mail.problems import Kind, NotSent

LOOK_EVERY = timedelta(minutes=5)
ONLY = 1


class MailTrouble(BaseModel):
    """One row while there is trouble, and none otherwise. problem: why, as a sentence. look_at: when to look again."""

    problem = SentenceField()
    since = UtcDateTimeField(default=now)
    look_at = UtcDateTimeField()


def current() -> MailTrouble | None:
    return MailTrouble.get_or_none(MailTrouble.id == ONLY)


def note(problem: str) -> None:
    log.error("mail server refuses the portal", reason=problem)
    row = {"id": ONLY, "problem": problem, "since": now(), "look_at": now() + LOOK_EVERY}
    with transaction():
        kept = {MailTrouble.problem: problem, MailTrouble.look_at: row["look_at"]}
        MailTrouble.insert(row).on_conflict(conflict_target=[MailTrouble.id], update=kept).execute()


def clear() -> None:
    """The server accepts the portal again: mails that wait may go on."""
    if current() is not None:
        with transaction():
            MailTrouble.delete().where(MailTrouble.id == ONLY).execute()


def is_due() -> bool:
    """Whether it is time to ask the server again. True for one caller only, for a while."""
    moment = now()
    mine = MailTrouble.update(look_at=moment + LOOK_EVERY).where(MailTrouble.look_at <= moment)
    return current() is not None and bool(mine.execute())


def look_again() -> None:
    try:
        sending.probe()
    except NotSent as problem:
        if problem.kind == Kind.OURS:
            note(problem.message)
    else:
        clear()


def observe(problem: NotSent | None) -> None:
    """Draw the conclusion from a conversation that ended so; None when the mail was taken."""
    if problem is not None and problem.kind == Kind.OURS:
        note(problem.message)
    elif problem is None or problem.kind in (Kind.NEVER, Kind.UNKNOWN):
        clear()
