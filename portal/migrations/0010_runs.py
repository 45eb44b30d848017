"""Runs: many operations started together."""

from peewee import CharField, DateTimeField, ForeignKeyField, IntegerField, JSONField, Model, TextField


def up(migrator, db):
    def table(name):
        return type(name, (Model,), {"Meta": type("Meta", (), {"database": db, "table_name": name})})

    organisations, connections, employees = table("organisation"), table("connection"), table("employee")
    users, operations = table("portal_user"), table("operation")

    class Run(Model):
        organisation = ForeignKeyField(organisations, on_delete="CASCADE")
        connection = ForeignKeyField(connections, on_delete="CASCADE")
        verb = CharField(max_length=20)
        state = CharField(max_length=30)
        by = ForeignKeyField(users, null=True, on_delete="SET NULL")
        by_name = CharField(max_length=320, default="")
        approved_by_name = CharField(max_length=320, default="")
        source = CharField(max_length=300, default="")
        options = JSONField()
        unknown = JSONField()
        problem = TextField(default="")
        created_at = DateTimeField()
        counted_from = DateTimeField(null=True)
        counted_done = IntegerField(default=0)
        finished_at = DateTimeField(null=True)
        lease_until = DateTimeField(null=True)

        class Meta:
            database = db
            table_name = "run"
            indexes = ((("organisation", "id"), False), (("state",), False))

    class RunLine(Model):
        run = ForeignKeyField(Run, on_delete="CASCADE")
        employee = ForeignKeyField(employees, on_delete="CASCADE")
        operation = ForeignKeyField(operations, null=True, on_delete="SET NULL")
        state = CharField(max_length=20)
        level = IntegerField(default=0)
        before = CharField(max_length=400, default="")
        after = CharField(max_length=400, default="")
        username = CharField(max_length=320, default="")
        remote_id = CharField(max_length=64, default="")
        licence = CharField(max_length=64, default="")
        reason = TextField(default="")

        class Meta:
            database = db
            table_name = "run_line"
            indexes = (
                (("run", "employee"), True),
                (("run", "state", "level", "id"), False),
                (("state",), False),
                (("run", "username"), False),
            )

    db.create_tables([Run, RunLine])
    db.execute_sql('ALTER TABLE "organisation" ADD COLUMN "approval_above" INTEGER NOT NULL DEFAULT 100')
