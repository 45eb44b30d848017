"""What happened with a candidate, newest first: one list of everything. Other rooms add what they know."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from portal.languages import gettext as _
from portal.recruitment.models import Application, Candidate, MoveKind, Note, StageMove

APPLICATIONS, MOVES, NOTES = "applications", "moves", "notes"
# Kinds of entries, as the filter names them. A room that adds a kind puts it in.
KINDS: dict[str, str] = {APPLICATIONS: _("Applications"), MOVES: _("Moves"), NOTES: _("Notes")}
# The newest of each kind; nobody reads further back.
MOST = 200
CAME = (MoveKind.APPLIED, MoveKind.AGAIN, MoveKind.ADDED)
ICONS: dict[str, str] = {
    MoveKind.APPLIED: "inbox-arrow-down", MoveKind.AGAIN: "inbox-arrow-down", MoveKind.ADDED: "user-plus",
    MoveKind.MOVED: "arrow-right", MoveKind.NOT_TAKEN: "x-mark", MoveKind.WITHDRAWN: "arrow-uturn-left",
    MoveKind.HIRED: "check", MoveKind.REOPENED: "arrow-path",
}  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """One thing that happened. by: who did it, empty for the candidate.

    pairs: (question, answer). template, row: a template that shows the rest, and the row it is given as `row`.
    """

    kind: str
    at: datetime
    title: str
    icon: str
    by: str = ""
    about: str = ""
    text: str = ""
    pairs: list[tuple[str, str]] = field(default_factory=list)
    template: str = ""
    row: Any = None


# Called with the candidate and the applications that the user sees.
SOURCES: list[Callable[[Candidate, list[Application]], Iterable[Entry]]] = []


def of(candidate: Candidate, applications: list[Application], *, kind: str = "") -> list[Entry]:
    """The entries about these applications, and about the candidate, newest first. kind: of KINDS; empty for all."""
    found = [entry for source in SOURCES for entry in source(candidate, applications)]
    return sorted((entry for entry in found if kind in ("", entry.kind)), key=lambda entry: entry.at, reverse=True)


def _moves(candidate: Candidate, applications: list[Application]) -> Iterable[Entry]:
    mine = {one.id: one for one in applications}
    rows = StageMove.select().where(StageMove.application.in_(list(mine)))
    for move in rows.order_by(StageMove.at.desc(), StageMove.id.desc()).limit(MOST):
        application = mine[move.application_id]
        came = move.kind in CAME
        yield Entry(
            kind=APPLICATIONS if came else MOVES, at=move.at, title=_title(move, application), icon=ICONS[move.kind],
            by=move.by_name, about=application.vacancy.title, text=move.reason,
            pairs=[(one["label"], one["answer"]) for one in move.answers or []],
        )  # fmt: skip


def _title(move: StageMove, application: Application) -> str:
    title = application.vacancy.title
    return {
        MoveKind.APPLIED: _("Applied for %(title)s", title=title),
        MoveKind.AGAIN: _("Applied again for %(title)s", title=title),
        MoveKind.ADDED: _("Added to %(title)s", title=title),
        MoveKind.MOVED: _("Moved from %(before)s to %(after)s", before=move.before, after=move.after),
        MoveKind.NOT_TAKEN: _("Not taken for %(title)s", title=title),
        MoveKind.WITHDRAWN: _("Withdrew the application for %(title)s", title=title),
        MoveKind.HIRED: _("Hired for %(title)s", title=title),
        MoveKind.REOPENED: _("Reopened, on %(after)s", after=move.after),
    }[MoveKind(move.kind)]


def _notes(candidate: Candidate, applications: list[Application]) -> Iterable[Entry]:
    titles = {one.id: one.vacancy.title for one in applications}
    mine = Note.select().where(
        Note.candidate == candidate, Note.application.is_null() | Note.application.in_(list(titles))
    )
    for note in mine.order_by(Note.at.desc(), Note.id.desc()).limit(MOST):
        yield Entry(
            kind=NOTES, at=note.at, title=_("Note"), icon="pencil-square", by=note.by_name, text=note.text,
            about=titles.get(note.application_id or 0, ""),
        )  # fmt: skip


SOURCES += [_moves, _notes]
