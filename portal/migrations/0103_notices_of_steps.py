"""An email may belong to a step of a timeline instead of an operation: each step has at most one."""

from peewee import CharField


def up(migrator, db):
    migrator.migrate(
        migrator.drop_not_null("notice", "operation_id"),
        migrator.add_column("notice", "step", CharField(max_length=40, null=True)),
        migrator.add_index("notice", ("step",), True),
    )
