"""What somebody ticked on a form in a candidate's name, until the candidate opens the link of an email."""

from peewee import TextField


def up(migrator, db):
    migrator.migrate(migrator.add_column("candidate", "asked_consent", TextField(default="")))
