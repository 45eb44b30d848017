"""Accounts that an organisation keeps on purpose, when accounts were last used, and what licences cost."""

from peewee import CharField, DateField, DateTimeField, ForeignKeyField, Model, TextField


def up(migrator, db):
    class Organisation(Model):
        class Meta:
            database = db
            table_name = "organisation"

    class Connection(Model):
        class Meta:
            database = db
            table_name = "connection"

    class KeptAccount(Model):
        organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
        connection = ForeignKeyField(Connection, on_delete="CASCADE")
        remote_id = CharField(max_length=320)
        name = CharField(max_length=320, default="")
        reason = CharField(max_length=300)
        until = DateField()
        by_name = CharField(max_length=320, default="")
        kept_at = DateTimeField()

        class Meta:
            database = db
            table_name = "kept_account"
            indexes = ((("connection", "remote_id"), True),)

    class UseReading(Model):
        organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
        connection = ForeignKeyField(Connection, on_delete="CASCADE", unique=True)
        lease_until = DateTimeField(null=True)
        state = CharField(max_length=20)
        source = CharField(max_length=20, default="")
        why_not = TextField(default="")
        what_to_do = TextField(default="")
        problem = TextField(default="")
        read_at = DateTimeField(null=True)

        class Meta:
            database = db
            table_name = "use_reading"

    class LastSeen(Model):
        reading = ForeignKeyField(UseReading, on_delete="CASCADE")
        remote_id = CharField(max_length=320)
        used_at = DateTimeField(null=True)

        class Meta:
            database = db
            table_name = "last_seen"
            indexes = ((("reading", "remote_id"), True),)

    db.create_tables([KeptAccount, UseReading, LastSeen])
    kind = next(column.data_type for column in db.get_columns("connection") if column.name == "licences")
    db.execute_sql(f'ALTER TABLE "add_on_settings" ADD COLUMN "prices" {kind} NOT NULL DEFAULT \'{{}}\'')
    db.execute_sql('ALTER TABLE "add_on_settings" ADD COLUMN "currency" VARCHAR(3) NOT NULL DEFAULT \'\'')
