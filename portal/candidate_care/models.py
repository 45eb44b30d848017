"""Messages that wait and went out, the texts an organisation has chosen, and the links to candidates' own pages."""

from peewee import CharField, DateField, ForeignKeyField, IntegerField, JSONField, TextField

from portal.database import BaseModel, UtcDateTimeField, now
from portal.languages.columns import SentenceField
from portal.organisations.models import Organisation
from portal.recruitment.models import Application, Candidate


class CandidateTexts(BaseModel):
    """texts: {"kind language": [subject, body]} of those that differ from our own."""

    organisation = ForeignKeyField(Organisation, unique=True, on_delete="CASCADE")
    texts = JSONField(default=dict)


class CandidateMail(BaseModel):
    """An email to a candidate that the portal sends. subject, body: the text with its placeholders, as it was then.

    kind: a texts.Kind. values: what is filled in, but for the address of the candidate's own page, which is made when
    the email goes out. folded: the address as it is compared. not_before: when it is tried, or tried again; None once
    it has gone out, may have, or was given up.
    """

    organisation_id: int
    candidate_id: int
    application_id: int | None
    organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
    candidate = ForeignKeyField(Candidate, backref="mails", on_delete="CASCADE")
    application = ForeignKeyField(Application, null=True, backref="mails", on_delete="CASCADE")
    kind = CharField(max_length=20)
    language = CharField(max_length=10)
    recipient = CharField(max_length=254)
    folded = CharField(max_length=300)
    subject = CharField(max_length=200)
    body = TextField()
    values = JSONField(default=dict)
    made_at = UtcDateTimeField(default=now)
    not_before = UtcDateTimeField(null=True, default=now, index=True)
    tries = IntegerField(default=0)
    sent_at = UtcDateTimeField(null=True)
    problem = SentenceField(default="")

    class Meta:
        indexes = ((("folded", "made_at"), False),)


class OwnLink(BaseModel):
    """A link to a candidate's own page, by the hash of its token. Each email has one; all work while data is held."""

    candidate_id: int
    organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
    candidate = ForeignKeyField(Candidate, backref="links", on_delete="CASCADE")
    link_hash = CharField(max_length=64, unique=True)
    made_at = UtcDateTimeField(default=now)


class ErasureNotice(BaseModel):
    """A candidate on the list of those whose data goes. day: when, as the email of told_at says.

    asked_at: when a candidate who was hired asked for it; HR decides.
    """

    candidate_id: int
    organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
    candidate = ForeignKeyField(Candidate, unique=True, backref="notices", on_delete="CASCADE")
    day = DateField(null=True)
    told_at = UtcDateTimeField(null=True)
    asked_at = UtcDateTimeField(null=True)
