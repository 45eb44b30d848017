"""The index of those who report to a manager has them in the order of their names.

With more columns in the table SQLite would otherwise rather walk along the whole list in that order.
"""


def up(migrator, db):
    db.execute_sql('DROP INDEX IF EXISTS "employee_organisation_id_manager_id"')
    columns = '"organisation_id", "manager_id", "sort_name", "id"'
    db.execute_sql(f'CREATE INDEX "employee_organisation_id_manager_id_sort_name_id" ON "employee" ({columns})')
