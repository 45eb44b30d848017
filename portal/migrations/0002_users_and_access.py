"""Invitations, password resets, second factors, and what was refused at the sign-in.

Columns are added by plain statements: the migration helper would build the table anew, and dropping the old one would
delete, by cascade, whatever refers to it.
"""

from peewee import CharField, DateTimeField, ForeignKeyField, Model


def up(migrator, db):
    class Organisation(Model):
        class Meta:
            database = db
            table_name = "organisation"

    class User(Model):
        class Meta:
            database = db
            table_name = "portal_user"

    class Invitation(Model):
        organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
        email = CharField(max_length=254)
        name = CharField(max_length=200, default="")
        access_level = CharField(max_length=20)
        token_hash = CharField(unique=True, max_length=64)
        created_at = DateTimeField()

        class Meta:
            database = db
            table_name = "invitation"
            indexes = ((("organisation", "email"), True),)

    class PasswordReset(Model):
        user = ForeignKeyField(User, on_delete="CASCADE")
        token_hash = CharField(unique=True, max_length=64)
        created_at = DateTimeField()
        used_at = DateTimeField(null=True)

        class Meta:
            database = db
            table_name = "password_reset"

    class RecoveryCode(Model):
        user = ForeignKeyField(User, on_delete="CASCADE")
        code_hash = CharField(max_length=64)
        used_at = DateTimeField(null=True)

        class Meta:
            database = db
            table_name = "recovery_code"

    class HalfSignIn(Model):
        user = ForeignKeyField(User, on_delete="CASCADE")
        token_hash = CharField(unique=True, max_length=64)
        created_at = DateTimeField()

        class Meta:
            database = db
            table_name = "half_sign_in"

    class SignInFailure(Model):
        email_hash = CharField(max_length=64)
        origin_hash = CharField(max_length=64)
        at = DateTimeField()

        class Meta:
            database = db
            table_name = "sign_in_failure"
            indexes = ((("email_hash", "at"), False), (("at",), False))

    for statement in (
        'ALTER TABLE "organisation" ADD COLUMN "admins_need_second_factor" BOOLEAN NOT NULL DEFAULT FALSE',
        'ALTER TABLE "portal_user" ADD COLUMN "sealed_totp" TEXT NOT NULL DEFAULT \'\'',
        'ALTER TABLE "portal_user" ADD COLUMN "totp_used_step" INTEGER',
        'ALTER TABLE "session" ADD COLUMN "checked_at" TIMESTAMP',
    ):
        db.execute_sql(statement)
    db.create_tables([Invitation, PasswordReset, RecoveryCode, HalfSignIn, SignInFailure])
