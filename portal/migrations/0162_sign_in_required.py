"""That an organisation's users have to sign in with a connected application, and who may always use the password."""


def up(migrator, db):
    for table, column in (("organisation", "outside_sign_in_required"), ("portal_user", "break_glass")):
        db.execute_sql(f'ALTER TABLE "{table}" ADD COLUMN "{column}" BOOLEAN NOT NULL DEFAULT FALSE')
