"""The people of a Run as its lines; and long lists of employee numbers, which the worker reads before it plans."""

import io
import zlib
from typing import Any

from peewee import SQL, Select

from portal import audit
from portal.database import transaction
from portal.people.models import Employee
from portal.runs import choosing
from portal.runs.models import LineState, Run, RunLine, RunList

EMPTY: dict[Any, str | int] = {
    RunLine.state: LineState.UNPLANNED, RunLine.level: 0, RunLine.before: "", RunLine.after: "", RunLine.username: "",
    RunLine.remote_id: "", RunLine.licence: "", RunLine.seats: "", RunLine.reason: "",
}  # fmt: skip
EMPTY_VALUES = [SQL(repr(value) if isinstance(value, int) else f"'{value}'") for value in EMPTY.values()]
# Its name, and what is in it.
LongList = tuple[str, bytes]


def add_lines(run: Run, employees: Select) -> None:
    """A line of the Run for each of the employees who has none, by name."""
    here = RunLine.select(RunLine.employee).where(RunLine.run == run)
    people = employees.where(Employee.id.not_in(here)).select(SQL(str(run.id)), Employee.id, *EMPTY_VALUES)
    fields = [RunLine.run, RunLine.employee, *EMPTY]
    RunLine.insert_from(people.order_by(Employee.sort_name, Employee.id), fields).execute()


def keep(run: Run, long_list: LongList) -> None:
    """Keep the list for the worker. Raises choosing.ListUnreadable for a file that no list can be read from."""
    name, content = long_list
    choosing.check_kind(io.BytesIO(content), name)
    RunList.create(run=run, name=name[-200:], data=zlib.compress(content, 3))


def read(run: Run) -> bool:
    """Write down a line for each person on the list that was kept, if one was. False when the Run was lost meanwhile.

    Raises choosing.ListUnreadable.
    """
    kept = RunList.get_or_none(RunList.run == run)
    if kept is None:
        return True
    staff = Employee.select().where(Employee.organisation == run.organisation_id)
    chosen = choosing.by_file(staff, io.BytesIO(zlib.decompress(kept.data)), kept.name)
    if not chosen.employees:
        raise choosing.ListUnreadable("Nobody of your organisation has a number on this list.")
    for some in chosen.employees:
        with transaction():
            if not run.hold():
                return False
            add_lines(run, some)
    with transaction():
        if not run.hold():
            return False
        count = RunLine.select().where(RunLine.run == run).count()
        Run.update(unknown=list(chosen.unknown)[:1000]).where(Run.id == run.id).execute()
        kept.delete_instance()
        audit.record(run.by or run.by_name, "read list of run", run, people=count)
    return True


def forget(run: Run) -> None:
    """The list is not read any more."""
    RunList.delete().where(RunList.run == run).execute()
