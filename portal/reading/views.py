"""Recruitment > Unassigned; a mail with its formatting; its files; and reading one's own mailbox again."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask import Blueprint, flash, g, request, url_for
from flask_login import current_user
from werkzeug.exceptions import NotFound

from portal import access, languages, seeing
from portal.access import Action
from portal.auth.models import User
from portal.connectors.errors import ConnectorError
from portal.languages import current, in_language, joined, ngettext
from portal.languages import gettext as _
from portal.mailboxes.models import Mailbox
from portal.mailboxes.opening import opened
from portal.messages.models import Message
from portal.problems import Problem
from portal.reading import assigning, files, formatted, news, rounds, taking, words
from portal.reading.models import Unassigned
from portal.recruitment import sight
from portal.recruitment.models import Application
from portal.security import costly
from portal.web import Answer, file_download, leave_to, page

blueprint = Blueprint("reading", __name__)
blueprint.add_app_template_filter(words.linked, "linked")


@blueprint.app_template_filter()
def mail_text(text: str) -> str:
    """The text of a mail; in the reader's language what the portal put in its place."""
    return in_language(_(text), current()) if text in taking.OURS else text


blueprint.add_app_template_global(news.of, "with_new_mail")

UNASSIGNED, MESSAGE = "/recruitment/unassigned", "/recruitment/messages/<int:message_id>"


def _user() -> User:
    return current_user._get_current_object()


@blueprint.app_template_global()
def unassigned_count() -> int:
    """How many mails wait for the user, or another who sees the candidate, to say whose they are."""
    if "unassigned_count" not in g:
        g.unassigned_count = assigning.waiting(_user()).count()
    return int(g.unassigned_count)


@blueprint.get(UNASSIGNED)
@access.requires(Action.TAKE_PART, advertised=True)
def unassigned() -> Answer:
    return _list()


def _list(problem: Problem | None = None) -> Answer:
    if not sight.takes_part(_user()):
        raise NotFound()
    status = problem.status if problem else 200
    return page("reading/unassigned.html", status=status, rows=assigning.listed(_user()), problem=problem)


def _row(mail_id: int) -> Unassigned:
    row = assigning.waiting(_user()).where(Unassigned.id == mail_id).first()
    if row is None:
        raise NotFound()
    row.organisation = row.candidate.organisation = current_user.organisation
    found: Unassigned = row
    return found


@blueprint.post(f"{UNASSIGNED}/<int:mail_id>/add-address")
@access.requires(Action.TAKE_PART)
def add_address(mail_id: int) -> Answer:
    row = _row(mail_id)
    try:
        count = assigning.add_address(row, by=_user())
    except Problem as problem:
        return _list(problem)
    added = _("%(sender)s is an address of %(name)s now.", sender=row.sender, name=row.candidate.name)
    mails = ngettext("The email is on the timeline.", "The %(num)s emails are on the timeline.", count)
    flash(joined(added, mails), "success")
    return leave_to(url_for("candidates.profile", candidate_id=row.candidate_id))


@blueprint.post(f"{UNASSIGNED}/<int:mail_id>/timeline")
@access.requires(Action.TAKE_PART)
def put_on_timeline(mail_id: int) -> Answer:
    row = _row(mail_id)
    try:
        assigning.put_on_timeline(row)
    except Problem as problem:
        return _list(problem)
    flash(_("The email is on the timeline of %(candidate)s now.", candidate=row.candidate.name), "success")
    return leave_to(url_for("candidates.profile", candidate_id=row.candidate_id))


@blueprint.post(f"{UNASSIGNED}/<int:mail_id>/skip")
@access.requires(Action.TAKE_PART)
def skip(mail_id: int) -> Answer:
    try:
        assigning.skip(_row(mail_id))
    except Problem as problem:
        return _list(problem)
    flash(_("The email is skipped. It stays where it is in Outlook."), "success")
    return leave_to(url_for(".unassigned"))


def _message(message_id: int) -> Message:
    """A message of a candidate, if the user sees what it is about. Raises NotFound."""
    message = seeing.own_or_404(Message, message_id)
    message.candidate = seeing.candidate_or_404(message.candidate_id)
    mine = sight.applications(current_user).where(Application.id == message.application_id)
    if message.application_id is not None and not mine.exists():
        raise NotFound()
    found: Message = message
    return found


@blueprint.get(f"{MESSAGE}/formatted")
@costly
@access.requires(Action.TAKE_PART)
def show_formatted(message_id: int) -> Answer:
    """Fetched from the mailbox each time, and not kept."""
    message = _message(message_id)
    context: dict[str, Any] = {"message": message, "html": None, "problem": "", "next_step": ""}
    if message.mailbox is None or not message.remote_id or not message.mailbox.is_live:
        context |= {"problem": _("The email is in an Outlook that is not connected now.")}
        return page("reading/formatted.html", status=409, **context)
    try:
        with opened(message.mailbox) as outlook:
            context["html"] = formatted.cleaned(outlook.formatted(message.remote_id))
    except ConnectorError as error:
        context |= {"problem": error.message, "next_step": error.next_step}
    except formatted.TooMuch:
        context |= {"problem": _("The email is too large or too complicated to show with its formatting."),
                    "next_step": _("Read its text on the candidate’s page, or open it in Outlook.")}  # fmt: skip
    return page("reading/formatted.html", status=409 if context["problem"] else 200, **context)


@blueprint.get(f"{MESSAGE}/files/<int:number>")
@access.requires(Action.TAKE_PART)
def file(message_id: int, number: int) -> Answer:
    return _file(_message(message_id), number, despite_danger=False)


@blueprint.post(f"{MESSAGE}/files/<int:number>")
@access.requires(Action.TAKE_PART)
def dangerous_file(message_id: int, number: int) -> Answer:
    """The user was asked, and still wants it."""
    return _file(_message(message_id), number, despite_danger=True)


def _file(message: Message, number: int, *, despite_danger: bool) -> Answer:
    if number >= len(message.files):
        raise NotFound()
    try:
        found = files.fetch(message, number, despite_danger=despite_danger)
    except (Problem, ConnectorError) as problem:
        context = {"message": message, "number": number, "file": message.files[number], "problem": problem}
        asks = isinstance(problem, files.MayBeDangerous)
        return page("reading/file.html", status=200 if asks else 409, asks=asks, **context)
    return file_download(found.content, found.name)


@blueprint.post("/account/outlook/read-again")
@access.requires(Action.USE_PORTAL)
def read_again() -> Answer:
    mailbox = Mailbox.of(current_user)
    if mailbox is None or not mailbox.is_live:
        raise NotFound()
    day, today = _day(request.form.get("since", "")), current_user.organisation.today
    earliest = today - rounds.FURTHEST_BACK
    if day is None or not earliest <= day <= today:
        flash(_("Enter a day from %(earliest)s to today.", earliest=languages.day(earliest)), "warning")
    else:
        rounds.read_again(_user(), datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=14))
        flash(_("Your mail is read again from that day on. This takes some minutes."), "success")
    return leave_to(url_for("account.overview", _anchor="outlook"))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
