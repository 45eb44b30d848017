"""The country or department to which a bulk action is held that an HR of one part asked for."""

COLUMNS = (("part", "VARCHAR(20) NOT NULL DEFAULT ''"), ("part_value", "VARCHAR(200) NOT NULL DEFAULT ''"))


def up(migrator, db):
    for name, kind in COLUMNS:
        db.execute_sql(f'ALTER TABLE "run" ADD COLUMN "{name}" {kind}')
