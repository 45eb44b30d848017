"""A form that is sent twice writes one message."""

from peewee import CharField


def up(migrator, db):
    migrator.migrate(
        migrator.add_column("message", "form_key", CharField(max_length=40, null=True)),
        migrator.add_index("message", ("candidate_id", "form_key"), unique=True),
    )
