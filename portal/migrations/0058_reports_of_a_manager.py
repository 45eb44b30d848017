"""Who reports to somebody, by an index of organisation and manager, which a database without statistics prefers too."""


def up(migrator, db):
    db.execute_sql('CREATE INDEX "employee_organisation_id_manager_id" ON "employee" ("organisation_id", "manager_id")')
