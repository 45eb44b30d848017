"""Systems that push employees by SCIM, and each person as they described them."""

from peewee import (
    BooleanField,
    CharField,
    DateField,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    JSONField,
    Model,
    TextField,
)


def up(migrator, db):
    def table(name):
        return type(name, (Model,), {"Meta": type("Meta", (), {"database": db, "table_name": name})})

    class ScimClient(Model):
        organisation = ForeignKeyField(table("organisation"), on_delete="CASCADE")
        token = ForeignKeyField(table("api_token"), on_delete="CASCADE", unique=True)
        key = CharField(max_length=20)
        leavers = CharField(max_length=20)
        first_used_at = DateTimeField()
        live_at = DateTimeField(null=True)
        approved_until = DateTimeField(null=True)
        paused_at = DateTimeField(null=True)
        paused_by_name = CharField(max_length=320, default="")

        class Meta:
            database = db
            table_name = "scim_client"
            indexes = ((("organisation",), False),)

    class ScimPerson(Model):
        client = ForeignKeyField(ScimClient, on_delete="CASCADE")
        organisation = ForeignKeyField(table("organisation"), on_delete="CASCADE")
        employee = ForeignKeyField(table("employee"), null=True, on_delete="SET NULL")
        resource_id = CharField(max_length=32, unique=True)
        user_name = CharField(max_length=400)
        external_id = CharField(max_length=400, default="")
        number = CharField(max_length=400, default="")
        manager_said = CharField(max_length=400, default="")
        resource = JSONField(default=dict)
        search_text = TextField(default="")
        said = JSONField(default=list)
        version = IntegerField(default=1)
        made_at = DateTimeField()
        received_at = DateTimeField()
        inactive_since = DateField(null=True)
        deleted_at = DateTimeField(null=True)
        waits = BooleanField(default=True)
        held = BooleanField(default=False)
        notes = JSONField(default=dict)
        applied_at = DateTimeField(null=True)
        kinds = CharField(max_length=60, default="")

        class Meta:
            database = db
            table_name = "scim_person"
            indexes = (
                (("client", "user_name"), False), (("client", "external_id"), False),
                (("client", "manager_said"), False), (("client", "waits"), False), (("organisation", "number"), False),
                (("employee",), False),
            )  # fmt: skip

    db.create_tables([ScimClient, ScimPerson])
