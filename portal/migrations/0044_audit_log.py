"""The audit log: a key for each organisation's, refusals by the hour, and no way around what guards its lines."""

from peewee import CharField, DateTimeField, ForeignKeyField, IntegerField, Model, TextField

from portal.database import is_sqlite

KEPT = ("id", "organisation_id", "number", "at", "by_id", "by_name", "action", "subject_kind", "subject_id", "hash",
        "values_hash")  # fmt: skip


def up(migrator, db):
    def table(name):
        return type(name, (Model,), {"Meta": type("Meta", (), {"database": db, "table_name": name})})

    class AuditKey(Model):
        organisation = ForeignKeyField(table("organisation"), unique=True, on_delete="CASCADE")
        sealed_key = TextField()

        class Meta:
            database = db
            table_name = "audit_key"

    class Refusal(Model):
        user = ForeignKeyField(table("portal_user"), on_delete="CASCADE")
        action = CharField(max_length=60)
        what = CharField(max_length=200)
        hour = DateTimeField()
        count = IntegerField()

        class Meta:
            database = db
            table_name = "refusal"
            indexes = ((("user", "hour", "action", "what"), True), (("hour",), False))

    db.create_tables([AuditKey, Refusal])
    (_sqlite if is_sqlite() else _postgresql)(db)


def _sqlite(db):
    # REPLACE removes a row without asking the trigger that guards removal.
    db.execute_sql("""
        CREATE TRIGGER "audit_entry_added" BEFORE INSERT ON "audit_entry"
        WHEN EXISTS (SELECT 1 FROM "audit_entry" WHERE "id" = NEW."id"
                     OR ("organisation_id" = NEW."organisation_id" AND "number" = NEW."number"))
        BEGIN SELECT RAISE(ABORT, 'the trail is only added to'); END""")
    same = " AND ".join(f'NEW."{name}" IS OLD."{name}"' for name in KEPT)
    db.execute_sql('DROP TRIGGER "audit_entry_stays"')
    db.execute_sql(f"""
        CREATE TRIGGER "audit_entry_stays" BEFORE UPDATE ON "audit_entry"
        WHEN NOT (NEW."erased" AND NEW."salt" = '' AND NEW."subject_name" = '' AND {same})
        BEGIN SELECT RAISE(ABORT, 'the trail is only added to'); END""")


def _postgresql(db):
    db.execute_sql("""
        CREATE FUNCTION audit_entry_truncated() RETURNS trigger AS $$
        BEGIN RAISE EXCEPTION 'the trail is only added to'; END $$ LANGUAGE plpgsql""")
    db.execute_sql("""
        CREATE TRIGGER "audit_entry_remains" BEFORE TRUNCATE ON "audit_entry"
        FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_truncated()""")
