"""How a worker with few Runs asks the others for one of theirs."""

from peewee import IntegerField


def up(migrator, db):
    migrator.migrate(migrator.add_column("run", "asked_with", IntegerField(null=True)))
