"""Importing employees from a file: all of it or nothing."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from peewee import fn

from portal import audit
from portal.auth.models import User
from portal.columns.answers import Answers
from portal.columns.known import SECOND, Refusal, known
from portal.config import settings
from portal.database import now, transaction
from portal.import_plans.planning import read, unreadable
from portal.import_plans.plans import ImportPlan
from portal.imports import steps
from portal.imports.steps import Step
from portal.imports.storing import moves, set_managers, store
from portal.languages import gettext as _
from portal.organisations.models import Organisation
from portal.people.actions import hold_records
from portal.people.models import Employee
from portal.people.searching import Sight
from portal.problems import Problem
from portal.tables import HowRead, Table, Unreadable, kind_of
from portal.tables import opened as open_table

MOST_TRACED = 1000
# How often the file is read again because an employee was changed meanwhile.
TRIES = 5
Opener = Callable[[], AbstractContextManager[Table]]


class ImportRefused(Problem):
    """Lines of the file cannot be imported, so nothing was. refused: each of them, with the reason.

    notes: what was assumed of the file, which may be why.
    """

    status = 422
    title = _("Nothing was imported")

    def __init__(self, refused: list[Refusal], notes: Iterable[str] = ()):
        points = "1 point is open" if len(refused) == 1 else f"{len(refused)} points are open"
        reasons = "\n".join(str(refusal) for refusal in refused)
        super().__init__(f"Nothing was imported: {points}.\n{reasons}")
        self.refused, self.notes = refused, list(notes)


class PlanChanged(Problem):
    message = _("The import would no longer do what the person was shown.")
    title = _("The Employee List has changed")


class Overtaken(Problem):
    message = _("Employees are being changed all the time, so nothing was imported.")
    status = 503
    next_step = _("Wait a minute, and import again.")


def import_file(
    path: Path | str,
    organisation: Organisation,
    *,
    by: User | str = "command line",
    answers: Answers | None = None,
) -> ImportPlan:
    """Import a CSV file or a workbook; returns what was done.

    Raises ImportRefused, and imports nothing, if any line is refused or a question about the file has no answer;
    Problem for what is no file: a device or a pipe may never end.
    """
    if not Path(path).is_file():
        raise Problem(f"{path} is not a file.", "Save the list as a CSV file or a workbook first.")
    return import_from(
        lambda: _opened(path, organisation, answers), organisation, by=by, sha256=_sha256(path), answers=answers
    )


def import_from(
    opened: Opener,
    organisation: Organisation,
    *,
    by: User | str,
    sha256: str,
    answers: Answers | None = None,
    shown: str = "",
    with_it: Callable[[ImportPlan], None] = lambda plan: None,
    later: Callable[[ImportPlan, list[Step]], None] | None = None,
    sight: Sight | None = None,
) -> ImportPlan:
    """As import_file, for a table that comes from elsewhere. opened: begins with its first line each time.

    shown: the digest of the plan that the person was shown. with_it: what is written down in the same transaction.
    later: writes the steps of a large import down, for the caller to do; else they are done here.
    sight: of the user, as `planning.read` takes it.
    Raises PlanChanged when it would do something else by now.
    """
    for _attempt in range(TRIES):
        # Reading takes long, so others can write meanwhile; unless one did, it counts.
        state, plan = _state_of(organisation), planned(opened, organisation, answers, sight)
        if shown and plan.digest != shown:
            raise PlanChanged()
        if not plan.ready:
            raise ImportRefused(plan.objections, plan.notes)
        if not steps.is_large(plan):
            with transaction():
                hold_records(organisation)
                if _state_of(organisation) == state:
                    apply(plan, by=by, sha256=sha256)
                    with_it(plan)
                    return plan
        elif _begun(plan, state, by, sha256, later):
            return plan
    raise Overtaken()


def _begun(plan: ImportPlan, state: Any, by: User | str, sha256: str, later: Any) -> bool:
    """Begin a large import, and do it unless that is for later. False when another process was faster."""
    todo = list(steps.of(plan, state[2]))
    with transaction():
        hold_records(plan.organisation)
        if _state_of(plan.organisation) != state:
            return False
        counts = {"added": len(plan.added), "changed": len(plan.changed), "sha256": sha256}
        audit.record(by, "begin import of employees", plan.organisation, organisation=plan.organisation, **counts)
        if later:
            later(plan, todo)
            return True
    overtaken: set[int] = set()
    steps.carry_out(
        todo, plan.organisation, lambda: steps.managers_of(todo), lambda _, lines: overtaken.update(lines)
    )  # fmt: skip
    record_import(plan.organisation, by, overtaken=len(overtaken), **counts)
    return True


def record_import(organisation: Organisation, by: User | str, **counts: Any) -> None:
    """The line of the audit log for an import that is over."""
    with transaction():
        audit.record(by, "import employees", organisation, organisation=organisation, **counts)


def planned(
    opened: Opener, organisation: Organisation, answers: Answers | None = None, sight: Sight | None = None
) -> ImportPlan:  # fmt: skip
    """What importing the table would do; a file that cannot be read is a refusal."""
    try:
        with opened() as table:
            return read(table, organisation, answers, sight=sight)
    except Unreadable as error:
        return ImportPlan(organisation, refused=[unreadable(error)])


def _state_of(organisation: Organisation) -> Any:
    """What differs once an employee of the organisation was added or changed."""
    seen = Employee.select(fn.COUNT(Employee.id), fn.MAX(Employee.id), fn.MAX(Employee.changed_at))
    return seen.where(Employee.organisation == organisation).tuples().first()


def preview(path: Path | str, organisation: Organisation) -> ImportPlan:
    """What importing the file would do."""
    return planned(lambda: _opened(path, organisation), organisation)


@contextmanager
def _opened(path: Path | str, organisation: Organisation, answers: Answers | None = None) -> Iterator[Table]:
    answers = answers or Answers()
    how = HowRead(answers.encoding, answers.sheet, organisation.country or "")
    with Path(path).open("rb") as file:
        kind = kind_of(file, str(path))
        yield open_table(file, kind, knows=known, most_lines=settings().most_lines, how=how)


def _sha256(path: Path | str) -> str:
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def apply(plan: ImportPlan, *, by: User | str, sha256: str = "") -> None:
    """Do what the plan says, while no employee has been added or changed since it was made.

    sha256: of the file, for the audit log. Raises ImportRefused when the plan refuses a line.
    """
    if not plan.ready:
        raise ImportRefused(plan.objections)
    entries = [*plan.added, *plan.changed]
    with transaction():
        store(plan.organisation, entries, now())
        set_managers(plan.organisation, ((entry.employee_number, entry.manager or "") for entry in moves(entries)))
        seconds = ((entry.employee_number, entry.second or "") for entry in moves(entries, SECOND))
        set_managers(plan.organisation, seconds, SECOND)
        detail: dict[str, Any] = {"added": len(plan.added), "changed": len(plan.changed), "sha256": sha256}
        if len(plan.changed) <= MOST_TRACED:
            detail["changes"] = {entry.employee_number: _plain(entry.changes or {}) for entry in plan.changed}
        record_import(plan.organisation, by, **detail)


def _plain(changes: dict[str, list[Any]]) -> dict[str, list[Any]]:
    return {name: [value and str(value) for value in pair] for name, pair in changes.items()}
