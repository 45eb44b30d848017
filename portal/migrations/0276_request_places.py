"""The requests that each token has under way."""

from peewee import DoubleField, ForeignKeyField, IntegerField, Model


def up(migrator, db):
    class ApiToken(Model):
        class Meta:
            database = db
            table_name = "api_token"

    class RequestPlace(Model):
        token = ForeignKeyField(ApiToken, on_delete="CASCADE")
        number = IntegerField()
        until = DoubleField()

        class Meta:
            database = db
            table_name = "request_place"
            indexes = ((("token", "number"), True),)

    db.create_tables([RequestPlace])
