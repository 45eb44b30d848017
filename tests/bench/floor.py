"""The least that could show the same rows: Flask and peewee, one template each, no layout, no sign-in, no rules.

It reads the portal's own tables, with the indexes that they have. A row says what a row of the portal says.
"""

import os
from typing import Any

from flask import Flask, request

HITS = "SELECT rowid FROM employee_search WHERE employee_search MATCH ? LIMIT 1000"
LIST = """<!doctype html><title>Employees</title><h1>Employees</h1><table>{% for row in rows %}
<tr><td><input type=checkbox name=employee value="{{ row.id }}"
aria-label="Tick {{ row.first_name }} {{ row.last_name }}">
<td><a href="/people/employees/{{ row.id }}">{{ row.first_name }} {{ row.last_name }}</a> {{ row.job_title }}
<td>{{ row.employee_number }}<td>{{ row.department }}<td>{{ row.start_date or "" }}
<td>{{ "Active" if statuses.get(row.id) else "Deactivated" }}</tr>{% endfor %}</table>"""
RECORD = """<!doctype html><title>Employee</title><h1>{{ row.first_name }} {{ row.last_name }}</h1><dl>
{% for name in names %}<dt>{{ name }}<dd>{{ row[name] or "" }}{% endfor %}</dl>"""
ACCOUNT = """<section><h2>{{ row.first_name }} {{ row.last_name }}</h2>
<p>{{ "Active" if account.enabled else "Deactivated" }}<p>{{ account.username }}<p>{{ account.read_at }}
<ul>{% for item in done %}<li>{{ item.verb }} {{ item.state }} {{ item.by_name }}{% endfor %}</ul></section>"""


def create_app() -> Flask:
    from portal import database
    from portal.accounts.models import Account
    from portal.connectors import SERVICES
    from portal.operations.models import Operation
    from portal.people.models import Employee

    app = Flask(__name__)
    database.initialise(os.environ["FLOOR_DATABASE"])
    # Compiled once, as any template in a file is.
    listed, recorded, accounted = (app.jinja_env.from_string(text) for text in (LIST, RECORD, ACCOUNT))
    app.before_request(lambda: database.database.connect(reuse_if_open=True) and None)
    app.teardown_request(lambda _error: database.database.close() and None)
    names = [name for name in Employee._meta.fields if name not in ("search_text", "sort_name")]

    @app.get("/people/employees")
    def employees() -> str:
        found: Any = Employee.select().where(Employee.organisation == 1)
        if text := request.args.get("q"):
            hits = database.database.execute_sql(HITS, [f'"{text}"'])
            found = found.where(Employee.id.in_([number for (number,) in hits.fetchall()]))
        if after := request.args.get("after", type=int):
            found = found.where(Employee.sort_name > Employee.get_by_id(after).sort_name)
        rows = list(found.order_by(Employee.sort_name).limit(25))
        live = (Account.employee.in_([row.id for row in rows])) & Account.detached_at.is_null()
        statuses = dict(Account.select(Account.employee, Account.enabled).where(live).tuples())
        return listed.render(rows=rows, statuses=statuses)

    @app.get("/people/employees/<int:number>")
    def record(number: int) -> str:
        return recorded.render(row=Employee.select().where(Employee.id == number).dicts().get(), names=names)

    @app.get("/people/employees/<int:number>/account-provisioning/microsoft-365")
    def account(number: int) -> str:
        own = Account.get(Account.employee == number)
        # The tab shows what is true in the tenant now, so its floor asks too.
        SERVICES[own.connection.service].connector(own.connection.tenant_id).find(own.remote_id)
        done = Operation.select().where(Operation.employee == number).order_by(Operation.id.desc()).limit(10)
        return accounted.render(row=Employee.get_by_id(number), account=own, done=list(done))

    return app
