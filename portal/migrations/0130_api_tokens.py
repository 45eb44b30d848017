"""Tokens for the API, and which ways in an organisation has paused."""

from peewee import CharField, DateTimeField, ForeignKeyField, IntegerField, JSONField, Model


def up(migrator, db):
    def table(name):
        return type(name, (Model,), {"Meta": type("Meta", (), {"database": db, "table_name": name})})

    class PausedDoor(Model):
        organisation = ForeignKeyField(table("organisation"), on_delete="CASCADE")
        door = CharField(max_length=20)
        paused_at = DateTimeField()
        by_name = CharField(max_length=320, default="")

        class Meta:
            database = db
            table_name = "paused_door"
            indexes = ((("organisation", "door"), True),)

    class ApiToken(Model):
        organisation = ForeignKeyField(table("organisation"), on_delete="CASCADE")
        name = CharField(max_length=80)
        key = CharField(max_length=6, unique=True)
        secret_hash = CharField(max_length=64)
        old_secret_hash = CharField(max_length=64, default="")
        old_until = DateTimeField(null=True)
        scopes = JSONField(default=list)
        networks = JSONField(default=list)
        days = IntegerField()
        made_by = ForeignKeyField(table("portal_user"), null=True, on_delete="SET NULL")
        made_by_name = CharField(max_length=320)
        made_at = DateTimeField()
        expires_at = DateTimeField()
        warned = IntegerField(null=True)
        revoked_at = DateTimeField(null=True)
        revoked_by_name = CharField(max_length=320, default="")
        last_used_at = DateTimeField(null=True)
        last_used_from = CharField(max_length=64, default="")
        old_last_used_at = DateTimeField(null=True)

        class Meta:
            database = db
            table_name = "api_token"
            indexes = ((("organisation", "revoked_at"), False), (("expires_at",), False))

    db.create_tables([PausedDoor, ApiToken])
