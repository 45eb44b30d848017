"""Departments and locations that got another name, so that it can be undone."""

from peewee import CharField, DateTimeField, ForeignKeyField, JSONField, Model


def up(migrator, db):
    class Organisation(Model):
        class Meta:
            database = db
            table_name = "organisation"

    class ValueChange(Model):
        organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
        field = CharField(max_length=20)
        old = CharField(max_length=200)
        new = CharField(max_length=200)
        employees = JSONField()
        at = DateTimeField()
        undone_at = DateTimeField(null=True)

        class Meta:
            database = db
            table_name = "value_change"
            indexes = ((("organisation", "at"), False),)

    db.create_tables([ValueChange])
