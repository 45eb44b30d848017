"""Runs take turns; which seats each of their lines needs. Columns by plain statements, as in 0002."""

COLUMNS = (
    ("run", "turn_at", "TIMESTAMP"),
    ("run", "not_before", "TIMESTAMP"),
    ("run", "counted_failed", "INTEGER NOT NULL DEFAULT 0"),
    ("run_line", "seats", "TEXT NOT NULL DEFAULT ''"),
)


def up(migrator, db):
    for table, name, kind in COLUMNS:
        db.execute_sql(f'ALTER TABLE "{table}" ADD COLUMN "{name}" {kind}')
    db.execute_sql('UPDATE "run_line" SET "seats" = "licence" WHERE "licence" NOT IN (\'none\', \'\')')
