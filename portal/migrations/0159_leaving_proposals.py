"""That somebody leaves, as another system says, until a person decides."""

from peewee import CharField, DateField, DateTimeField, ForeignKeyField, Model


def up(migrator, db):
    def table(name):
        return type(name, (Model,), {"Meta": type("Meta", (), {"database": db, "table_name": name})})

    class LeavingProposal(Model):
        organisation = ForeignKeyField(table("organisation"), on_delete="CASCADE")
        employee = ForeignKeyField(table("employee"), on_delete="CASCADE")
        source = CharField(max_length=200)
        day = DateField()
        made_at = DateTimeField()
        decision = CharField(max_length=20, default="")
        decided_at = DateTimeField(null=True)
        decided_by_name = CharField(max_length=320, default="")

        class Meta:
            database = db
            table_name = "leaving_proposal"
            indexes = ((("organisation", "decision"), False), (("employee", "decision"), False))

    db.create_tables([LeavingProposal])
