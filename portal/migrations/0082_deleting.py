"""Accounts that an Admin wants to delete, for a second Admin to decide on, and whether an organisation allows it."""

from peewee import CharField, DateTimeField, ForeignKeyField, Model


def up(migrator, db):
    class Organisation(Model):
        class Meta:
            database = db
            table_name = "organisation"

    class User(Model):
        class Meta:
            database = db
            table_name = "portal_user"

    class Account(Model):
        class Meta:
            database = db
            table_name = "account"

    class Deletion(Model):
        organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
        account = ForeignKeyField(Account, on_delete="CASCADE")
        state = CharField(max_length=20)
        by = ForeignKeyField(User, null=True, on_delete="SET NULL")
        by_name = CharField(max_length=320, default="")
        asked_at = DateTimeField()
        decided_by_name = CharField(max_length=320, default="")
        decided_at = DateTimeField(null=True)

        class Meta:
            database = db
            table_name = "deletion"
            indexes = ((("organisation", "state"), False),)

    db.create_tables([Deletion])
    db.execute_sql('CREATE UNIQUE INDEX "deletion_one_waiting" ON "deletion" ("account_id") WHERE state = \'waiting\'')
    db.execute_sql('ALTER TABLE "add_on_settings" ADD COLUMN "may_delete" BOOLEAN NOT NULL DEFAULT FALSE')
