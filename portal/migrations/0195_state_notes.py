"""What an application says of the state of an account beyond its being active or not."""


def up(migrator, db):
    db.execute_sql('ALTER TABLE "account" ADD COLUMN "state_note" TEXT NOT NULL DEFAULT \'\'')
