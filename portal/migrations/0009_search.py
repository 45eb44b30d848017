"""An index for finding employees by any part of their record.

On SQLite its triggers belong to the employee table: a later migration that builds that table anew has to make them again.
"""

from portal.database import is_sqlite

# Kept in step by the database itself, so that no writer can forget it.
SQLITE = (
    """CREATE VIRTUAL TABLE employee_search USING fts5(
        search_text, content='employee', content_rowid='id', tokenize='trigram', columnsize=0)""",
    """CREATE TRIGGER employee_search_added AFTER INSERT ON employee BEGIN
        INSERT INTO employee_search(rowid, search_text) VALUES (new.id, new.search_text); END""",
    """CREATE TRIGGER employee_search_removed AFTER DELETE ON employee BEGIN
        INSERT INTO employee_search(employee_search, rowid, search_text)
            VALUES ('delete', old.id, old.search_text); END""",
    """CREATE TRIGGER employee_search_changed AFTER UPDATE OF search_text ON employee
        WHEN old.search_text <> new.search_text BEGIN
        INSERT INTO employee_search(employee_search, rowid, search_text)
            VALUES ('delete', old.id, old.search_text);
        INSERT INTO employee_search(rowid, search_text) VALUES (new.id, new.search_text); END""",
    "INSERT INTO employee_search(employee_search) VALUES ('rebuild')",
)
POSTGRESQL = (
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    "CREATE INDEX employee_search ON employee USING gin (search_text gin_trgm_ops)",
)


def up(migrator, db):
    # A space before every word, the first one too.
    db.execute_sql("UPDATE employee SET search_text = ' ' || search_text WHERE search_text <> ''")
    for statement in SQLITE if is_sqlite() else POSTGRESQL if _has_trigrams(db) else ():
        db.execute_sql(statement)


def _has_trigrams(db):
    """A server without the extension searches all the same, and takes longer where there are many employees."""
    found = db.execute_sql("SELECT 1 FROM pg_available_extensions WHERE name = 'pg_trgm'").fetchone()
    return found is not None
