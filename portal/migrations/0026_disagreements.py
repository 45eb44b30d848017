"""Where the tenant shows something else than was sent to it."""

from peewee import BooleanField, CharField, DateTimeField, ForeignKeyField, Model, TextField


def up(migrator, db):
    class Organisation(Model):
        class Meta:
            database = db
            table_name = "organisation"

    class Account(Model):
        class Meta:
            database = db
            table_name = "account"

    class Disagreement(Model):
        organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
        account = ForeignKeyField(Account, on_delete="CASCADE")
        what = CharField(max_length=40)
        ours = TextField()
        theirs = TextField()
        ignored = BooleanField()
        seen_at = DateTimeField()

        class Meta:
            database = db
            table_name = "disagreement"
            indexes = ((("account", "what"), True), (("organisation", "ignored", "id"), False))

    db.create_tables([Disagreement])
