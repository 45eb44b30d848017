"""Login information that is a pass and no password, or that goes by link whatever the organisation has chosen."""

COLUMNS = (
    ("secret", "VARCHAR(20) NOT NULL DEFAULT 'password'"),
    ("ends_at", "TIMESTAMP"),
    ("only_link", "BOOLEAN NOT NULL DEFAULT FALSE"),
)


def up(migrator, db):
    for name, kind in COLUMNS:
        db.execute_sql(f'ALTER TABLE "login_mail" ADD COLUMN "{name}" {kind}')
