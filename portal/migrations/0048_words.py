"""Columns and tables named as the pages and the code name what is in them: licences, differences, encrypted values."""

COLUMNS = (
    ("connection", "plans", "licences"),
    ("account", "plan_ids", "licence_ids"),
    ("account", "own_plan_ids", "own_licence_ids"),
    ("portal_user", "sealed_totp", "encrypted_totp"),
    ("outside_sign_in", "sealed_flow", "encrypted_flow"),
    ("connect_attempt", "sealed_flow", "encrypted_flow"),
    ("operation", "sealed_password", "encrypted_password"),
    ("login_mail", "sealed_password", "encrypted_password"),
    ("login_mail", "sealed_link", "encrypted_link"),
    ("audit_key", "sealed_key", "encrypted_key"),
)
# What open operations ask for, and what bulk actions were planned with, names a licence as the code does.
KEYS = (("plan_id", "licence_id"), ("plan_name", "licence_name"))


def up(migrator, db):
    for table, before, after in COLUMNS:
        db.execute_sql(f'ALTER TABLE "{table}" RENAME COLUMN "{before}" TO "{after}"')
    db.execute_sql('ALTER TABLE "disagreement" RENAME TO "difference"')
    kind = next(column.data_type for column in db.get_columns("operation") if column.name == "requested")
    for before, after in KEYS:
        named = f"""REPLACE(CAST(requested AS TEXT), '"{before}":', '"{after}":')"""
        chosen = f"""CAST(requested AS TEXT) LIKE '%"{before}":%'""".replace("%", "%%" if "%s" in db.param else "%")
        db.execute_sql(f"UPDATE operation SET requested = CAST({named} AS {kind}) WHERE {chosen}")  # noqa: S608
