"""Taking an application from the public form: what is wrong with it, in words, and nothing lost that came with it."""

from collections.abc import Callable

from werkzeug.datastructures import FileStorage

from portal import audit
from portal.candidate_care import letters
from portal.careers import guard
from portal.careers.forms import ApplyForm
from portal.languages import current, in_language
from portal.languages import gettext as _
from portal.recruitment import actions, candidates, files
from portal.recruitment.file_kinds import LARGEST, FileRefused
from portal.recruitment.files import FileKind, StoredFile
from portal.recruitment.models import Vacancy

KINDS = (FileKind.CV, FileKind.LETTER)


class Files:
    """The files of one form: those that come with it now, else those that came with it before and are kept."""

    def __init__(self, form: ApplyForm, vacancy: Vacancy):
        self.form, self.vacancy = form, vacancy
        self.found: dict[FileKind, StoredFile] = {}
        for kind in KINDS:
            self._find(kind)

    def _find(self, kind: FileKind) -> None:
        sent = self.form.file(kind).data
        if isinstance(sent, FileStorage) and sent.filename and self._store(kind, sent):
            return
        kept = guard.file_of(self.form.kept(kind).data or "", self.vacancy)
        if kept is not None and kept.kind == kind:
            self.found[kind] = kept
        elif self.form.kept(kind).data:
            self.form.complain(self.form.file(kind), _("We kept your file for an hour. Choose it again."))

    def _store(self, kind: FileKind, sent: FileStorage) -> bool:
        """Keep what was chosen. False when it is refused; the one from before then stays."""
        try:
            content = sent.stream.read(LARGEST + 1)
            self.found[kind] = files.store(self.vacancy.organisation, kind, sent.filename or "", content)
        except FileRefused as refused:
            self.form.complain(self.form.file(kind), refused.message)
            return False
        return True

    def keys(self) -> dict[FileKind, str]:
        """What the form holds in place of the files, when it is shown again."""
        return {kind: guard.key_of(file, self.vacancy) for kind, file in self.found.items()}


def take(form: ApplyForm, vacancy: Vacancy, found: Files) -> int:
    """Take the application. 0 when it is taken; else a status of HTTP, and the form says what is wrong."""
    checks: tuple[Callable[[], int], ...] = (
        lambda: _check_robot(form, vacancy), lambda: _check_fields(form, found), lambda: _check_number(form, vacancy),
    )  # fmt: skip
    for check in checks:
        if status := check():
            return status
    try:
        with audit.turn(vacancy.organisation_id):
            application = actions.apply(
                vacancy, form.first_name.data or "", form.last_name.data or "", form.email.data or "",
                form.phone.data or "", answers=form.answers(), files=found.found.values(),
                talent_consent=in_language(form.keep.label.text, current()) if form.keep.data else "",
            )  # fmt: skip
            letters.received(application)
    except candidates.FieldRefused as refused:
        form.complain(form[refused.field], refused.message)
        return refused.status
    except actions.NotOpen as closed:
        form.refuse(closed.message)
        return closed.status
    letters.sweep()
    return 0


def _check_robot(form: ApplyForm, vacancy: Vacancy) -> int:
    problem = guard.problem_of_time(form.opened.data or "", vacancy)
    if form.website.data:
        problem = _(
            "A field that nobody sees was filled in, perhaps by your browser. We have emptied it: send it again."
        )
        form.website.data = ""
    if problem:
        form.refuse(problem)
    return 422 if problem else 0


def _check_fields(form: ApplyForm, found: Files) -> int:
    wrong_files = [field for field in (form.cv, form.letter) if field.errors]
    said = {field.name: list(field.errors) for field in wrong_files}
    form.validate()
    for name, errors in said.items():
        form[name].errors = errors
    if FileKind.CV not in found.found and not form.cv.errors:
        form.complain(form.cv, _("Choose your CV."))
    try:
        candidates.checked(
            form.first_name.data or "", form.last_name.data or "", form.email.data or "", form.phone.data or ""
        )
    except candidates.FieldRefused as refused:
        form.complain(form[refused.field], refused.message)
    return 422 if any(field.errors for field in form) else 0


def _check_number(form: ApplyForm, vacancy: Vacancy) -> int:
    problem = guard.problem_of_number(vacancy)
    if problem:
        form.refuse(problem)
    return 429 if problem else 0
