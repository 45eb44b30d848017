"""Importing employees from a file: all of it or nothing."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from peewee import fn

from portal import audit
from portal.auth.models import User
from portal.config import settings
from portal.database import database, now, transaction
from portal.imports.answers import Answers
from portal.imports.planning import FIELDS, ImportPlan, read, unreadable
from portal.organisations.models import Organisation
from portal.people.actions import hold_records
from portal.people.models import Employee, searchable
from portal.people.reading import MANAGER, Refusal, known
from portal.problems import Problem
from portal.tables import Table, Unreadable, kind_of
from portal.tables import opened as open_table

MOST_TRACED = 1000
Opener = Callable[[], AbstractContextManager[Table]]


class ImportRefused(Problem):
    """Lines of the file cannot be imported, so nothing was. refused: each of them, with the reason."""

    status = 422
    title = "Nothing was imported"

    def __init__(self, refused: list[Refusal]):
        points = "1 point is open" if len(refused) == 1 else f"{len(refused)} points are open"
        reasons = "\n".join(str(refusal) for refusal in refused)
        super().__init__(f"Nothing was imported: {points}.\n{reasons}")
        self.refused = refused


class PlanChanged(Problem):
    """The import would no longer do what the person was shown."""

    title = "The Employee List has changed"


def import_file(
    path: Path | str,
    organisation: Organisation,
    *,
    by: User | str = "command line",
    answers: Answers | None = None,
) -> ImportPlan:
    """Import a CSV file or a workbook; returns what was done.

    Raises ImportRefused, and imports nothing, if any line is refused or a question about the file has no answer.
    """
    return import_from(lambda: _opened(path), organisation, by=by, sha256=_sha256(path), answers=answers)


def import_from(
    opened: Opener,
    organisation: Organisation,
    *,
    by: User | str,
    sha256: str,
    answers: Answers | None = None,
    shown: str = "",
    with_it: Callable[[ImportPlan], None] = lambda plan: None,
) -> ImportPlan:
    """As import_file, for a table that comes from elsewhere. opened: begins with its first line each time.

    shown: the digest of the plan that the person was shown. with_it: what is written down in the same transaction.
    Raises PlanChanged when it would do something else by now.
    """
    state, plan = _state_of(organisation), planned(opened, organisation, answers)
    with transaction():
        hold_records(organisation)
        # Reading takes long, so it keeps nobody else from writing, unless somebody did write meanwhile.
        if _state_of(organisation) != state:
            plan = planned(opened, organisation, answers)
        if shown and plan.digest != shown:
            raise PlanChanged()
        apply(plan, by=by, sha256=sha256)
        with_it(plan)
    return plan


def planned(opened: Opener, organisation: Organisation, answers: Answers | None = None) -> ImportPlan:
    """What importing the table would do; a file that cannot be read is a refusal."""
    try:
        with opened() as table:
            return read(table, organisation, answers)
    except Unreadable as error:
        return ImportPlan(organisation, refused=[unreadable(error)])


def _state_of(organisation: Organisation) -> Any:
    """What differs once an employee of the organisation was added or changed."""
    seen = Employee.select(fn.COUNT(Employee.id), fn.MAX(Employee.id), fn.MAX(Employee.changed_at))
    return seen.where(Employee.organisation == organisation).tuples().first()


def preview(path: Path | str, organisation: Organisation) -> ImportPlan:
    """What importing the file would do."""
    return planned(lambda: _opened(path), organisation)


@contextmanager
def _opened(path: Path | str) -> Iterator[Table]:
    with Path(path).open("rb") as file:
        yield open_table(file, kind_of(file, str(path)), knows=known, most_lines=settings().most_lines)


def _sha256(path: Path | str) -> str:
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def apply(plan: ImportPlan, *, by: User | str, sha256: str = "") -> None:
    """Do what the plan says, while no employee has been added or changed since it was made.

    sha256: of the file, for the trail. Raises ImportRefused when the plan refuses a line.
    """
    if not plan.ready:
        raise ImportRefused(plan.objections)
    with transaction():
        _store(plan)
        _set_managers(plan)
        detail: dict[str, Any] = {"added": len(plan.added), "changed": len(plan.changed), "sha256": sha256}
        if len(plan.changed) <= MOST_TRACED:
            detail["changes"] = {entry.employee_number: _plain(entry.changes or {}) for entry in plan.changed}
        audit.record(by, "import employees", plan.organisation, organisation=plan.organisation, **detail)


def _store(plan: ImportPlan) -> None:
    """Insert and update in bulk, which passes Employee.save by: what it derives is derived here."""
    moment = Employee.changed_at.db_value(now())
    for entry in plan.changed:
        if entry.was:
            mine = (Employee.organisation == plan.organisation) & (Employee.employee_number == entry.was)
            Employee.update(employee_number=entry.employee_number).where(mine).execute()
    names = ["organisation", *FIELDS, "sort_name", "search_text", "changed_at", "created_at"]
    fields = [getattr(Employee, name) for name in names]
    for entries in (plan.added, plan.changed):
        rows = ((plan.organisation.id, *entry.record, *_derived(entry.record), moment, moment) for entry in entries)
        query = Employee.insert_many([tuple(names)], fields=fields)
        if entries is plan.changed:
            known = [Employee.organisation, Employee.employee_number]
            kept = [getattr(Employee, name) for name in names if name not in ("organisation", "created_at")]
            query = query.on_conflict(conflict_target=known, preserve=kept)
        _for_each(rows, query)


def _for_each(rows: Iterable[tuple[Any, ...]], query: Any) -> None:
    """Run the query with the values of each row in place of its own. Writing its SQL anew for each takes far longer."""
    sql, _ = query.sql()
    database.cursor().executemany(sql, rows)


def _derived(record: tuple[Any, ...]) -> tuple[str, str]:
    """sort_name and search_text of a record, as Employee.save makes them."""
    number, first, last, preferred, job, department, personal, company, *_ = record
    sort_name = f"{last or first} {first}".strip().casefold()[:220]
    return sort_name, searchable(first, last, preferred, number, job, department, personal, company)


def _set_managers(plan: ImportPlan) -> None:
    """Once everybody is there, say who reports to whom."""
    moved = [entry for entry in plan.added if entry.manager]
    moved += [entry for entry in plan.changed if MANAGER in (entry.changes or {})]
    staff = Employee.select(Employee.employee_number, Employee.id).where(Employee.organisation == plan.organisation)
    id_of: dict[str, int | None] = {**dict(staff.tuples()), "": None}  # type: ignore[arg-type]
    pairs = ((id_of[entry.manager or ""], id_of[entry.employee_number]) for entry in moved)
    _for_each(pairs, Employee.update(manager=0).where(Employee.id == 0))


def _plain(changes: dict[str, list[Any]]) -> dict[str, list[Any]]:
    return {name: [value and str(value) for value in pair] for name, pair in changes.items()}
