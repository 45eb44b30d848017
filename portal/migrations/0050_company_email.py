"""Which connected application the company email follows, where there are several."""


def up(migrator, db):
    db.execute_sql('ALTER TABLE "organisation" ADD COLUMN "company_email_from" VARCHAR(40) NOT NULL DEFAULT \'\'')
