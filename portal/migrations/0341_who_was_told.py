"""Which Admins were told of a change that waits, while the mail server does not take the mails of others."""


def up(migrator, db):
    db.execute_sql('ALTER TABLE "pending_change" ADD COLUMN "told" TEXT NOT NULL DEFAULT \'\'')
