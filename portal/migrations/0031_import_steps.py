"""A large import is carried out in steps that are written down first; and organisations take turns with theirs."""

from peewee import BlobField, ForeignKeyField, IntegerField, Model


def up(migrator, db):
    imports = type("Import", (Model,), {"Meta": type("Meta", (), {"database": db, "table_name": "import"})})

    class ImportStep(Model):
        import_ = ForeignKeyField(imports, column_name="import_id", on_delete="CASCADE")
        number = IntegerField()
        data = BlobField()

        class Meta:
            database = db
            table_name = "import_step"
            indexes = ((("import_", "number"), True),)

    db.create_tables([ImportStep])
    kind = "DATETIME" if "Sqlite" in type(db).__name__ else "TIMESTAMP"
    db.execute_sql(f'ALTER TABLE "import" ADD COLUMN "turn_at" {kind}')
