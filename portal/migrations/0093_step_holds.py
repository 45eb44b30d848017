"""Many steps of one import, which wait for a second Admin."""

from peewee import CharField, DateTimeField, ForeignKeyField, IntegerField, JSONField, Model


def up(migrator, db):
    def table(name):
        return type(name, (Model,), {"Meta": type("Meta", (), {"database": db, "table_name": name})})

    class StepHold(Model):
        organisation = ForeignKeyField(table("organisation"), on_delete="CASCADE")
        moment = DateTimeField()
        by = ForeignKeyField(table("portal_user"), null=True, on_delete="SET NULL")
        by_name = CharField(max_length=320, default="")
        steps = JSONField(default=list)
        count = IntegerField(default=0)
        first_due = DateTimeField()
        last_due = DateTimeField()
        asked_at = DateTimeField()
        decision = CharField(max_length=20, default="")
        decided_by_name = CharField(max_length=320, default="")

        class Meta:
            database = db
            table_name = "step_hold"
            indexes = ((("organisation", "decision"), False),)

    db.create_tables([StepHold])
