"""Where and how an employee works, in which time zone, and when they are on leave."""

TEXTS = {"time_zone": 64, "employment_type": 60, "location": 200}


def up(migrator, db):
    for name, longest in TEXTS.items():
        db.execute_sql(f'ALTER TABLE "employee" ADD COLUMN "{name}" VARCHAR({longest}) NOT NULL DEFAULT \'\'')
    for name in ("leave_from", "leave_to"):
        db.execute_sql(f'ALTER TABLE "employee" ADD COLUMN "{name}" DATE')
    reference = 'INTEGER REFERENCES "employee" ("id") ON DELETE SET NULL'
    db.execute_sql(f'ALTER TABLE "employee" ADD COLUMN "second_manager_id" {reference}')
    db.execute_sql('CREATE INDEX "employee_second_manager_id" ON "employee" ("second_manager_id")')
    db.execute_sql('CREATE INDEX "employee_organisation_id_location" ON "employee" ("organisation_id", "location")')
