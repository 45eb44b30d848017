"""Settings > Recruitment > Messages: what candidates are written, in each language."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.exceptions import NotFound
from wtforms import Field, StringField, TextAreaField
from wtforms.validators import Length, ValidationError

from portal import access, mail
from portal.access import Action
from portal.candidate_care import letters, own_page, texts
from portal.candidate_care.texts import Kind
from portal.languages import gettext as _
from portal.languages import joined
from portal.mail import choices, lane
from portal.mail.texts import LANGUAGES, LONGEST_BODY, LONGEST_SUBJECT, Text
from portal.plain_text import storable
from portal.security import limiter, user_or_address
from portal.web import Answer, fragment, page

blueprint = Blueprint("candidate_texts", __name__, url_prefix="/settings/recruitment/messages")
TEXT = "/<kind>/<language>"
# Seconds that an Admin waits for the mail server.
PATIENCE = 5.0


class MessageForm(FlaskForm):
    """Subject and text of one message in one language."""

    subject = StringField(_("Subject"), filters=[storable], validators=[Length(max=LONGEST_SUBJECT)])
    body = TextAreaField(_("Text"), filters=[storable], validators=[Length(max=LONGEST_BODY)])
    about = Kind.RECEIVED

    def validate_subject(self, field: Field) -> None:
        if problem := texts.problem_of_subject(field.data or ""):
            raise ValidationError(problem)

    def validate_body(self, field: Field) -> None:
        if problem := texts.problem_of_body(self.about, field.data or ""):
            raise ValidationError(problem)

    @property
    def text(self) -> Text:
        return Text(self.subject.data or "", (self.body.data or "").replace("\r\n", "\n"))


def _key_or_404(kind: str, language: str) -> Kind:
    if kind not in texts.NAMES or language not in LANGUAGES:
        raise NotFound()
    return Kind(kind)


def _values() -> dict[str, str]:
    """What a preview shows for the placeholders: sample data."""
    values = {"organisation": access.organisation().name, "own_page": own_page.address("an-invented-one")}
    return {**texts.SAMPLE, **values}


@blueprint.get("")
@access.requires(Action.RECRUIT)
def show() -> Answer:
    return page("recruitment/messages.html", names=texts.NAMES, when=texts.WHEN, languages=LANGUAGES)


@blueprint.get(TEXT)
@access.requires(Action.RECRUIT)
def ask_text(kind: str, language: str) -> Answer:
    text = letters.text_of(access.organisation(), _key_or_404(kind, language), language)
    return _page(MessageForm(formdata=None, subject=text.subject, body=text.body), Kind(kind), language, text)


def _page(form: MessageForm, kind: Kind, language: str, text: Text, *, status: int = 200) -> Answer:
    return page(
        "recruitment/message.html", status=status, form=form, kind=kind, language=language, names=texts.NAMES,
        when=texts.WHEN, languages=LANGUAGES, placeholders=texts.PLACEHOLDERS, **letters.shown(text, _values()),
    )  # fmt: skip


@blueprint.post(f"{TEXT}/preview")
@access.requires(Action.RECRUIT)
def preview(kind: str, language: str) -> Answer:
    """How the text that is being typed would look."""
    _key_or_404(kind, language)
    typed = {name: request.form.get(name, "") for name in ("subject", "body")}
    text = Text(typed["subject"][:LONGEST_SUBJECT], typed["body"][:LONGEST_BODY])
    return fragment("organisation_settings/_preview.html", **letters.shown(text, _values()))


@blueprint.post(TEXT)
@access.requires(Action.RECRUIT)
def change_text(kind: str, language: str) -> Answer:
    form, about = MessageForm(), _key_or_404(kind, language)
    form.about = about
    if not form.validate():
        return _page(form, about, language, form.text, status=422)
    return _keep(about, language, form.text, _saved)


@blueprint.post(f"{TEXT}/reset")
@access.requires(Action.RECRUIT)
def reset_text(kind: str, language: str) -> Answer:
    return _keep(_key_or_404(kind, language), language, None, _restored)


def _saved(kind: str, language: str) -> str:
    return _("The text %(kind)s in %(language)s is saved.", kind=kind, language=language)


def _restored(kind: str, language: str) -> str:
    return _("The text %(kind)s in %(language)s is the default text again.", kind=kind, language=language)


def _keep(kind: Kind, language: str, text: Text | None, outcome: Callable[[str, str], str]) -> Any:
    letters.choose_text(access.organisation(), kind, language, text, by=current_user)
    flash(outcome(texts.NAMES[kind], LANGUAGES[language]), "success")
    return redirect(url_for(".ask_text", kind=kind, language=language), 303)


@blueprint.post(f"{TEXT}/test")
@limiter.limit("20 per hour", key_func=user_or_address)
@access.requires(Action.RECRUIT)
def send_test(kind: str, language: str) -> Answer:
    """The message as it is saved, about an invented candidate, to the person who asks."""
    text = letters.text_of(access.organisation(), _key_or_404(kind, language), language)
    chosen = choices.of(access.organisation())
    try:
        message = mail.notice(
            recipient=current_user.email, text=text, values=_values(), settings=chosen, language=language
        )
        lane.OTHER.within(PATIENCE, lambda: mail.send(message))
    except mail.NotSent as problem:
        flash(joined(_("The test was not sent:"), problem.args[0]), "warning")
    except lane.NotYet:
        flash(_("The mail server is slow at the moment. Look in your inbox in a few minutes."), "warning")
    else:
        flash(_("A test about an invented candidate is on its way to %(email)s.", email=current_user.email), "success")
    return redirect(url_for(".ask_text", kind=kind, language=language), 303)
