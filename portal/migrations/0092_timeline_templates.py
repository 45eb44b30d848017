"""The dated steps that an organisation has chosen for each kind of timeline, version by version."""

from peewee import CharField, DateTimeField, ForeignKeyField, IntegerField, JSONField, Model


def up(migrator, db):
    class Organisation(Model):
        class Meta:
            database = db
            table_name = "organisation"

    class Template(Model):
        organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
        kind = CharField(max_length=20)
        field = CharField(max_length=20, default="")
        value = CharField(max_length=200, default="")
        version = IntegerField(default=1)
        chosen = JSONField(default=dict)
        texts = JSONField(default=dict)
        by_name = CharField(max_length=320, default="")
        made_at = DateTimeField()
        removed_at = DateTimeField(null=True)

        class Meta:
            database = db
            table_name = "template"
            indexes = ((("organisation", "kind", "field", "value", "version"), True),)

    class KindInUse(Model):
        organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
        kind = CharField(max_length=20)
        by_name = CharField(max_length=320, default="")
        since = DateTimeField()

        class Meta:
            database = db
            table_name = "kind_in_use"
            indexes = ((("organisation", "kind"), True),)

    db.create_tables([Template, KindInUse])
