"""A link that shows the temporary password once, in place of the password in the mail. As 0018: by plain statements."""

COLUMNS = (
    ("login_mail", "link_hash", "VARCHAR(64) NOT NULL DEFAULT ''"),
    ("login_mail", "sealed_link", "TEXT NOT NULL DEFAULT ''"),
    ("login_mail", "opened_at", "TIMESTAMP"),
    ("mail_settings", "hand_over", "VARCHAR(10) NOT NULL DEFAULT 'mail'"),
)


def up(migrator, db):
    for table, name, kind in COLUMNS:
        db.execute_sql(f'ALTER TABLE "{table}" ADD COLUMN "{name}" {kind}')
    db.execute_sql("CREATE INDEX login_mail_by_link ON login_mail (link_hash)")
