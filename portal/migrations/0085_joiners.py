"""Accounts that are made ahead of the first day, and stay blocked until then."""


def up(migrator, db):
    db.execute_sql('ALTER TABLE "account" ADD COLUMN "waits_for_start" BOOLEAN NOT NULL DEFAULT FALSE')
