"""The part of the tenant that an account is in, where an application has such parts."""


def up(migrator, db):
    db.execute_sql('ALTER TABLE "account" ADD COLUMN "unit" TEXT NOT NULL DEFAULT \'\'')
