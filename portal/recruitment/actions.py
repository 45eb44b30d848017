"""What happens to an application. Each is one transaction, with its line in the audit log.

The lines are about the candidate, so that whatever names the person goes when the candidate is erased.
"""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, Protocol

from portal import audit
from portal.auth.models import User
from portal.database import now
from portal.languages import gettext as _
from portal.problems import Problem
from portal.recruitment import candidates, choices
from portal.recruitment.models import (
    Application,
    Candidate,
    Ended,
    MoveKind,
    Note,
    Source,
    Stage,
    StageMove,
    Vacancy,
)

CAREERS_PAGE = "careers page"
DAYS_OF_A_MONTH = 365 / 12


class NotOpen(Problem):
    message = _("Nobody can apply for this vacancy now.")


class Moved(Problem):
    """The application is not where the page showed it."""

    title = _("Somebody else was faster")
    next_step = _("Look at the page as it is now, and decide again.")


class Erased(Problem):
    message = _("The candidate’s data was deleted in the meantime, so this was not written down.")
    title = _("The candidate’s data is deleted")


class File(Protocol):
    """A file that comes with an application."""

    def attach(self, application: Application) -> Any:
        """Within the transaction: make it one of the candidate's files."""


def apply(
    vacancy: Vacancy,
    first_name: str,
    last_name: str,
    email: str,
    phone: str = "",
    answers: Mapping[str, str] | None = None,
    talent_consent: str = "",
    files: Iterable[File] = (),
    source: Source = Source.CAREERS,
    *,
    by: User | str = CAREERS_PAGE,
) -> Application:
    """This person's application for the vacancy: a new one, or theirs from before, with what is new.

    answers: by the key of the question. talent_consent: the words the person agreed to, empty for none.
    Raises NotOpen, except for one that a user adds, and candidates.FieldRefused.
    """
    values = candidates.checked(first_name, last_name, email, phone)
    with audit.turn(vacancy.organisation_id):
        vacancy = Vacancy.get_by_id(vacancy.id)
        from_outside = not isinstance(by, User)
        if from_outside and not vacancy.is_open:
            raise NotOpen(_("%(title)s is no longer open for applications.", title=vacancy.title))
        candidate = candidates.found_or_made(
            vacancy.organisation, values, source=source, by="form" if from_outside else "hand"
        )
        if talent_consent:
            # Anybody can enter anybody's address: it counts once the link in the email to that address is opened.
            candidate.asked_consent = talent_consent
            candidate.save()
        told = answers_of(vacancy, answers or {})
        application = _again(candidate, vacancy, told, values, by) or _new(candidate, vacancy, told, source, by)
        for file in files:
            file.attach(application)
        audit.record(by, "apply", candidate, organisation=vacancy.organisation, vacancy=vacancy.title)
    return application


def answers_of(vacancy: Vacancy, answers: Mapping[str, str]) -> list[dict[str, str]]:
    """What was answered, with the questions as they are now; unknown keys are left."""
    asked = vacancy.questions
    return [
        {"key": one["key"], "label": one["label"], "answer": answers[one["key"]]}
        for one in asked
        if answers.get(one["key"])
    ]


def keep_longer(candidate: Candidate, words: str) -> None:
    """Within a transaction: the candidate agreed in these words to be kept for other openings, from today on."""
    organisation = candidate.organisation
    months = choices.of(organisation).talent_months
    candidate.talent_until = organisation.today + timedelta(days=round(months * DAYS_OF_A_MONTH))
    candidate.consent_text, candidate.asked_consent = words, ""
    candidate.save()


def _new(
    candidate: Candidate, vacancy: Vacancy, answers: list[dict[str, str]], source: Source, by: User | str
) -> Application:
    stage = first_stage(vacancy)
    application = Application.create(
        organisation=vacancy.organisation_id, candidate=candidate, vacancy=vacancy, stage=stage, source=source
    )  # fmt: skip
    kind = MoveKind.ADDED if isinstance(by, User) else MoveKind.APPLIED
    note(application, kind, by=by, after=stage.name, answers=answers)
    return application


def _again(
    candidate: Candidate, vacancy: Vacancy, answers: list[dict[str, str]], values: dict[str, str], by: User | str
) -> Application | None:
    """The application from before, with what is new beside it; one that was withdrawn begins again.

    Nothing is replaced: a stranger who knows the address could send the form in their name.
    """
    found = Application.get_or_none(Application.candidate == candidate, Application.vacancy == vacancy)
    if found is None:
        return None
    found.again_at = now()
    after = ""
    if found.ended == Ended.WITHDRAWN:
        stage = first_stage(vacancy)
        found.stage, found.since, found.ended, found.ended_at, found.reason = stage, now(), None, None, ""
        after = stage.name
    found.save()
    given = " ".join(part for part in (values["first_name"], values["last_name"]) if part)
    other = _("Gave the name %(given)s", given=given) if given != candidate.name else ""
    note(found, MoveKind.AGAIN, by=by, after=after, reason=other, answers=answers)
    return found


def first_stage(vacancy: Vacancy) -> Stage:
    """Where new applications begin."""
    return Stage.select().where(Stage.vacancy == vacancy).order_by(Stage.position, Stage.id).get()


def note(
    application: Application, kind: MoveKind, *, by: User | str, before: str = "", after: str = "", reason: str = "",
    answers: list[dict[str, str]] | None = None,
) -> StageMove:  # fmt: skip
    """Within a transaction: keep what happened to the application, for the timeline."""
    user = by if isinstance(by, User) else None
    made: StageMove = StageMove.create(
        organisation=application.organisation_id, application=application, kind=kind, before=before, after=after,
        reason=reason, answers=answers, by=user, by_name=user.display_name if user else "",
    )  # fmt: skip
    return made


def _current(application: Application) -> Application:
    """Within the organisation's turn: the row as it is now."""
    current: Application = Application.get_by_id(application.id)
    current.candidate.organisation = application.organisation
    return current


def move(application: Application, stage: Stage, *, by: User, seen: int | None = None) -> Application:
    """Put the application on another stage of its vacancy. It writes to nobody.

    seen: the stage on which the page showed it; None to move it wherever it is. Raises Moved.
    """
    with audit.turn(application.organisation_id):
        current = _current(application)
        if current.ended:
            raise Moved(
                _(
                    "%(candidate)s’s application has ended: %(ended)s.",
                    candidate=current.candidate.name,
                    ended=_(current.ended),
                )
            )
        if stage.vacancy_id != current.vacancy_id:
            raise Moved(_("That stage belongs to another vacancy."))
        if current.stage_id == stage.id:
            return current
        before = current.stage.name if current.stage else ""
        if seen is not None and current.stage_id != seen:
            raise Moved(
                _("%(candidate)s is now on the stage %(before)s.", candidate=current.candidate.name, before=before)
            )
        current.stage, current.since = stage, now()
        current.save()
        note(current, MoveKind.MOVED, by=by, before=before, after=stage.name)
        audit.record(by, "move application", current.candidate, vacancy=current.vacancy.title, stage=stage.name)
    return current


def end(application: Application, how: Ended, *, by: User | str, reason: str = "") -> Application:
    """End the application: not taken, or withdrawn. It writes to nobody. Raises Moved for one that has ended."""
    with audit.turn(application.organisation_id):
        return end_within(application, how, by=by, reason=reason)


def end_within(application: Application, how: Ended, *, by: User | str, reason: str = "") -> Application:
    """The same, within a transaction that has the organisation's turn."""
    current = _current(application)
    if current.ended:
        raise Moved(
            _(
                "%(candidate)s’s application has ended already: %(ended)s.",
                candidate=current.candidate.name,
                ended=_(current.ended),
            )
        )
    before = current.stage.name if current.stage else ""
    current.ended, current.ended_at, current.since, current.reason = how, now(), now(), reason
    current.save()
    note(current, MoveKind(how), by=by, before=before, reason=reason)
    audit.record(by, f"end application: {how}", current.candidate, vacancy=current.vacancy.title)
    return current


def reopen(application: Application, *, by: User) -> Application:
    """Bring an application that ended back to its stage, or to the first. Raises Moved for one that goes on."""
    with audit.turn(application.organisation_id):
        current = _current(application)
        if not current.ended or current.ended == Ended.HIRED:
            raise Moved(_("%(candidate)s’s application cannot be reopened.", candidate=current.candidate.name))
        stage = current.stage or first_stage(current.vacancy)
        current.stage, current.since, current.ended, current.ended_at, current.reason = stage, now(), None, None, ""
        current.save()
        note(current, MoveKind.REOPENED, by=by, after=stage.name)
        audit.record(by, "reopen application", current.candidate, vacancy=current.vacancy.title)
    return current


def add_note(candidate: Candidate, text: str, *, by: User, application: Application | None = None) -> Note:
    """Write something down about a candidate. The audit log keeps that it was done, not the text. Raises Erased."""
    with audit.turn(candidate.organisation_id):
        if Candidate.get_by_id(candidate.id).erased_at is not None:
            raise Erased(_("The candidate’s data was deleted in the meantime, so this was not written down."))
        made: Note = Note.create(
            organisation=candidate.organisation_id, candidate=candidate, application=application, text=text,
            by=by, by_name=by.display_name,
        )  # fmt: skip
        audit.record(by, "add note about candidate", candidate)
    return made
