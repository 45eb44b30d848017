"""Somebody chose that a person of a run gets another account, although one may be theirs already."""


def up(migrator, db):
    db.execute_sql('ALTER TABLE "run_line" ADD COLUMN "another" BOOLEAN NOT NULL DEFAULT FALSE')
