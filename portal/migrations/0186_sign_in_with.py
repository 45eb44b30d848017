"""With which applications an organisation's users may sign in: each is allowed by itself. So far there was one."""

WAY = "outside_sign_in microsoft-365"


def up(migrator, db):
    db.execute_sql('ALTER TABLE "organisation" ADD COLUMN "sign_in_with" VARCHAR(200) NOT NULL DEFAULT \'\'')
    db.execute_sql("UPDATE organisation SET sign_in_with = 'microsoft-365' WHERE outside_sign_in")
    db.execute_sql('ALTER TABLE "organisation" DROP COLUMN "outside_sign_in"')
    # What waits for a second Admin, and what was decided, is about that application.
    db.execute_sql(f"UPDATE pending_change SET control = '{WAY}' WHERE control = 'outside_sign_in'")  # noqa: S608
