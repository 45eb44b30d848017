"""Targets to which the audit log is pushed."""

from peewee import BooleanField, CharField, DateTimeField, ForeignKeyField, IntegerField, Model, TextField


def up(migrator, db):
    def table(name):
        return type(name, (Model,), {"Meta": type("Meta", (), {"database": db, "table_name": name})})

    class Target(Model):
        organisation = ForeignKeyField(table("organisation"), on_delete="CASCADE")
        kind = CharField(max_length=10)
        name = CharField(max_length=80)
        host = CharField(max_length=260)
        encrypted_address = TextField()
        encrypted_token = TextField(default="")
        header = CharField(max_length=10)
        personal = BooleanField()
        mark = IntegerField()
        made_by = ForeignKeyField(table("portal_user"), null=True, on_delete="SET NULL")
        made_by_name = CharField(max_length=320)
        made_at = DateTimeField()
        paused_at = DateTimeField(null=True)
        paused_why = CharField(max_length=400, default="")
        last_ok_at = DateTimeField(null=True)
        problem = CharField(max_length=500, default="")
        failing_since = DateTimeField(null=True)
        tries = IntegerField(default=0)
        not_before = DateTimeField()
        lease_until = DateTimeField(null=True)
        used_on = CharField(max_length=10, default="")

        class Meta:
            database = db
            table_name = "siem_target"

    db.create_tables([Target])
