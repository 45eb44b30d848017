"""Each time a person applies keeps its own answers; what no page uses goes."""

from peewee import JSONField


def up(migrator, db):
    migrator.migrate(migrator.add_column("stage_move", "answers", JSONField(null=True)))
    db.execute_sql(
        "UPDATE stage_move SET answers = (SELECT answers FROM application WHERE application.id = stage_move.application_id)"
        " WHERE id IN (SELECT MAX(id) FROM stage_move WHERE kind IN ('applied', 'applied again', 'added') GROUP BY application_id)"
    )
    migrator.migrate(
        migrator.drop_index("application", "application_link_hash"),
        migrator.drop_column("application", "link_hash"),
        migrator.drop_column("application", "reminded_at"),
        migrator.drop_column("application", "answers"),
    )
