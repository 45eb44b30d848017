"""Which rules followed the new name of a department or location, so that they can go back."""

from peewee import JSONField


def up(migrator, db):
    migrator.migrate(migrator.add_column("value_change", "rules", JSONField(null=True)))
