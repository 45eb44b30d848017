"""A trial period may have an end date, and each person may hide the notice of it."""


def up(migrator, db):
    db.execute_sql('ALTER TABLE "organisation" ADD COLUMN "trial_ends" DATE')
    db.execute_sql('ALTER TABLE "portal_user" ADD COLUMN "trial_notice_hidden" BOOLEAN NOT NULL DEFAULT FALSE')
