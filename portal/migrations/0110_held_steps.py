"""Steps that wait for a second Admin have a state of their own, and a step says what was left out of it."""

from peewee import DateTimeField, JSONField

REASON = "Many steps of one import are due within an hour. They wait for a second Admin, on the Calendar."


def up(migrator, db):
    migrator.migrate(
        migrator.add_column("planned_step", "left_out", JSONField(null=True)),
        migrator.add_column("step_hold", "takes_effect_at", DateTimeField(null=True)),
    )
    mark = db.param
    db.execute_sql(
        f"UPDATE planned_step SET state = 'held' WHERE state = 'asks' AND reason = {mark}",  # noqa: S608 - a mark
        (REASON,),
    )
