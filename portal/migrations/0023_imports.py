"""Imports: the uploaded file, what it would do, and how far it is."""

from peewee import BlobField, CharField, DateTimeField, ForeignKeyField, IntegerField, JSONField, Model, TextField


def up(migrator, db):
    def table(name):
        return type(name, (Model,), {"Meta": type("Meta", (), {"database": db, "table_name": name})})

    organisations, users = table("organisation"), table("portal_user")

    class Import(Model):
        organisation = ForeignKeyField(organisations, on_delete="CASCADE")
        by = ForeignKeyField(users, on_delete="CASCADE")
        token = CharField(unique=True, max_length=43)
        kind = CharField(max_length=10)
        state = CharField(max_length=20)
        sha256 = CharField(max_length=64)
        lines = IntegerField(default=0)
        read = IntegerField(default=0)
        found = JSONField()
        problem = TextField(default="")
        created_at = DateTimeField()
        lease_until = DateTimeField(null=True)

        class Meta:
            database = db
            table_name = "import"
            indexes = ((("state",), False),)

    class ImportPart(Model):
        import_ = ForeignKeyField(Import, column_name="import_id", on_delete="CASCADE")
        number = IntegerField()
        data = BlobField()

        class Meta:
            database = db
            table_name = "import_part"
            indexes = ((("import_", "number"), True),)

    db.create_tables([Import, ImportPart])
