"""Who takes over the reports of somebody who leaves."""


def up(migrator, db):
    reference = 'INTEGER REFERENCES "employee" ("id") ON DELETE SET NULL'
    db.execute_sql(f'ALTER TABLE "employee" ADD COLUMN "successor_id" {reference}')
    db.execute_sql('CREATE INDEX "employee_successor_id" ON "employee" ("successor_id")')
