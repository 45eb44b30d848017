"""A long list of employee numbers is kept until the worker has read it."""

from peewee import BlobField, CharField, ForeignKeyField, Model


def up(migrator, db):
    runs = type("Run", (Model,), {"Meta": type("Meta", (), {"database": db, "table_name": "run"})})

    class RunList(Model):
        run = ForeignKeyField(runs, unique=True, on_delete="CASCADE")
        name = CharField(max_length=200)
        data = BlobField()

        class Meta:
            database = db
            table_name = "run_list"

    db.create_tables([RunList])
