"""In which language the portal speaks to a user, and to those users of an organisation who chose none."""


def up(migrator, db):
    for table in ("organisation", "portal_user"):
        db.execute_sql(f'ALTER TABLE "{table}" ADD COLUMN "language" VARCHAR(10) NOT NULL DEFAULT \'\'')
