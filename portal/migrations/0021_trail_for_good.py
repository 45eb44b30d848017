"""The trail: from where, values that can be erased without breaking the chain, and nothing else that can be changed."""

from portal.database import is_sqlite

COLUMNS = (
    ("address", "VARCHAR(64) NOT NULL DEFAULT ''"),
    ("salt", "VARCHAR(32) NOT NULL DEFAULT ''"),
    ("values_hash", "VARCHAR(64) NOT NULL DEFAULT ''"),
    ("erased", "BOOLEAN NOT NULL DEFAULT FALSE"),
)
KEPT = ("organisation_id", "number", "at", "by_id", "by_name", "action", "subject_kind", "subject_id", "hash",
        "values_hash")  # fmt: skip


def up(migrator, db):
    for name, kind in COLUMNS:
        db.execute_sql(f'ALTER TABLE "audit_entry" ADD COLUMN "{name}" {kind}')
    if is_sqlite():
        _sqlite(db)
    else:
        _postgresql(db)


def _sqlite(db):
    same = " AND ".join(f'NEW."{name}" IS OLD."{name}"' for name in KEPT)
    db.execute_sql(f"""
        CREATE TRIGGER "audit_entry_stays" BEFORE UPDATE ON "audit_entry"
        WHEN NOT (NEW."erased" AND NEW."salt" = '' AND NEW."subject_name" = '' AND {same})
        BEGIN SELECT RAISE(ABORT, 'the trail is only added to'); END""")
    db.execute_sql("""
        CREATE TRIGGER "audit_entry_remains" BEFORE DELETE ON "audit_entry"
        WHEN EXISTS (SELECT 1 FROM "organisation" WHERE "id" = OLD."organisation_id")
        BEGIN SELECT RAISE(ABORT, 'the trail is only added to'); END""")


def _postgresql(db):
    same = " AND ".join(f'NEW."{name}" IS NOT DISTINCT FROM OLD."{name}"' for name in KEPT)
    db.execute_sql(f"""
        CREATE FUNCTION audit_entry_stays() RETURNS trigger AS $$
        BEGIN
            IF TG_OP = 'UPDATE' THEN
                IF NEW."erased" AND NEW."salt" = '' AND NEW."subject_name" = '' AND {same} THEN RETURN NEW; END IF;
            ELSIF NOT EXISTS (SELECT 1 FROM "organisation" WHERE "id" = OLD."organisation_id") THEN
                RETURN OLD;
            END IF;
            RAISE EXCEPTION 'the trail is only added to';
        END $$ LANGUAGE plpgsql""")  # noqa: S608
    db.execute_sql("""
        CREATE TRIGGER "audit_entry_stays" BEFORE UPDATE OR DELETE ON "audit_entry"
        FOR EACH ROW EXECUTE FUNCTION audit_entry_stays()""")
