"""What was refused again and again: one line in the audit log at once, and one more for the rest of the hour.

Lines of the audit log are never deleted, so no user may add as many as they like: not with an access level too low,
and not with another person's address on the sign-in page.
"""

from datetime import datetime, timedelta
from typing import Any

from peewee import CharField, ForeignKeyField, IntegerField, OperationalError

from portal import audit
from portal.auth.models import User
from portal.database import BaseModel, UtcDateTimeField, lock_row, now, transaction
from portal.logs import log
from portal.organisations.models import Organisation

HOUR = timedelta(hours=1)
# Beyond this many kinds of refusals of one user within an hour, all others count as one kind.
MOST_KINDS = 20
OTHERS = "others"


class Refusal(BaseModel):
    """How often something was refused to, or about, a user within an hour. Gone when the hour is in the audit log.

    action: as in the audit log. what: the pattern of the address, or the reason.
    """

    user = ForeignKeyField(User, on_delete="CASCADE")
    action = CharField(max_length=60)
    what = CharField(max_length=200)
    hour = UtcDateTimeField()
    count = IntegerField(default=1)

    class Meta:
        indexes = ((("user", "hour", "action", "what"), True), (("hour",), False))


def note(user: User, action: str, what: str, *, by: Any, **detail: Any) -> None:
    """Count a refusal; the first of its kind within the hour is a line of the audit log, with the detail."""
    hour = _begin_of_hour()
    try:
        if not _count(user, action, what, hour):
            _first(user, action, what, hour, by=by, **detail)
    except OperationalError as error:
        # A refusal holds, whether it can be counted or not.
        log.warning("refusal not counted", user=user.id, action=action, reason=str(error))


def _begin_of_hour() -> datetime:
    return now().replace(minute=0, second=0, microsecond=0)


def _count(user: User, action: str, what: str, hour: datetime) -> bool:
    mine = (Refusal.user == user.id) & (Refusal.hour == hour) & (Refusal.action == action) & (Refusal.what == what)
    return bool(Refusal.update(count=Refusal.count + 1).where(mine).execute())


def _first(user: User, action: str, what: str, hour: datetime, *, by: Any, **detail: Any) -> None:
    with transaction():
        lock_row(Organisation, user.organisation_id)
        if Refusal.select().where(Refusal.user == user.id, Refusal.hour == hour).count() >= MOST_KINDS:
            what, detail = OTHERS, {"what": OTHERS}
        if _count(user, action, what, hour):
            return
        Refusal.create(user=user.id, action=action, what=what, hour=hour)
        audit.record(by, action, user, **detail)


def write_down() -> None:
    """Put the counts of hours that are over into the audit log."""
    for row in list(Refusal.select(Refusal, User).join(User).where(Refusal.hour < _begin_of_hour())):
        with transaction():
            if Refusal.delete().where(Refusal.id == row.id).execute() and row.count > 1:
                hour = row.hour.isoformat(timespec="minutes")
                audit.record("portal", row.action, row.user, what=row.what, within_the_hour_from=hour, times=row.count)
