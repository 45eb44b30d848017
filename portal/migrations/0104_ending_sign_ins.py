"""Until when an application may still be ending the sign-in that a connection no longer uses."""


def up(migrator, db):
    db.execute_sql('ALTER TABLE "connection" ADD COLUMN "ending_until" TIMESTAMP')
