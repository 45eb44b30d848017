"""The picture that an account had before another one was set."""

from peewee import BlobField, DateTimeField, ForeignKeyField, Model


def up(migrator, db):
    def table(name):
        return type(name, (Model,), {"Meta": type("Meta", (), {"database": db, "table_name": name})})

    class PictureBefore(Model):
        organisation = ForeignKeyField(table("organisation"), on_delete="CASCADE")
        account = ForeignKeyField(table("account"), on_delete="CASCADE")
        operation = ForeignKeyField(table("operation"), unique=True, on_delete="CASCADE")
        jpeg = BlobField(null=True)
        kept_at = DateTimeField()

        class Meta:
            database = db
            table_name = "picture_before"

    db.create_tables([PictureBefore])
