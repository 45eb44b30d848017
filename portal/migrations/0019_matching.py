"""Matching: the accounts of a tenant, whose each may be, and what was declined."""

from peewee import BooleanField, CharField, DateTimeField, ForeignKeyField, IntegerField, Model, TextField


def up(migrator, db):
    def table(name):
        return type(name, (Model,), {"Meta": type("Meta", (), {"database": db, "table_name": name})})

    organisations, connections, employees = table("organisation"), table("connection"), table("employee")

    class Reading(Model):
        organisation = ForeignKeyField(organisations, on_delete="CASCADE")
        connection = ForeignKeyField(connections, on_delete="CASCADE")
        state = CharField(max_length=20)
        by_name = CharField(max_length=320, default="")
        accounts = IntegerField(default=0)
        problem = TextField(default="")
        started_at = DateTimeField()
        finished_at = DateTimeField(null=True)
        lease_until = DateTimeField(null=True)

        class Meta:
            database = db
            table_name = "reading"
            indexes = ((("connection", "id"), False), (("state",), False))

    class FoundAccount(Model):
        reading = ForeignKeyField(Reading, on_delete="CASCADE")
        remote_id = CharField(max_length=64)
        username = CharField(max_length=320)
        display_name = CharField(max_length=256, default="")
        about = CharField(max_length=400, default="")
        enabled = BooleanField()
        barred = CharField(max_length=20, default="")
        created_at = DateTimeField(null=True)
        employee = ForeignKeyField(employees, null=True, on_delete="SET NULL")
        rule = CharField(max_length=20, default="")
        evidence = CharField(max_length=400, default="")
        doubt = TextField(default="")

        class Meta:
            database = db
            table_name = "found_account"
            indexes = ((("reading", "remote_id"), True), (("reading", "rule", "id"), False))

    class Declined(Model):
        connection = ForeignKeyField(connections, on_delete="CASCADE")
        remote_id = CharField(max_length=64)
        employee = ForeignKeyField(employees, on_delete="CASCADE")

        class Meta:
            database = db
            table_name = "declined"
            indexes = ((("connection", "remote_id", "employee"), True),)

    db.create_tables([Reading, FoundAccount, Declined])
    db.execute_sql('CREATE UNIQUE INDEX "reading_one_open" ON "reading" ("connection_id") WHERE state = \'reading\'')
