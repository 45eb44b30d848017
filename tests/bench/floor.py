"""The least that could show the same rows: one statement in plain SQL and one compiled template for each page.

It reads the portal's own tables through their indexes, on a connection that each thread keeps. No layout, no sign-in,
no permissions, no filters and no counts; a page is as long as the portal's, as all of it has to be sent.
"""

import json
import os
import sqlite3
import threading
from pathlib import Path
from typing import Any

from flask import Flask, request

PAGE = """<!doctype html><title>{{ title }}</title>%s<table>{%% for row in rows %%}
<tr>{%% for value in row %%}<td class="d-none d-md-table-cell">{{ value }}</td>{%% endfor %%}</tr>{%% endfor %%}
</table>"""
EMPLOYEE = (
    "SELECT e.id, e.first_name, e.last_name, e.job_title, e.employee_number, e.department, e.start_date, a.enabled"
)
STAFF = f"""{EMPLOYEE} FROM employee e LEFT JOIN account a ON a.employee_id = e.id AND a.detached_at IS NULL
    WHERE e.organisation_id = 1"""
SORTED = "ORDER BY e.sort_name, e.id LIMIT 25"
# By the name of the page: the statement, whose marks are the values that the address gives.
PAGES = {
    "list": f"{STAFF} {SORTED}",
    "deep": f"""{STAFF} AND (e.sort_name, e.id) > (SELECT sort_name, id FROM employee WHERE id = ?) {SORTED}""",
    "rare": f"{STAFF} AND e.id IN (SELECT rowid FROM employee_search WHERE employee_search MATCH ?) {SORTED}",
    "common": f"{STAFF} AND e.search_text LIKE '%' || ? || '%' {SORTED}",
    "employee": """SELECT e.*, m.first_name, m.last_name,
        (SELECT COUNT(*) FROM employee r WHERE r.organisation_id = 1 AND r.manager_id = e.id)
        FROM employee e LEFT JOIN employee m ON m.id = e.manager_id WHERE e.id = ?""",
    "tab": """SELECT e.first_name, e.last_name, a.enabled, a.username, a.read_at, o.verb, o.state, o.by_name,
        a.remote_id FROM employee e JOIN account a ON a.employee_id = e.id LEFT JOIN operation o ON o.employee_id = e.id
        WHERE e.id = ? ORDER BY o.id DESC LIMIT 10""",
    "activity": """SELECT o.id, o.verb, o.state, o.by_name, o.created_at, o.message, e.id, e.first_name, e.last_name
        FROM operation o JOIN employee e ON e.id = o.employee_id WHERE o.organisation_id = 1
        ORDER BY o.id DESC LIMIT 50""",
    "day one": f"""{STAFF} AND e.start_date BETWEEN CURRENT_DATE AND ? ORDER BY e.start_date, e.id LIMIT 50""",
    "runs": """SELECT id, verb, state, by_name, source, created_at, finished_at FROM run WHERE organisation_id = 1
        ORDER BY id DESC LIMIT 50""",
    "matching": """SELECT f.id, f.username, f.display_name, f.about, f.evidence, e.id, e.first_name, e.last_name
        FROM found_account f LEFT JOIN employee e ON e.id = f.employee_id WHERE f.reading_id = 1 AND f.rule = 'name'
        ORDER BY f.id LIMIT 50""",
    "differences": """SELECT d.id, d.what, d.ours, d.theirs, a.username, e.id, e.first_name, e.last_name
        FROM difference d JOIN account a ON a.id = d.account_id JOIN employee e ON e.id = a.employee_id
        WHERE d.organisation_id = 1 AND NOT d.ignored ORDER BY d.id LIMIT 50""",
    "audit log": """SELECT number, at, by_name, address, action, subject_name, subject_kind, detail FROM audit_entry
        WHERE organisation_id = 1 ORDER BY number DESC LIMIT 50""",
}
# Nothing like SQLite's index of letters is needed there.
POSTGRESQL = {"rare": PAGES["common"]}
_own = threading.local()


def _execute(sql: str, values: list[Any]) -> list[Any]:
    if not hasattr(_own, "connection"):
        _own.connection = _connection(os.environ["FLOOR_DATABASE"])
    return _own.connection.execute(sql, values).fetchall()


def _connection(address: str) -> Any:
    if address.startswith("sqlite"):
        connection = sqlite3.connect(address.removeprefix("sqlite:///"), isolation_level=None)
        connection.execute("PRAGMA cache_size = -16000")
        return connection
    import psycopg

    return psycopg.connect(address, autocommit=True)


def _ask_the_tenant(page: str, rows: list[Any]) -> None:
    """As the portal's own page does: what is true there now."""
    from portal.connectors import SERVICES
    from portal.sandbox.state.seed import fixed_id

    connector = SERVICES["microsoft-365"].connector(fixed_id("tenant acme"))
    if page == "tab":
        connector.find(rows[0][-1])
    else:
        connector.licences()


def create_app() -> Flask:
    app = Flask(__name__)
    told = os.environ.get("FLOOR_LENGTHS")
    lengths: dict[str, int] = json.loads(Path(told).read_text()) if told else {}
    is_sqlite = os.environ["FLOOR_DATABASE"].startswith("sqlite")
    compiled: dict[str, Any] = {}

    @app.get("/<page>")
    def show(page: str) -> str:
        sql = PAGES[page] if is_sqlite else POSTGRESQL.get(page, PAGES[page]).replace("%", "%%").replace("?", "%s")
        rows = _execute(sql, request.args.getlist("value"))
        if page in ("tab", "day one"):
            _ask_the_tenant(page, rows)
        if page not in compiled:
            bare = app.jinja_env.from_string(PAGE % "").render(title=page, rows=rows)
            compiled[page] = app.jinja_env.from_string(PAGE % ("x" * (lengths.get(page, 0) - len(bare))))
        return compiled[page].render(title=page, rows=rows)

    return app
