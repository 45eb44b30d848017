"""What interviews keep. Every row has its organisation."""

import uuid
from datetime import timedelta
from enum import StrEnum
from typing import Any

from peewee import BooleanField, CharField, ForeignKeyField, IntegerField, JSONField, TextField

from portal.auth.models import User
from portal.connectors.calendars import Said
from portal.database import BaseModel, UtcDateTimeField, now
from portal.languages import N_
from portal.languages.columns import SentenceField
from portal.mailboxes.models import Mailbox
from portal.organisations.models import Organisation
from portal.recruitment.models import Application, Candidate

# For this time after the end an interviewer still sees the candidate's CV.
SEEN_FOR = timedelta(days=14)


class InterviewState(StrEnum):
    """OFF: it was called off. One that is past stays planned."""

    PLANNED = "planned"
    OFF = "called off"


class Verdict(StrEnum):
    STRONG_YES = N_("Strong yes")
    YES = N_("Yes")
    NO = N_("No")
    STRONG_NO = N_("Strong no")


class Happening(StrEnum):
    """What happened to an interview. OUTSIDE: its organiser did it in their own calendar, and the portal saw it."""

    PLANNED = "planned"
    MOVED = "moved"
    OFF = "called off"
    MOVED_OUTSIDE = "moved outside"
    OFF_OUTSIDE = "called off outside"
    TAKEN_OVER = "taken over"
    ANSWER = "answer"
    NO_LINK = "no link"
    FAILED = "failed"


class Interview(BaseModel):
    """A meeting with a candidate. starts_at, ends_at: moments; zone: the one whose wall time was chosen.

    mailbox: the calendar that it is in; None when the portal's own mail server invites. key: the word by which it is
    made once, and found again; what other calendars know it by, too, while the portal invites. online: a link was asked
    for. remote_id, join_url, web_link: once the calendar has it. sequence: how often it has changed. reason: why it was
    called off, as everybody reads it.
    """

    organisation_id: int
    application_id: int
    organiser_id: int | None
    mailbox_id: int | None
    organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
    application = ForeignKeyField(Application, backref="interviews", on_delete="CASCADE")
    organiser = ForeignKeyField(User, null=True, on_delete="SET NULL")
    organiser_name = CharField(max_length=320, default="")
    mailbox = ForeignKeyField(Mailbox, null=True, on_delete="SET NULL")
    starts_at = UtcDateTimeField(index=True)
    ends_at = UtcDateTimeField()
    zone = CharField(max_length=64)
    place = CharField(max_length=300, default="")
    online = BooleanField(default=False)
    subject = CharField(max_length=200)
    text = TextField(default="")
    state = CharField(max_length=20, default=InterviewState.PLANNED)
    reason = SentenceField(default="")
    key = CharField(max_length=40, default=lambda: uuid.uuid4().hex, unique=True)
    remote_id = CharField(max_length=600, default="")
    ical_uid = CharField(max_length=500, default="")
    join_url = TextField(default="")
    web_link = TextField(default="")
    sequence = IntegerField(default=0)
    made_at = UtcDateTimeField(default=now)
    attendances: Any

    @property
    def is_off(self) -> bool:
        return self.state == InterviewState.OFF

    @property
    def is_over(self) -> bool:
        return not self.is_off and self.ends_at <= now()

    @property
    def lies_ahead(self) -> bool:
        return not self.is_off and self.ends_at > now()


class Attendance(BaseModel):
    """Who is to come: a user of the organisation, or the candidate. address: where they are invited.

    said: a calendars.Said. words: what they wrote with their answer.
    """

    interview_id: int
    user_id: int | None
    candidate_id: int | None
    organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
    interview = ForeignKeyField(Interview, backref="attendances", on_delete="CASCADE")
    user = ForeignKeyField(User, null=True, on_delete="CASCADE")
    candidate = ForeignKeyField(Candidate, null=True, on_delete="CASCADE")
    name = CharField(max_length=320)
    address = CharField(max_length=320)
    said = CharField(max_length=20, default=Said.NOTHING)
    words = TextField(default="")
    answered_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("interview", "user"), True), (("user", "interview"), False))


class Feedback(BaseModel):
    """An interviewer's word on one interview."""

    interview_id: int
    user_id: int | None
    organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
    interview = ForeignKeyField(Interview, backref="feedback", on_delete="CASCADE")
    user = ForeignKeyField(User, null=True, on_delete="SET NULL")
    user_name = CharField(max_length=320)
    verdict = CharField(max_length=20)
    text = TextField(default="")
    at = UtcDateTimeField(default=now)

    class Meta:
        indexes = ((("interview", "user"), True),)


class InterviewEvent(BaseModel):
    """One thing that happened to an interview. words: a sentence more, about who did it or why."""

    interview_id: int
    organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
    interview = ForeignKeyField(Interview, backref="events", on_delete="CASCADE")
    kind = CharField(max_length=20)
    detail = JSONField(default=dict)
    words = SentenceField(default="")
    by_name = CharField(max_length=320, default="")
    at = UtcDateTimeField(default=now)


class InterviewMail(BaseModel):
    """An invitation that the portal's own mail server sends, to one person. method, sequence: of iCalendar.

    not_before: when it is tried, or tried again; None once it has gone out, may have, or was given up.
    """

    interview_id: int
    attendance_id: int
    organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
    interview = ForeignKeyField(Interview, backref="mails", on_delete="CASCADE")
    attendance = ForeignKeyField(Attendance, backref="mails", on_delete="CASCADE")
    method = CharField(max_length=10)
    sequence = IntegerField()
    made_at = UtcDateTimeField(default=now)
    not_before = UtcDateTimeField(null=True, default=now, index=True)
    tries = IntegerField(default=0)
    sent_at = UtcDateTimeField(null=True)
    problem = SentenceField(default="")
