"""Why a bulk action is done, in the words of whoever starts it; and how many licences each of its lines frees."""


def up(migrator, db):
    db.execute_sql('ALTER TABLE "run" ADD COLUMN "reason" VARCHAR(500) NOT NULL DEFAULT \'\'')
    db.execute_sql('ALTER TABLE "run_line" ADD COLUMN "frees" INTEGER NOT NULL DEFAULT 0')
