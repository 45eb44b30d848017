"""When each step was last looked at, so that those that cannot begin keep no other from its turn."""

from portal.database import UtcDateTimeField


def up(migrator, db):
    migrator.migrate(migrator.add_column("planned_step", "looked_at", UtcDateTimeField(null=True)))
