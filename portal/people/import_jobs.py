"""Imports in the background: reading the file, and importing it as a whole, in a worker or at once when it is short."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from huey import crontab

from portal.csv_lines import csv_line
from portal.database import now
from portal.imports.answers import Answers
from portal.imports.planning import ImportPlan
from portal.imports.summary import counts_of, line_of, summary_of
from portal.logs import log
from portal.people import importing, uploads
from portal.people.importing import ImportRefused, PlanChanged
from portal.people.uploads import OPEN, Import, ImportPart, ImportState
from portal.problems import Problem
from portal.tables import Line, Table
from portal.worker import job, queue

# A file of so many lines is read and imported while the person waits.
SHORT = 5_000
SAID_EVERY = 2_000
UNEXPECTED = "The portal met an error it did not expect, and nothing was imported. IT finds it in the log."
CHANGED = "The Employee List has changed since you checked this import. Please check it again, and then import."


class Lost(Exception):
    """The import was discarded, or somebody else has it in hand by now."""


def soon(kept: Import) -> None:
    """Do what is to be done: at once for a short file, else in the worker."""
    if kept.kind == "csv" and kept.lines <= SHORT:
        carry_on(kept)
    else:
        take_imports()


def carry_on(kept: Import) -> None:
    """Read the file, or import it; what became of it stands in its row."""
    if not kept.claim():
        return
    try:
        if kept.state == ImportState.READING:
            _read(kept)
        else:
            _import(kept)
    except Lost:
        return
    except Problem as problem:
        kept.become(ImportState.FAILED, problem=f"{problem.message} {problem.next_step}".strip())
    except Exception:
        log.exception("import failed", upload=kept.id)
        kept.become(ImportState.FAILED, problem=UNEXPECTED)


def _read(kept: Import) -> None:
    kept.read = 0
    plan = importing.planned(lambda: _counted(kept), kept.organisation, Answers.of(kept.answers))
    kept.become(ImportState.READ, found=summary_of(plan))


def _import(kept: Import) -> None:
    kept.read = 0

    def note(plan: ImportPlan) -> None:
        # In the import's own transaction, so that no crash between the two lets it be imported again.
        if not kept.become(ImportState.DONE, found=counts_of(plan), answers={}):
            raise Lost()
        ImportPart.delete().where(ImportPart.import_ == kept).execute()

    try:
        importing.import_from(
            lambda: _counted(kept), kept.organisation, by=kept.by, sha256=kept.sha256,
            answers=Answers.of(kept.answers), shown=kept.found["digest"], with_it=note,
        )  # fmt: skip
    except (ImportRefused, PlanChanged):
        # The records have changed since it was read: show what it would do now.
        if kept.become(ImportState.READING, problem=CHANGED):
            carry_on(kept)


@contextmanager
def _counted(kept: Import) -> Iterator[Table]:
    """The table in the file, while it is said how many of its lines have been read. Raises Lost."""

    def lines(table: Table) -> Iterator[Line]:
        for count, line in enumerate(table.lines, 1):
            if count % SAID_EVERY == 0:
                kept.read = line.number
                if not kept.hold():
                    raise Lost()
            yield line

    with uploads.opened(kept) as table:
        yield replace(table, lines=lines(table))


def all_lines(kept: Import) -> Iterator[str]:
    """Every line of the file that is refused, changes or adds somebody, as CSV; nothing is imported by it."""
    plan = importing.planned(lambda: uploads.opened(kept), kept.organisation, Answers.of(kept.answers))
    yield csv_line(["what", "line", "employee", "detail"])
    for refusal in plan.refused:
        yield csv_line(["refused", refusal.line, refusal.employee_number, refusal.reason])
    for question in plan.who:
        yield csv_line(["asked", question.line, f"{question.number} {question.name}", question.sentence])
    for what, entries in (("changed", plan.changed), ("added", plan.added)):
        for entry in entries:
            line = line_of(entry)
            yield csv_line([what, line["line"], line["who"], "; ".join(line["words"])])


@queue.task()
@job
def take_imports() -> None:
    """Carry on with every import that nobody is at."""
    for kept in list(Import.due()):
        carry_on(kept)


@queue.periodic_task(crontab(minute="*"))
@job
def sweep_imports() -> None:
    """Take up imports that a worker which died has left behind, and drop files that nobody came back for."""
    Import.delete().where(Import.created_at < now() - uploads.KEPT, Import.state.not_in(OPEN)).execute()
    if Import.due().exists():
        take_imports()
