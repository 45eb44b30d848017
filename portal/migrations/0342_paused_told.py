"""Whether the Admins were told that the portal paused a receiver, or a target of the audit log."""


def up(migrator, db):
    for table in ("webhook_receiver", "siem_target"):
        db.execute_sql(f'ALTER TABLE "{table}" ADD COLUMN "told" BOOLEAN NOT NULL DEFAULT TRUE')
