"""Requests of the API that do their work once, and the order in which records changed."""

from peewee import CharField, DateTimeField, ForeignKeyField, IntegerField, Model


def up(migrator, db):
    class ApiToken(Model):
        class Meta:
            database = db
            table_name = "api_token"

    class OnceKey(Model):
        token = ForeignKeyField(ApiToken, on_delete="CASCADE")
        route = CharField(max_length=60)
        key = CharField(max_length=255)
        request_hash = CharField(max_length=64)
        begun_at = DateTimeField()
        lease_from = DateTimeField()
        made_kind = CharField(max_length=20, default="")
        made_id = IntegerField(null=True)
        done_at = DateTimeField(null=True)

        class Meta:
            database = db
            table_name = "once_key"
            indexes = ((("token", "route", "key"), True), (("begun_at",), False))

    db.create_tables([OnceKey])
    migrator.migrate(migrator.add_index("employee", ("organisation_id", "changed_at"), False))
