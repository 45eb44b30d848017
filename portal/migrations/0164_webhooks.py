"""Receivers of messages to other systems, and each message to one."""

from peewee import BooleanField, CharField, DateTimeField, ForeignKeyField, IntegerField, JSONField, Model, TextField


def up(migrator, db):
    def table(name):
        return type(name, (Model,), {"Meta": type("Meta", (), {"database": db, "table_name": name})})

    class Receiver(Model):
        organisation = ForeignKeyField(table("organisation"), on_delete="CASCADE")
        kind = CharField(max_length=20)
        name = CharField(max_length=80)
        host = CharField(max_length=253)
        encrypted_address = TextField()
        encrypted_secret = TextField(default="")
        encrypted_old_secret = TextField(default="")
        old_until = DateTimeField(null=True)
        kinds = JSONField(default=list)
        made_by = ForeignKeyField(table("portal_user"), null=True, on_delete="SET NULL")
        made_by_name = CharField(max_length=320)
        made_at = DateTimeField()
        paused_at = DateTimeField(null=True)
        paused_why = CharField(max_length=400, default="")
        last_ok_at = DateTimeField(null=True)
        problem = CharField(max_length=500, default="")
        arrived = BooleanField(null=True)
        used_on = CharField(max_length=10, default="")

        class Meta:
            database = db
            table_name = "webhook_receiver"
            indexes = ((("organisation", "kind"), False),)

    class Delivery(Model):
        receiver = ForeignKeyField(Receiver, on_delete="CASCADE")
        message_id = CharField(max_length=40)
        kind = CharField(max_length=40)
        body = TextField()
        made_at = DateTimeField()
        state = CharField(max_length=10)
        attempts = IntegerField(default=0)
        not_before = DateTimeField(null=True)
        until = DateTimeField(null=True)
        tried_at = DateTimeField(null=True)
        status = IntegerField(null=True)
        milliseconds = IntegerField(null=True)
        answer = TextField(default="")
        public = BooleanField(default=False)
        problem = CharField(max_length=500, default="")

        class Meta:
            database = db
            table_name = "webhook_delivery"
            indexes = ((("receiver", "state", "not_before"), False), (("state", "not_before"), False))

    db.create_tables([Receiver, Delivery])
