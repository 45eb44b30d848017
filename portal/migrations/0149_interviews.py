"""Interviews, who comes to them and what they thought."""

from peewee import BooleanField, CharField, DateTimeField, ForeignKeyField, IntegerField, JSONField, Model, TextField


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

    class Interview(Model):
        organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
        application = ForeignKeyField(Application, on_delete="CASCADE")
        organiser = ForeignKeyField(User, null=True, on_delete="SET NULL")
        organiser_name = CharField(max_length=320, default="")
        mailbox = ForeignKeyField(Mailbox, null=True, on_delete="SET NULL")
        starts_at = DateTimeField(index=True)
        ends_at = DateTimeField()
        zone = CharField(max_length=64)
        place = CharField(max_length=300, default="")
        online = BooleanField(default=False)
        subject = CharField(max_length=200)
        text = TextField(default="")
        state = CharField(max_length=20, default="planned")
        reason = TextField(default="")
        key = CharField(max_length=40, unique=True)
        remote_id = CharField(max_length=600, default="")
        ical_uid = CharField(max_length=500, default="")
        join_url = TextField(default="")
        web_link = TextField(default="")
        sequence = IntegerField(default=0)
        made_at = DateTimeField()

        class Meta:
            database = db
            table_name = "interview"

    class Attendance(Model):
        organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
        interview = ForeignKeyField(Interview, on_delete="CASCADE")
        user = ForeignKeyField(User, null=True, on_delete="CASCADE")
        candidate = ForeignKeyField(Candidate, null=True, on_delete="CASCADE")
        name = CharField(max_length=320)
        address = CharField(max_length=320)
        said = CharField(max_length=20, default="nothing")
        words = TextField(default="")
        answered_at = DateTimeField(null=True)

        class Meta:
            database = db
            table_name = "attendance"
            indexes = ((("interview", "user"), True), (("user", "interview"), False))

    class Feedback(Model):
        organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
        interview = ForeignKeyField(Interview, on_delete="CASCADE")
        user = ForeignKeyField(User, null=True, on_delete="SET NULL")
        user_name = CharField(max_length=320)
        verdict = CharField(max_length=20)
        text = TextField(default="")
        at = DateTimeField()

        class Meta:
            database = db
            table_name = "feedback"
            indexes = ((("interview", "user"), True),)

    class InterviewEvent(Model):
        organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
        interview = ForeignKeyField(Interview, on_delete="CASCADE")
        kind = CharField(max_length=20)
        detail = JSONField(default=dict)
        words = TextField(default="")
        by_name = CharField(max_length=320, default="")
        at = DateTimeField()

        class Meta:
            database = db
            table_name = "interview_event"

    class InterviewMail(Model):
        organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
        interview = ForeignKeyField(Interview, on_delete="CASCADE")
        attendance = ForeignKeyField(Attendance, on_delete="CASCADE")
        method = CharField(max_length=10)
        sequence = IntegerField()
        made_at = DateTimeField()
        not_before = DateTimeField(null=True, index=True)
        tries = IntegerField(default=0)
        sent_at = DateTimeField(null=True)
        problem = TextField(default="")

        class Meta:
            database = db
            table_name = "interview_mail"

    db.create_tables([Interview, Attendance, Feedback, InterviewEvent, InterviewMail], safe=False)
