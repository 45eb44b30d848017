"""What an organisation writes into the mail with the login information, and who it is from."""

from peewee import CharField, ForeignKeyField, JSONField, Model


def up(migrator, db):
    class Organisation(Model):
        class Meta:
            database = db
            table_name = "organisation"

    class MailSettings(Model):
        organisation = ForeignKeyField(Organisation, unique=True, on_delete="CASCADE")
        sender_name = CharField(max_length=100, default="")
        reply_to = CharField(max_length=254, default="")
        language = CharField(max_length=10, default="en")
        texts = JSONField()

        class Meta:
            database = db
            table_name = "mail_settings"

    db.create_tables([MailSettings])
