"""How usernames write letters with marks, and names in Cyrillic letters."""

COLUMNS = (("letters", "VARCHAR(20) NOT NULL DEFAULT 'plain'"), ("cyrillic", "VARCHAR(20) NOT NULL DEFAULT 'any'"))


def up(migrator, db):
    for name, kind in COLUMNS:
        db.execute_sql(f'ALTER TABLE "add_on_settings" ADD COLUMN "{name}" {kind}')
