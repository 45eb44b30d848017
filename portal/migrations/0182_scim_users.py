"""Users of the portal whom another system manages by SCIM, as it described them last."""

from peewee import CharField, DateTimeField, ForeignKeyField, IntegerField, JSONField, Model


def up(migrator, db):
    def table(name):
        return type(name, (Model,), {"Meta": type("Meta", (), {"database": db, "table_name": name})})

    organisations, users = table("organisation"), table("portal_user")

    class ScimUser(Model):
        user = ForeignKeyField(users, on_delete="CASCADE", unique=True)
        organisation = ForeignKeyField(organisations, on_delete="CASCADE")
        resource_id = CharField(max_length=32, unique=True)
        user_name = CharField(max_length=254)
        resource = JSONField(default=dict)
        version = IntegerField(default=1)
        made_at = DateTimeField()
        changed_at = DateTimeField()

        class Meta:
            database = db
            table_name = "scim_user"
            indexes = ((("organisation", "user_name"), True),)

    db.create_tables([ScimUser])
