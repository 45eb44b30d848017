"""What will stand in the way of changing an account, as it was last looked at."""

from peewee import CharField, DateTimeField, ForeignKeyField, JSONField, Model, TextField


def up(migrator, db):
    def table(name):
        return type(name, (Model,), {"Meta": type("Meta", (), {"database": db, "table_name": name})})

    class Foresight(Model):
        organisation = ForeignKeyField(table("organisation"), on_delete="CASCADE")
        account = ForeignKeyField(table("account"), unique=True, on_delete="CASCADE")
        barred = CharField(max_length=40, default="")
        out_of_reach = JSONField(null=True)
        licensing = JSONField(null=True)
        problem = TextField(default="")
        seen_at = DateTimeField(null=True)
        again_at = DateTimeField()

        class Meta:
            database = db
            table_name = "foresight"
            indexes = ((("organisation", "barred"), False),)

    db.create_tables([Foresight])
