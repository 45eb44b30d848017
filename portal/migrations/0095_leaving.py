"""What was noted of an account before anything was taken from it."""

from peewee import CharField, DateTimeField, ForeignKeyField, Model, TextField


def up(migrator, db):
    def table(name):
        return type(name, (Model,), {"Meta": type("Meta", (), {"database": db, "table_name": name})})

    class Snapshot(Model):
        organisation = ForeignKeyField(table("organisation"), on_delete="CASCADE")
        employee = ForeignKeyField(table("employee"), on_delete="CASCADE")
        connection = ForeignKeyField(table("connection"), on_delete="CASCADE")
        operation = ForeignKeyField(table("operation"), on_delete="CASCADE")
        kind = CharField(max_length=20)
        encrypted_contents = TextField()
        shared_mailbox = CharField(max_length=20, default="")
        waits_for_seats = CharField(max_length=20, default="")
        created_at = DateTimeField()
        ended_at = DateTimeField(null=True)

        class Meta:
            database = db
            table_name = "snapshot"
            indexes = ((("employee", "connection"), False), (("waits_for_seats",), False))

    db.create_tables([Snapshot])
