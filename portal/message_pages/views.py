"""Writing to a candidate, and what becomes of each message."""

from typing import Any

from flask import Blueprint, flash, request, url_for
from flask_login import current_user
from werkzeug.exceptions import NotFound

from portal import access, params, seeing
from portal.access import Action
from portal.auth.models import User
from portal.mailboxes.models import Mailbox
from portal.message_pages.forms import WriteForm, template_for, text_of
from portal.messages import actions, entries, mailbox_ends, portal_mail, sending
from portal.messages.actions import Written
from portal.messages.engine import DELIVERIES
from portal.messages.letters import shown
from portal.messages.models import Direction, Message
from portal.problems import Problem
from portal.recruitment import queries
from portal.recruitment.models import Candidate
from portal.security import limiter, user_or_address
from portal.web import Answer, fragment, leave_to, page, wants_fragment

blueprint = Blueprint("messages", __name__, url_prefix="/recruitment")
# What the buttons of the form ask for.
TEMPLATE, PREVIEW, SEND = "template", "preview", "send"


@blueprint.app_template_global()
def waiting_messages(mailbox: Mailbox) -> list[Message]:
    """The messages that wait for the mailbox to be connected again."""
    return list(mailbox_ends.waiting_in(mailbox).limit(20))


def _user() -> User:
    return current_user._get_current_object()


def _form(candidate: Candidate, **options: Any) -> WriteForm:
    mine = queries.applications_of(current_user, [candidate]).get(candidate.id, [])
    return WriteForm(candidate, mine, Mailbox.of(_user()), _user(), **options)


def _answered(candidate: Candidate) -> Message | None:
    """The message that this one answers, or that it is written after: of the same candidate, and in sight."""
    number = params.number("answers")
    if number is None:
        return None
    message = _message_or_404(number)
    if message.candidate_id != candidate.id:
        raise NotFound()
    return message


@blueprint.get("/candidates/<int:candidate_id>/write")
@access.requires(Action.TAKE_PART)
def ask(candidate_id: int) -> Answer:
    """An empty message, an answer, one with a template's text, or one that was not sent before."""
    candidate = seeing.candidate_or_404(candidate_id)
    form, answers = _form(candidate, formdata=None), _answered(candidate)
    form.application.data = params.number("application") or (answers.application_id if answers else None)
    form.application.data = form.about.id if form.about else None
    form.template.data = template_for(request.args.get("template", ""), candidate, form.about)
    if form.template.data:
        form.begin_with(text_of(form.template.data, candidate, form.about))
    elif answers is not None:
        form.subject.data = _subject_of_answer(answers.subject)
    again = params.number("again")
    if again is not None:
        before = _message_or_404(again)
        form.subject.data, form.text.data = before.subject, before.text
    return _page(form, answers)


def _subject_of_answer(subject: str) -> str:
    return subject if subject.casefold().startswith(("re:", "aw:")) else f"RE: {subject}"[:200]


def _page(form: WriteForm, answers: Message | None, *, status: int = 200, **context: Any) -> Answer:
    candidate = form.candidate
    try:
        to = actions.recipient_of(candidate, answers)
    except actions.NoAddress as problem:
        to, context["problem"] = "", problem
    return page(
        "recruitment/write.html", status=status, candidate=candidate, form=form, answers=answers, to=to,
        files=form.keys(), **{"preview": None, "problem": None, **context},
    )  # fmt: skip


@blueprint.post("/candidates/<int:candidate_id>/write")
@limiter.limit("200 per hour", key_func=user_or_address)
@access.requires(Action.TAKE_PART)
def write(candidate_id: int) -> Answer:
    candidate = seeing.candidate_or_404(candidate_id)
    form, answers = _form(candidate), _answered(candidate)
    wanted = request.form.get("do", SEND)
    valid = wanted == TEMPLATE or form.validate()
    form.take_files(request.form.getlist("kept"), request.form.getlist("drop"))
    if wanted == TEMPLATE:
        if form.template.data:
            form.begin_with(text_of(form.template.data, candidate, form.about))
        return _page(form, answers)
    if not valid or form.files.errors:
        return _page(form, answers, status=422)
    if wanted == PREVIEW:
        return _page(form, answers, preview=_preview(form, answers))
    return _send(form, answers)


def _preview(form: WriteForm, answers: Message | None) -> dict[str, Any]:
    """The message word for word. Raises NoAddress."""
    address, name = actions.sender_of(_user(), form.from_outlook)
    return {
        "sender": f"{name} <{address}>" if form.from_outlook else f"{name} <{portal_mail.own_address()}>",
        "answers_to": "" if form.from_outlook else address,
        "subject": form.subject.data, "text": shown(form.text.data or ""),
    }  # fmt: skip


def _send(form: WriteForm, answers: Message | None) -> Answer:
    written = Written(
        subject=form.subject.data or "", text=form.text.data or "", key=form.key.data or "", application=form.about,
        mailbox=form.from_outlook, answers=answers, files=form.kept,
    )  # fmt: skip
    try:
        message = actions.write(form.candidate, written, by=_user())
    except Problem as problem:
        return _page(form, answers, status=problem.status, problem=problem)
    return leave_to(url_for("candidates.profile", candidate_id=form.candidate.id, _anchor=f"message-{message.id}"))


def _message_or_404(message_id: int) -> Message:
    """The message, if the user may see the candidate and the application that it is about. Raises NotFound."""
    message = seeing.own_or_404(Message, message_id)
    message.candidate = seeing.candidate_or_404(message.candidate_id)
    if message.application_id is not None:
        seeing.application_or_404(message.application_id)
    return message


@blueprint.get("/messages/<int:message_id>")
@access.requires(Action.TAKE_PART)
def show(message_id: int) -> Answer:
    """A message as its line of the timeline, which asks again while its state changes."""
    return _line(_message_or_404(message_id))


def _line(message: Message) -> Answer:
    if wants_fragment():
        return fragment("recruitment/_message.html", row=entries.Line.of(message))
    return leave_to(url_for("candidates.profile", candidate_id=message.candidate_id, _anchor=f"message-{message.id}"))


@blueprint.post("/messages/<int:message_id>/cancel")
@access.requires(Action.TAKE_PART)
def cancel(message_id: int) -> Answer:
    message = _message_or_404(message_id)
    try:
        actions.cancel(message, by=_user())
    except Problem as problem:
        flash(problem.message, "warning")
    return _line(_message_or_404(message_id))


@blueprint.get("/messages/<int:message_id>/receipt")
@access.requires(Action.TAKE_PART)
def receipt(message_id: int) -> Answer:
    """What the portal asked the mailbox, and what it answered: no word of the message."""
    message = _message_or_404(message_id)
    if message.direction != Direction.OUT:
        raise NotFound()
    found = sending.receipt_of(message)
    delivery, steps = found or (None, [])
    titles = DELIVERIES.step_titles(delivery) if delivery is not None else {}
    return page(
        "recruitment/message_receipt.html", message=message, line=entries.Line.of(message), delivery=delivery,
        steps=steps, titles=titles,
    )  # fmt: skip
