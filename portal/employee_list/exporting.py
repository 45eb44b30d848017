"""The Employee List as CSV, with the columns of an import, so that it can be edited and imported again.

An import knows the headings in every language. What the record holds as a word of its own, such as an employment type,
stays as it is.
"""

from collections.abc import Iterator
from typing import Any

from peewee import JOIN

from portal.columns.known import COLUMNS, MANAGER, SECOND
from portal.csv_lines import csv_line, words_of
from portal.import_plans.lines import label
from portal.people.models import Employee
from portal.people.searching import Employees

IN_ONE_PART = 1_000


def export_lines(found: Employees) -> Iterator[str]:
    """The employees of the select as lines of CSV, by their number in the database, read part by part."""
    yield csv_line(words_of({name: label(name) for name in COLUMNS}))
    boss, second = Employee.alias(), Employee.alias()
    people = {MANAGER: boss.employee_number, SECOND: second.employee_number}
    fields: list[Any] = [people[name] if name in people else getattr(Employee, name) for name in COLUMNS]
    query = (
        found.select(Employee.id, *fields)
        .join(boss, JOIN.LEFT_OUTER, on=(boss.id == Employee.manager))
        .switch(Employee)
        .join(second, JOIN.LEFT_OUTER, on=(second.id == Employee.second_manager))
    )
    last = 0
    while rows := list(query.where(Employee.id > last).order_by(Employee.id).limit(IN_ONE_PART).tuples()):
        for _, *values in rows:
            yield csv_line(value.isoformat() if hasattr(value, "isoformat") else value for value in values)
        last = rows[-1][0]
