"""Which manager an account has at the application, as last read."""

from peewee import CharField


def up(migrator, db):
    migrator.migrate(migrator.add_column("account", "manager_shown", CharField(max_length=600, null=True)))
