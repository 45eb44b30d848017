"""What a session was proved with, who invited whom, and every code of an authenticator app that was used.

`totp_used_step` stays, unused, for a process of the version before. Columns by plain statements, as in 0002.
"""

from peewee import ForeignKeyField, IntegerField, Model

INVITERS = """
    UPDATE "invitation" SET "invited_by_id" = (SELECT a."by_id" FROM "audit_entry" a JOIN "portal_user" u ON u."id" = a."by_id"
    WHERE a."organisation_id" = "invitation"."organisation_id" AND a."subject_kind" = 'Invitation'
    AND a."subject_id" = "invitation"."id" AND a."action" IN ('invite user', 'send invitation')
    ORDER BY a."number" DESC LIMIT 1)
"""


def up(migrator, db):
    class User(Model):
        class Meta:
            database = db
            table_name = "portal_user"

    class UsedCode(Model):
        user = ForeignKeyField(User, on_delete="CASCADE")
        step = IntegerField()

        class Meta:
            database = db
            table_name = "used_code"
            indexes = ((("user", "step"), True),)

    db.create_tables([UsedCode])
    db.execute_sql(
        'INSERT INTO "used_code" ("user_id", "step") '
        'SELECT "id", "totp_used_step" FROM "portal_user" WHERE "totp_used_step" IS NOT NULL'
    )
    linked = 'INTEGER REFERENCES "linked_sign_in" ("id") ON DELETE CASCADE'
    db.execute_sql('ALTER TABLE "sign_in_failure" ADD COLUMN "pending" BOOLEAN NOT NULL DEFAULT FALSE')
    db.execute_sql('ALTER TABLE "portal_user" ADD COLUMN "endings" INTEGER NOT NULL DEFAULT 0')
    for table, name, kind in (
        ("session", "linked_id", linked),
        ("half_sign_in", "linked_id", linked),
        ("invitation", "invited_by_id", 'INTEGER REFERENCES "portal_user" ("id") ON DELETE SET NULL'),
    ):
        db.execute_sql(f'ALTER TABLE "{table}" ADD COLUMN "{name}" {kind}')
        db.execute_sql(f'CREATE INDEX "{table}_{name}" ON "{table}" ("{name}")')
    db.execute_sql('CREATE INDEX "sign_in_failure_by_origin" ON "sign_in_failure" ("origin_hash", "at")')
    db.execute_sql(INVITERS)
