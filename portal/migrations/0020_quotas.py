"""Quotas of tenants, shared by all processes."""

from peewee import CharField, DoubleField, JSONField, Model


def up(migrator, db):
    class Quota(Model):
        name = CharField(max_length=120, unique=True)
        taken = JSONField()
        closed_until = DoubleField(default=0.0)

        class Meta:
            database = db
            table_name = "quota"

    db.create_tables([Quota])
