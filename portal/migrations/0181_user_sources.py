"""Users who come from groups of a connected application, or from another system by SCIM."""

from peewee import BooleanField, CharField, DateTimeField, ForeignKeyField, IntegerField, Model, TextField


def up(migrator, db):
    def table(name):
        return type(name, (Model,), {"Meta": type("Meta", (), {"database": db, "table_name": name})})

    organisations, users = table("organisation"), table("portal_user")

    class UserSource(Model):
        user = ForeignKeyField(users, on_delete="CASCADE", unique=True)
        organisation = ForeignKeyField(organisations, on_delete="CASCADE")
        kind = CharField(max_length=10)
        key = CharField(max_length=120)
        subject = CharField(max_length=64)
        group = CharField(max_length=64, default="")
        name = CharField(max_length=256)
        since = DateTimeField()
        ended_at = DateTimeField(null=True)
        held = BooleanField(default=False)
        problem = TextField(default="")

        class Meta:
            database = db
            table_name = "user_source"
            indexes = ((("organisation", "kind", "key", "subject"), True),)

    class GroupLevel(Model):
        organisation = ForeignKeyField(organisations, on_delete="CASCADE")
        service = CharField(max_length=40)
        tenant_id = CharField(max_length=64)
        position = IntegerField(default=0)
        group = CharField(max_length=64)
        group_name = CharField(max_length=256)
        access_level = CharField(max_length=20)
        part = CharField(max_length=20, default="")
        part_value = CharField(max_length=200, default="")
        made_by = ForeignKeyField(users, null=True, on_delete="SET NULL")
        read_at = DateTimeField(null=True)
        problem = TextField(default="")

        class Meta:
            database = db
            table_name = "group_level"
            indexes = ((("organisation", "service", "tenant_id", "group"), True),)

    db.create_tables([UserSource, GroupLevel])
