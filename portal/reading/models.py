"""Mail that may be a candidate's, until a user decides. Nothing of what it says is kept."""

from enum import StrEnum

from peewee import CharField, ForeignKeyField, TextField

from portal.database import BaseModel, UtcDateTimeField
from portal.mailboxes.models import Mailbox
from portal.messages.models import Message
from portal.organisations.models import Organisation
from portal.recruitment.models import Candidate


class Why(StrEnum):
    """What makes the portal think that a mail of an unknown sender is about a candidate."""

    ANSWERS = "answers"
    THREAD = "thread"
    COPY = "copy"


class Unassigned(BaseModel):
    """A mail from an unknown address that has to do with a candidate. answered: the message that it answers, if any.

    remote_id: of the mailbox. decided_at: when a user decided; the sender is then forgotten, and the row keeps the mail
    from coming up again.
    """

    organisation_id: int
    candidate_id: int
    mailbox_id: int
    organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
    candidate = ForeignKeyField(Candidate, on_delete="CASCADE")
    mailbox = ForeignKeyField(Mailbox, on_delete="CASCADE")
    answered = ForeignKeyField(Message, null=True, on_delete="SET NULL")
    why = CharField(max_length=10)
    sender = CharField(max_length=320)
    name = CharField(max_length=320, default="")
    at = UtcDateTimeField()
    message_id = CharField(max_length=1000)
    thread = CharField(max_length=600, default="")
    remote_id = CharField(max_length=600)
    web_link = TextField(default="")
    decided_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = (
            (("organisation", "candidate", "message_id"), True),
            (("organisation", "decided_at"), False),
        )
