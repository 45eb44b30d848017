"""Who starts and who leaves within some days is asked by the day-one board and the forecast of seats."""


def up(migrator, db):
    db.execute_sql("CREATE INDEX employee_by_start ON employee (organisation_id, start_date, id)")
    db.execute_sql("CREATE INDEX employee_by_end ON employee (organisation_id, end_date)")
