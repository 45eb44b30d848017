"""Where the reading of a tenant's changes goes on, and how many wait for somebody's word."""

from peewee import DateTimeField, IntegerField, TextField


def up(migrator, db):
    migrator.migrate(
        migrator.add_column("connection", "changes_link", TextField(default="")),
        migrator.add_column("connection", "held_changes", IntegerField(default=0)),
        migrator.add_column("connection", "synced_at", DateTimeField(null=True)),
    )
