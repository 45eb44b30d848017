"""Feeds from HR systems: their runs with the files they read, whom they brought, and what needs a person."""

from peewee import BooleanField, CharField, DateTimeField, ForeignKeyField, IntegerField, JSONField, Model, TextField


def up(migrator, db):
    def table(name):
        return type(name, (Model,), {"Meta": type("Meta", (), {"database": db, "table_name": name})})

    organisations, users = table("organisation"), table("portal_user")

    class Feed(Model):
        organisation = ForeignKeyField(organisations, on_delete="CASCADE")
        name = CharField(max_length=80)
        kind = CharField(max_length=30)
        options = JSONField(default=dict)
        encrypted_secrets = TextField(default="")
        host_key = TextField(default="")
        offered_key = TextField(default="")
        answers = JSONField(default=dict)
        mapping = JSONField(default=dict)
        filled = JSONField(default=list)
        owned = JSONField(default=dict)
        brake = JSONField(default=dict)
        every = IntegerField(default=24)
        hour = IntegerField(default=5)
        propose_end = BooleanField(default=False)
        hears = ForeignKeyField(users, null=True, on_delete="SET NULL")
        next_at = DateTimeField(null=True)
        previews = IntegerField(default=3)
        last_sha256 = CharField(max_length=64, default="")
        last_rows = IntegerField(default=0)
        marks = JSONField(default=dict)
        last_good_at = DateTimeField(null=True)
        paused_at = DateTimeField(null=True)
        paused_by_name = CharField(max_length=320, default="")
        stopped_at = DateTimeField(null=True)
        stopped_why = TextField(default="")
        told = CharField(max_length=64, default="")
        failures = IntegerField(default=0)
        made_by = ForeignKeyField(users, null=True, on_delete="SET NULL", backref="feeds_made")
        made_by_name = CharField(max_length=320, default="")
        made_at = DateTimeField()

        class Meta:
            database = db
            table_name = "feed"
            indexes = ((("organisation", "id"), False), (("next_at",), False))

    class FeedRun(Model):
        organisation = ForeignKeyField(organisations, on_delete="CASCADE")
        feed = ForeignKeyField(Feed, on_delete="CASCADE")
        state = CharField(max_length=20)
        lease_until = DateTimeField(null=True)
        how = CharField(max_length=20)
        by_name = CharField(max_length=320, default="")
        file_name = CharField(max_length=200, default="")
        created_at = DateTimeField()
        finished_at = DateTimeField(null=True)
        sha256 = CharField(max_length=64, default="")
        rows = IntegerField(default=0)
        found = JSONField(default=dict)
        counts = JSONField(default=dict)
        marks = JSONField(default=dict)
        brake = JSONField(default=list)
        lacking = JSONField(default=list)
        why = TextField(default="")
        next_step = TextField(default="")
        digest = CharField(max_length=64, default="")
        approved_by_name = CharField(max_length=320, default="")
        begun = BooleanField(default=False)

        class Meta:
            database = db
            table_name = "feed_run"
            indexes = ((("feed", "id"), False), (("state",), False))

    class FeedPart(Model):
        run = ForeignKeyField(FeedRun, on_delete="CASCADE")
        number = IntegerField()
        encrypted_data = TextField()

        class Meta:
            database = db
            table_name = "feed_part"
            indexes = ((("run", "number"), True),)

    class FeedPerson(Model):
        feed = ForeignKeyField(Feed, on_delete="CASCADE")
        employee = ForeignKeyField(table("employee"), on_delete="CASCADE")
        missed = IntegerField(default=0)
        seen_at = DateTimeField()
        stays = BooleanField(default=False)

        class Meta:
            database = db
            table_name = "feed_person"
            indexes = ((("feed", "employee"), True), (("feed", "missed"), False))

    class FeedIssue(Model):
        feed = ForeignKeyField(Feed, on_delete="CASCADE")
        key = CharField(max_length=60, default="")
        field = CharField(max_length=60, default="")
        reason = TextField()
        question = JSONField(null=True)
        since = DateTimeField()
        told = BooleanField(default=False)

        class Meta:
            database = db
            table_name = "feed_issue"
            indexes = ((("feed", "id"), False),)

    db.create_tables([Feed, FeedRun, FeedPart, FeedPerson, FeedIssue])
