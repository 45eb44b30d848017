"""How far each mailbox has been read, and mail that waits for a user to say whose it is."""

from peewee import CharField, DateTimeField, ForeignKeyField, Model, TextField


def up(migrator, db):
    class Organisation(Model):
        class Meta:
            database = db
            table_name = "organisation"

    class Candidate(Model):
        class Meta:
            database = db
            table_name = "candidate"

    class Mailbox(Model):
        class Meta:
            database = db
            table_name = "mailbox"

    class Message(Model):
        class Meta:
            database = db
            table_name = "message"

    class Unassigned(Model):
        organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
        candidate = ForeignKeyField(Candidate, on_delete="CASCADE")
        mailbox = ForeignKeyField(Mailbox, on_delete="CASCADE")
        answered = ForeignKeyField(Message, null=True, on_delete="SET NULL")
        why = CharField(max_length=10)
        sender = CharField(max_length=320)
        name = CharField(max_length=320, default="")
        at = DateTimeField()
        message_id = CharField(max_length=1000)
        thread = CharField(max_length=600, default="")
        remote_id = CharField(max_length=600)
        web_link = TextField(default="")
        decided_at = DateTimeField(null=True)

        class Meta:
            database = db
            table_name = "unassigned"
            indexes = (
                (("organisation", "candidate", "message_id"), True),
                (("organisation", "decided_at"), False),
            )

    db.create_tables([Unassigned])
    migrator.migrate(
        migrator.add_column("mailbox", "read_to", DateTimeField(null=True)),
        migrator.add_column("mailbox", "read_at", DateTimeField(null=True)),
    )
