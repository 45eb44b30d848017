"""The username that an operation gives away, in a column of its own with an index, filled from what was asked for."""


def up(migrator, db):
    db.execute_sql('ALTER TABLE "operation" ADD COLUMN "username" VARCHAR(320) NOT NULL DEFAULT \'\'')
    asked = "requested::jsonb ->> 'username'" if "%s" in db.param else "json_extract(requested, '$.username')"
    db.execute_sql(f"UPDATE operation SET username = COALESCE({asked}, '')")  # noqa: S608
    db.execute_sql('CREATE INDEX "operation_connection_id_username" ON "operation" ("connection_id", "username")')
