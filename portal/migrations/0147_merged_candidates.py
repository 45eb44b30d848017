"""Which records of candidates have become part of another."""

from peewee import CharField, ForeignKeyField, IntegerField, Model


def up(migrator, db):
    class Organisation(Model):
        class Meta:
            database = db
            table_name = "organisation"

    class Candidate(Model):
        class Meta:
            database = db
            table_name = "candidate"

    class MergedCandidate(Model):
        organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
        candidate = ForeignKeyField(Candidate, on_delete="CASCADE")
        former_id = IntegerField(unique=True)
        by_name = CharField(max_length=320, default="")

        class Meta:
            database = db
            table_name = "merged_candidate"

    db.create_tables([MergedCandidate])
