"""Login information that is paused while the organisation is disconnected, and what it was before."""

COLUMNS = (
    ("login_mail", "paused_from", "VARCHAR(20) NOT NULL DEFAULT ''"),
    ("login_mail", "paused_at", "TIMESTAMP"),
)


def up(migrator, db):
    for table, name, kind in COLUMNS:
        db.execute_sql(f'ALTER TABLE "{table}" ADD COLUMN "{name}" {kind}')
