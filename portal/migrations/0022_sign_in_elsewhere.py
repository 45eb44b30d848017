"""Users who sign in with the account of the connected application. Columns by plain statements, as in 0002."""

from peewee import CharField, DateTimeField, ForeignKeyField, Model, TextField


def up(migrator, db):
    class User(Model):
        class Meta:
            database = db
            table_name = "portal_user"

    class LinkedSignIn(Model):
        user = ForeignKeyField(User, on_delete="CASCADE")
        service = CharField(max_length=40)
        tenant_id = CharField(max_length=64)
        person_id = CharField(max_length=64)
        shown_as = CharField(max_length=320, default="")
        created_at = DateTimeField()

        class Meta:
            database = db
            table_name = "linked_sign_in"
            indexes = ((("service", "tenant_id", "person_id"), True), (("user", "service"), True))

    class OutsideSignIn(Model):
        user = ForeignKeyField(User, null=True, on_delete="CASCADE")
        service = CharField(max_length=40)
        state_hash = CharField(unique=True, max_length=64)
        browser_hash = CharField(max_length=64)
        sealed_flow = TextField()
        created_at = DateTimeField()

        class Meta:
            database = db
            table_name = "outside_sign_in"

    db.execute_sql('ALTER TABLE "organisation" ADD COLUMN "outside_sign_in" BOOLEAN NOT NULL DEFAULT FALSE')
    db.create_tables([LinkedSignIn, OutsideSignIn])
