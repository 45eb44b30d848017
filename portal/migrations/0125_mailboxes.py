"""People's own mailboxes, and the organisations that allow them."""

from peewee import SQL, CharField, DateTimeField, ForeignKeyField, JSONField, Model, TextField


def up(migrator, db):
    class Organisation(Model):
        class Meta:
            database = db
            table_name = "organisation"

    class User(Model):
        class Meta:
            database = db
            table_name = "portal_user"

    class Connection(Model):
        class Meta:
            database = db
            table_name = "connection"

    class Allowance(Model):
        organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
        connection = ForeignKeyField(Connection, unique=True, on_delete="CASCADE")
        by = ForeignKeyField(User, null=True, on_delete="SET NULL")
        by_name = CharField(max_length=320, default="")
        at = DateTimeField()

        class Meta:
            database = db
            table_name = "allowance"

    class Mailbox(Model):
        organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
        user = ForeignKeyField(User, unique=True, on_delete="CASCADE")
        connection = ForeignKeyField(Connection, on_delete="CASCADE")
        tenant_id = CharField(max_length=64)
        person_id = CharField(max_length=64)
        name = CharField(max_length=256, default="")
        address = CharField(max_length=320)
        addresses = JSONField(default=list)
        scopes = JSONField(default=list)
        encrypted_cache = TextField(default="")
        state = CharField(max_length=20, default="live")
        since = DateTimeField()
        problem = TextField(default="")
        next_step = TextField(default="")
        code = CharField(max_length=200, default="")
        used_at = DateTimeField()
        told_at = DateTimeField(null=True)
        admins_told_at = DateTimeField(null=True)

        class Meta:
            database = db
            table_name = "mailbox"

    Mailbox.add_index(
        Mailbox.index(Mailbox.tenant_id, Mailbox.person_id, unique=True, name="mailbox_one_user").where(
            SQL("state <> 'off'")
        )
    )
    db.create_tables([Allowance, Mailbox])
