"""An index of each organisation's operations in their order, in the place of the one of organisations alone.

In SQLite an index of organisations has each row's number behind it anyway.
"""

from portal.database import is_sqlite


def up(migrator, db):
    if not is_sqlite():
        db.execute_sql('CREATE INDEX "operation_organisation_id_id" ON "operation" ("organisation_id", "id")')
        db.execute_sql('DROP INDEX IF EXISTS "operation_organisation_id"')
