"""Imports in the background: reading the file, and importing it as a whole, in a worker or at once when it is short."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from flask import has_request_context
from huey import crontab
from peewee import chunked

from portal import seeing
from portal.columns.answers import Answers
from portal.csv_lines import csv_line, word_of, words_of
from portal.database import count_rows, is_busy, now, transaction
from portal.import_plans.plans import ImportPlan
from portal.import_plans.summary import counts_of, line_of, summary_of
from portal.imports import earlier, importing, steps, uploads
from portal.imports.importing import ImportRefused, PlanChanged
from portal.imports.steps import ImportStep, Step
from portal.imports.uploads import OPEN, Import, ImportPart, ImportState
from portal.languages import current, joined, pgettext, speaking, spoken_by
from portal.languages import gettext as _
from portal.logs import log
from portal.problems import Problem
from portal.tables import Line, Table
from portal.worker import job, queue

SAID_EVERY = 2_000
# How many imports a worker carries out at a time: two of its four threads are left to others.
_rooms = threading.BoundedSemaphore(2)
UNEXPECTED = _("The portal met an error it did not expect, and nothing was imported. IT can find it in the log.")
CHANGED = _("The Employee List has changed since you checked this import. Please check it again, and then import.")


class ImportLost(Exception):
    """The import was discarded, or another worker holds it by now."""


def soon(kept: Import) -> None:
    """Do what is to be done: at once for a short file, else in the worker."""
    if uploads.is_short(kept):
        carry_on(kept)
    else:
        take_imports()


def carry_on(kept: Import) -> None:
    """Read the file, or import it; its row says what became of it."""
    if not kept.claim():
        return
    try:
        if kept.state == ImportState.READING:
            _read(kept)
        else:
            _import(kept)
    except ImportLost:
        return
    except Problem as problem:
        kept.release(state=ImportState.FAILED, problem=joined(problem.message, problem.next_step))
    except Exception as error:
        log.exception("import failed", upload=kept.id)
        if is_busy(error) or ImportStep.select().where(ImportStep.import_ == kept).exists():
            # It is not over: when the lease ends, another worker continues it.
            return
        kept.release(state=ImportState.FAILED, problem=UNEXPECTED)


def _read(kept: Import) -> None:
    answers, sight = Answers.of(kept.answers), seeing.sight_of(kept.by)

    @contextmanager
    def opened() -> Iterator[Table]:
        with _counted(kept) as table:
            earlier.take_over(kept, answers, table.header)
            yield table

    plan = importing.planned(opened, kept.organisation, answers, sight)
    with speaking(current() if has_request_context() else spoken_by(kept.by)):
        uploads.keep_listing(kept, _listing(plan))
    kept.release(state=ImportState.READ, found=summary_of(plan), answers=answers.stored(), lines=kept.lines)


def _import(kept: Import) -> None:
    if ImportStep.select().where(ImportStep.import_ == kept).exists():
        _carry_out(kept)
        return

    def note(plan: ImportPlan) -> None:
        # In the import's own transaction, so that no crash between the two lets it be imported again.
        if not kept.release(state=ImportState.DONE, found=counts_of(plan), answers={}):
            raise ImportLost()
        ImportPart.delete().where(ImportPart.import_ == kept).execute()

    def later(plan: ImportPlan, todo: list[Step]) -> None:
        lines = sum(len(step.entries) for step in todo)
        if not kept.hold(lines=lines, read=0, found={**counts_of(plan), "overtaken": []}):
            raise ImportLost()
        rows = [{"import_": kept, "number": step.number, "data": step.packed()} for step in todo]
        for some in chunked(rows, 50):
            ImportStep.insert_many(some).execute()

    try:
        importing.import_from(
            lambda: _counted(kept), kept.organisation, by=kept.by, sha256=kept.sha256,
            answers=Answers.of(kept.answers), shown=kept.found.get("digest", ""), with_it=note, later=later,
            sight=seeing.sight_of(kept.by),
        )  # fmt: skip
        if kept.state != ImportState.DONE:
            _carry_out(kept)
    except (ImportRefused, PlanChanged):
        # The records have changed since it was read: show what it would do now.
        if kept.release(state=ImportState.READING, problem=CHANGED):
            carry_on(kept)


def _carry_out(kept: Import) -> None:
    """Do what is left of a large import. Raises ImportLost."""
    left = ImportStep.select().where(ImportStep.import_ == kept)
    numbers = [step.number for step in left.select(ImportStep.number).order_by(ImportStep.number)]

    def read() -> Iterator[Step]:
        for number in numbers:
            found = left.where(ImportStep.number == number).first()
            if found is not None:
                yield Step.unpacked(found.data, number)

    def noted(step: Step, overtaken: list[int]) -> None:
        found = {**kept.found, "overtaken": sorted({*kept.found["overtaken"], *overtaken})}
        if not kept.hold(read=kept.read + len(step.entries), found=found):
            raise ImportLost()
        ImportStep.delete().where(ImportStep.import_ == kept, ImportStep.number == step.number).execute()

    steps.carry_out(read(), kept.organisation, lambda: steps.managers_of(read()), noted)
    with transaction():
        counts = {name: kept.found[name] for name in ("added", "changed")}
        if not kept.release(state=ImportState.DONE, answers={}):
            raise ImportLost()
        ImportPart.delete().where(ImportPart.import_ == kept).execute()
        importing.record_import(
            kept.organisation, kept.by, sha256=kept.sha256, overtaken=len(kept.found["overtaken"]), **counts
        )  # fmt: skip
    count_rows()


@contextmanager
def _counted(kept: Import) -> Iterator[Table]:
    """The table in the file; meanwhile its row says how many lines have been read. Raises ImportLost."""

    def lines(table: Table) -> Iterator[Line]:
        count = 0
        for count, line in enumerate(table.lines, 1):
            if count % SAID_EVERY == 0 and not kept.hold(read=count):
                raise ImportLost()
            yield line
        # Not each line break ends a line of the file.
        kept.lines = count

    with uploads.opened(kept) as table:
        yield replace(table, lines=lines(table))


def _listing(plan: ImportPlan) -> Iterator[str]:
    """Every line of the file that is refused, changes or adds a person, as CSV."""
    headings = {
        "what": _("What"), "line": pgettext("of a file", "Line"), "employee": _("Employee"), "detail": _("Details"),
    }  # fmt: skip
    yield csv_line(words_of(headings))
    for refusal in plan.refused:
        yield csv_line([word_of("refused", _("Refused")), refusal.line, refusal.employee_number, refusal.reason])
    for question in plan.who:
        yield csv_line(
            [word_of("asked", _("Asked about")), question.line, f"{question.number} {question.name}", question.sentence]
        )
    for what, entries in (
        (word_of("changed", _("To be changed")), plan.changed),
        (word_of("added", _("To be added")), plan.added),
    ):
        for entry in entries:
            line = line_of(entry)
            yield csv_line([what, line["line"], line["who"], joined(*line["words"], by="; ")])


@contextmanager
def _room() -> Iterator[bool]:
    """Whether there is room for one more import in this worker, beside what people wait for."""
    taken = _rooms.acquire(blocking=False)
    try:
        yield taken
    finally:
        if taken:
            _rooms.release()


@queue.task()
@job
def take_imports() -> None:
    """Carry on with the imports that no worker holds, one organisation after the other, while there is room."""
    with _room() as taken:
        while taken and (kept := Import.due().first()):
            carry_on(kept)


@queue.periodic_task(crontab(minute="*"))
@job
def sweep_imports() -> None:
    """Take up imports that a worker which died has left behind, and drop files that no user came back for."""
    Import.delete().where(Import.created_at < now() - uploads.KEPT, Import.state.not_in(OPEN)).execute()
    if Import.due().exists():
        take_imports()
