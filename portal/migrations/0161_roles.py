"""The country or department to which an HR of one part is held."""

COLUMNS = (("part", "VARCHAR(20) NOT NULL DEFAULT ''"), ("part_value", "VARCHAR(200) NOT NULL DEFAULT ''"))


def up(migrator, db):
    for table in ("portal_user", "invitation"):
        for name, kind in COLUMNS:
            db.execute_sql(f'ALTER TABLE "{table}" ADD COLUMN "{name}" {kind}')
