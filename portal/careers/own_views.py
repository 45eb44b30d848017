"""The page of a candidate's own, behind the link in an email. Nothing of it shows before a button is pressed."""

import json
from contextlib import suppress
from datetime import datetime
from functools import wraps
from typing import Any

from flask import Blueprint, flash, redirect, request, session, url_for
from flask_limiter.util import get_remote_address
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import NotFound

from portal import access
from portal.auth.models import hash_of
from portal.candidate_care import own_page
from portal.careers import language, views
from portal.clock import over
from portal.connectors.calendars import Said
from portal.database import now
from portal.interviews import answers as interview_answers
from portal.interviews.answers import LONGEST_WORDS
from portal.languages import current, in_language
from portal.languages import gettext as _
from portal.plain_text import storable
from portal.recruitment.files import FileKind, StoredFile, content_of
from portal.recruitment.models import Application, Candidate
from portal.security import limiter
from portal.web import Answer, file_download, page

blueprint = Blueprint("own_page", __name__)
language.speak(blueprint)
blueprint.register_error_handler(404, views.problem)
blueprint.register_error_handler(429, views.problem)
OWN = "/application"
TOKEN, OPENED = "own_page", "own_page_opened"
# What candidates sent themselves, and what was sent to them.
THEIRS = (FileKind.CV, FileKind.LETTER, FileKind.SENT, FileKind.RECEIVED)


def _link() -> str:
    """A link that works is counted for itself, so that strangers at the same address do not hold its owner."""
    token = request.args.get("token", "") or session.get(TOKEN, "")
    try:
        own_page.find(token)
        return hash_of(token)
    except own_page.LinkOver:
        return get_remote_address()


limited = limiter.limit("300 per hour", key_func=_link)


def _is_opened() -> bool:
    """Whether the button was pressed in this browser, for this link, and not too long ago."""
    token, at = (session.get(OPENED) or ["", ""])[:2]
    try:
        return token == hash_of(session.get(TOKEN, "")) and not over(datetime.fromisoformat(at), own_page.OPEN_FOR)
    except (TypeError, ValueError):
        return False


def own(view: Any) -> Any:
    """The view gets the candidate whose page was opened; without one it leads to the page's beginning."""

    @wraps(view)
    def wrapped(**values: Any) -> Any:
        try:
            candidate = own_page.find(session.get(TOKEN, ""))
        except own_page.LinkOver as over:
            return _over(over)
        _settle(candidate)
        return view(candidate, **values) if _is_opened() else redirect(url_for(".ask"), 303)

    return wrapped


def _settle(candidate: Candidate) -> None:
    """The page is in the language of the emails to the candidate, where the organisation has chosen it."""
    countries = (one.vacancy.country for one in candidate.applications.order_by(Application.id.desc()))
    language.settle(candidate.organisation, candidate.country or next(countries, ""))


def _over(over: own_page.LinkOver) -> Answer:
    session.pop(TOKEN, None)
    return page("careers/over.html", status=over.status)


@blueprint.get(OWN)
@limited
@access.public
def ask() -> Answer:
    """The link leads here, and shows nothing yet: mail scanners follow links. Its token leaves the address at once."""
    if "token" in request.args:
        session[TOKEN] = request.args["token"][:100]
        session.pop(OPENED, None)
        return redirect(url_for(".ask"))
    try:
        candidate = own_page.find(session.get(TOKEN, ""))
    except own_page.LinkOver as over:
        return _over(over)
    _settle(candidate)
    if not _is_opened():
        return page("careers/own_closed.html", organisation=candidate.organisation)
    return _page(candidate)


@blueprint.post(OWN)
@limited
@access.public
def show() -> Answer:
    session[OPENED] = [hash_of(session.get(TOKEN, "")), now().isoformat()]
    with suppress(own_page.LinkOver):
        own_page.confirm(own_page.find(session.get(TOKEN, "")))
    return redirect(url_for(".ask"), 303)


@blueprint.post(f"{OWN}/interviews/<int:attendance_id>")
@limited
@access.public
@own
def answer(candidate: Candidate, attendance_id: int) -> Answer:
    """Whether the candidate comes. Nothing is answered by following a link: mail scanners do that."""
    said = {"yes": Said.YES, "no": Said.NO}.get(request.form.get("said", ""))
    words = storable(request.form.get("words")).strip()[:LONGEST_WORDS]
    if said is None:
        raise NotFound()
    try:
        interview_answers.answer(candidate, attendance_id, said, words)
    except interview_answers.NotAhead as problem:
        return _page(candidate, status=problem.status, problem=problem)
    thanks = _("Thank you. We look forward to meeting you.") if said == Said.YES else _("Thank you for telling us.")
    flash(thanks, "success")
    return redirect(url_for(".ask"), 303)


@blueprint.errorhandler(CSRFError)
def expired(error: CSRFError) -> Answer:
    """A browser that has forgotten its session since has forgotten the link too: the page then says how to go on."""
    return redirect(url_for(".ask"), 303)


def _page(candidate: Candidate, *, status: int = 200, problem: Any = None, ask_delete: bool = False) -> Answer:
    return page(
        "careers/own.html", status=status, organisation=candidate.organisation, candidate=candidate,
        applications=list(candidate.applications), files=_files(candidate), consent=_consent(candidate),
        problem=problem, ask_delete=ask_delete, invitations=interview_answers.waiting_for(candidate),
    )  # fmt: skip


def _consent(candidate: Candidate) -> str:
    return in_language(own_page.consent_words(candidate), current())


def _files(candidate: Candidate) -> list[StoredFile]:
    mine = StoredFile.select().where(StoredFile.candidate == candidate, StoredFile.kind.in_(THEIRS))
    return list(mine.order_by(StoredFile.id))


@blueprint.get(f"{OWN}/files/<int:file_id>")
@limited
@access.public
@own
def file(candidate: Candidate, file_id: int) -> Answer:
    found = StoredFile.get_or_none(StoredFile.id == file_id, StoredFile.candidate == candidate)
    if found is None:
        raise NotFound()
    return file_download(content_of(found), found.name)


@blueprint.get(f"{OWN}/download")
@limited
@access.public
@own
def download(candidate: Candidate) -> Answer:
    """What is held, for people and programs; the files are beside it, one by one."""
    text = json.dumps(own_page.held(candidate), ensure_ascii=False, indent=2)
    return file_download(text.encode(), "my-application.json")


@blueprint.post(f"{OWN}/withdraw/<int:application_id>")
@limited
@access.public
@own
def withdraw(candidate: Candidate, application_id: int) -> Answer:
    own_page.withdraw(candidate, application_id)
    flash(_("Your application is withdrawn."), "success")
    return redirect(url_for(".ask"), 303)


@blueprint.post(f"{OWN}/keep")
@limited
@access.public
@own
def keep(candidate: Candidate) -> Answer:
    own_page.keep(candidate, _consent(candidate))
    flash(_("We keep your data for other openings."), "success")
    return redirect(url_for(".ask"), 303)


@blueprint.post(f"{OWN}/stop-keeping")
@limited
@access.public
@own
def stop_keeping(candidate: Candidate) -> Answer:
    own_page.stop_keeping(candidate)
    flash(_("We no longer keep your data for other openings."), "success")
    return redirect(url_for(".ask"), 303)


@blueprint.get(f"{OWN}/delete")
@limited
@access.public
@own
def ask_delete(candidate: Candidate) -> Answer:
    return _page(candidate, ask_delete=True)


@blueprint.post(f"{OWN}/delete")
@limited
@access.public
@own
def delete(candidate: Candidate) -> Answer:
    organisation = candidate.organisation
    try:
        own_page.delete(candidate)
    except own_page.IsHired as problem:
        return _page(candidate, status=problem.status, problem=problem)
    session.pop(TOKEN, None)
    session.pop(OPENED, None)
    return page("careers/deleted.html", organisation=organisation)
