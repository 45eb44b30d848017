"""Messages with candidates, and what is done in users' mailboxes; one piece of work at a time in each mailbox."""

from peewee import SQL, CharField, DateTimeField, ForeignKeyField, IntegerField, JSONField, Model, TextField


def up(migrator, db):
    class Organisation(Model):
        class Meta:
            database = db
            table_name = "organisation"

    class User(Model):
        class Meta:
            database = db
            table_name = "portal_user"

    class Candidate(Model):
        class Meta:
            database = db
            table_name = "candidate"

    class Application(Model):
        class Meta:
            database = db
            table_name = "application"

    class Mailbox(Model):
        class Meta:
            database = db
            table_name = "mailbox"

    class Message(Model):
        organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
        candidate = ForeignKeyField(Candidate, on_delete="CASCADE")
        application = ForeignKeyField(Application, null=True, on_delete="CASCADE")
        mailbox = ForeignKeyField(Mailbox, null=True, on_delete="SET NULL")
        direction = CharField(max_length=3, default="out")
        kind = CharField(max_length=20, default="plain")
        state = CharField(max_length=20, default="waiting")
        by = ForeignKeyField(User, null=True, on_delete="SET NULL")
        by_name = CharField(max_length=320, default="")
        sender = CharField(max_length=320)
        sender_name = CharField(max_length=320, default="")
        recipients = JSONField(default=list)
        subject = CharField(max_length=1000, default="")
        text = TextField(default="")
        files = JSONField(default=list)
        at = DateTimeField()
        message_id = CharField(max_length=1000, null=True)
        thread = CharField(max_length=600, default="")
        in_reply_to = CharField(max_length=1000, default="")
        remote_id = CharField(max_length=600, default="")
        web_link = TextField(default="")
        problem = TextField(default="")
        next_step = TextField(default="")
        not_before = DateTimeField(null=True, index=True)
        tries = IntegerField(default=0)
        seen_at = DateTimeField(null=True)

        class Meta:
            database = db
            table_name = "message"
            indexes = (
                (("organisation", "candidate", "message_id"), True),
                (("candidate", "at"), False),
                (("organisation", "message_id"), False),
                (("organisation", "thread"), False),
            )

    class Delivery(Model):
        lease_until = DateTimeField(null=True)
        verb = CharField(max_length=20)
        state = CharField(max_length=20, default="waiting")
        by_name = CharField(max_length=320, default="")
        requested = JSONField(default=dict)
        results = JSONField(default=dict)
        marker = CharField(max_length=40)
        attempts = IntegerField(default=0)
        not_before = DateTimeField()
        message = TextField(default="")
        next_step = TextField(default="")
        error_kind = CharField(max_length=40, default="")
        error_code = CharField(max_length=200, default="")
        error_request_id = CharField(max_length=100, default="")
        created_at = DateTimeField()
        finished_at = DateTimeField(null=True)
        organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
        mailbox = ForeignKeyField(Mailbox, on_delete="CASCADE")
        by = ForeignKeyField(User, null=True, on_delete="SET NULL")
        mail = ForeignKeyField(Message, null=True, on_delete="CASCADE")
        interview_id = IntegerField(null=True)

        class Meta:
            database = db
            table_name = "delivery"
            indexes = ((("state", "not_before"), False), (("mailbox", "state"), False), (("interview_id",), False))

    for about in ("mail", "interview_id"):
        Delivery.add_index(
            Delivery.index(getattr(Delivery, about), unique=True, name=f"delivery_one_open_{about}").where(
                SQL("state IN ('waiting', 'running')")
            )
        )

    class DeliveryStep(Model):
        name = CharField(max_length=40)
        state = CharField(max_length=20, default="intended")
        started_at = DateTimeField()
        ended_at = DateTimeField(null=True)
        calls = JSONField(default=list)
        before = JSONField(null=True)
        after = JSONField(null=True)
        note = TextField(default="")
        delivery = ForeignKeyField(Delivery, on_delete="CASCADE")

        class Meta:
            database = db
            table_name = "delivery_step"
            indexes = ((("delivery", "name"), True),)

    db.create_tables([Message, Delivery, DeliveryStep])
    migrator.migrate(migrator.add_column("mailbox", "lease_until", DateTimeField(null=True)))
