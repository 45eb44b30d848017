"""A connection may have a credential of its own, and an application may know its accounts by address."""

from portal.database import is_sqlite

IDS = (
    ("account", "remote_id"), ("account", "manager_remote_id"), ("found_account", "remote_id"),
    ("declined", "remote_id"), ("run_line", "remote_id"),
)  # fmt: skip


def up(migrator, db):
    db.execute_sql('ALTER TABLE "connection" ADD COLUMN "encrypted_credential" TEXT NOT NULL DEFAULT \'\'')
    # SQLite holds no text to a length.
    for table, column in () if is_sqlite() else IDS:
        db.execute_sql(f'ALTER TABLE "{table}" ALTER COLUMN "{column}" TYPE VARCHAR(320)')
