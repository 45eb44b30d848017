"""Files of candidates, emails to them, the links to their own pages, and who was told that their data goes."""

from peewee import (
    BlobField,
    CharField,
    DateField,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    JSONField,
    Model,
    TextField,
)


def up(migrator, db):
    class Organisation(Model):
        class Meta:
            database = db
            table_name = "organisation"

    class Candidate(Model):
        class Meta:
            database = db
            table_name = "candidate"

    class Application(Model):
        class Meta:
            database = db
            table_name = "application"

    class StoredFile(Model):
        organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
        candidate = ForeignKeyField(Candidate, null=True, on_delete="CASCADE")
        application = ForeignKeyField(Application, null=True, on_delete="SET NULL")
        kind = CharField(max_length=10)
        name = CharField(max_length=160)
        type = CharField(max_length=10)
        size = IntegerField()
        sha256 = CharField(max_length=64)
        at = DateTimeField(index=True)

        class Meta:
            database = db
            table_name = "stored_file"

    class StoredPart(Model):
        file = ForeignKeyField(StoredFile, on_delete="CASCADE")
        number = IntegerField()
        data = BlobField()

        class Meta:
            database = db
            table_name = "stored_part"
            indexes = ((("file", "number"), True),)

    class CandidateTexts(Model):
        organisation = ForeignKeyField(Organisation, unique=True, on_delete="CASCADE")
        texts = JSONField(default=dict)

        class Meta:
            database = db
            table_name = "candidate_texts"

    class CandidateMail(Model):
        organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
        candidate = ForeignKeyField(Candidate, on_delete="CASCADE")
        application = ForeignKeyField(Application, null=True, on_delete="CASCADE")
        kind = CharField(max_length=20)
        language = CharField(max_length=10)
        recipient = CharField(max_length=254)
        folded = CharField(max_length=300)
        subject = CharField(max_length=200)
        body = TextField()
        values = JSONField(default=dict)
        made_at = DateTimeField()
        not_before = DateTimeField(null=True, index=True)
        tries = IntegerField(default=0)
        sent_at = DateTimeField(null=True)
        problem = TextField(default="")

        class Meta:
            database = db
            table_name = "candidate_mail"
            indexes = ((("folded", "made_at"), False),)

    class OwnLink(Model):
        organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
        candidate = ForeignKeyField(Candidate, on_delete="CASCADE")
        link_hash = CharField(max_length=64, unique=True)
        made_at = DateTimeField()

        class Meta:
            database = db
            table_name = "own_link"

    class ErasureNotice(Model):
        organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
        candidate = ForeignKeyField(Candidate, unique=True, on_delete="CASCADE")
        day = DateField(null=True)
        told_at = DateTimeField(null=True)
        asked_at = DateTimeField(null=True)

        class Meta:
            database = db
            table_name = "erasure_notice"

    db.create_tables([StoredFile, StoredPart, CandidateTexts, CandidateMail, OwnLink, ErasureNotice])
