"""Which fields of the HR record flow, and what was sent of each account's."""

from peewee import DateTimeField, JSONField


def up(migrator, db):
    migrator.migrate(
        migrator.add_column("connection", "synced_fields", JSONField(null=True)),
        migrator.add_column("account", "fields_sent", JSONField(null=True)),
        migrator.add_column("account", "fields_at", DateTimeField(null=True)),
    )
