"""What was answered about a file on its way into the Employee List; and what the columns of such files mean."""

from peewee import CharField, DateTimeField, ForeignKeyField, JSONField, Model


def up(migrator, db):
    def table(name):
        return type(name, (Model,), {"Meta": type("Meta", (), {"database": db, "table_name": name})})

    organisations, users = table("organisation"), table("portal_user")

    class ImportLayout(Model):
        organisation = ForeignKeyField(organisations, on_delete="CASCADE")
        fingerprint = CharField(max_length=64)
        headings = JSONField()
        means = JSONField()
        by = ForeignKeyField(users, null=True, on_delete="SET NULL")
        changed_at = DateTimeField()

        class Meta:
            database = db
            table_name = "import_layout"
            indexes = ((("organisation", "fingerprint"), True),)

    db.create_tables([ImportLayout])
    kind = "TEXT" if "Sqlite" in type(db).__name__ else "JSONB"
    db.execute_sql(f'ALTER TABLE "import" ADD COLUMN "answers" {kind} NOT NULL DEFAULT \'{{}}\'')
