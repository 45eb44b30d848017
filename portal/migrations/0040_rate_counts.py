"""The counts of rate limits, for all web processes together."""

from peewee import CharField, DoubleField, IntegerField, Model


def up(migrator, db):
    class RateCount(Model):
        key = CharField(max_length=64, unique=True)
        count = IntegerField()
        ends_at = DoubleField(index=True)

        class Meta:
            database = db
            table_name = "rate_count"

    db.create_tables([RateCount])
