"""When a mail with login information is tried again, which was kept as if a worker held it until then.

Who carries an operation out is known by the lease alone, so the word for it goes.
"""


def up(migrator, db):
    db.execute_sql('ALTER TABLE "operation" DROP COLUMN "lease_by"')
    db.execute_sql('ALTER TABLE "login_mail" ADD COLUMN "not_before" TIMESTAMP')
    db.execute_sql("UPDATE login_mail SET not_before = lease_until, lease_until = NULL WHERE state = 'scheduled'")
