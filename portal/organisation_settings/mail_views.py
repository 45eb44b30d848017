"""The Email tab of a connected application: who the login email is from, what it says, and how it looks."""

from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask_login import current_user
from werkzeug.exceptions import NotFound

from portal import access, connected, mail
from portal.access import Action
from portal.config import settings
from portal.connections.models import Connection
from portal.connectors import SERVICES
from portal.controls import views as controls
from portal.database import now
from portal.languages import gettext as _
from portal.logs import log
from portal.mail import choices, lane, texts, trouble
from portal.organisation_settings.mail_forms import SenderForm, TextForm
from portal.security import limiter, user_or_address
from portal.web import Answer, fragment, page

blueprint = Blueprint("mail", __name__)
connected.about_one_application(
    blueprint, "show", "change_sender", "ask_text", "preview", "change_text", "reset_text", "send_test"
)
MAIL = "/settings/mail"
TEXT = f"{MAIL}/text/<language>"
# Seconds that an Admin waits for the mail server.
PATIENCE = 5.0


blueprint.add_app_template_global(trouble.current, "mail_trouble")


def _service() -> Any:
    connection = connected.chosen_connection()
    return SERVICES[connection.service] if connection else next(iter(SERVICES.values()))


def _values(language: str) -> dict[str, str]:
    """What a preview shows for the placeholders: sample data."""
    service, organisation = _service(), access.organisation()
    values = {"organisation": organisation.name, "service": service.name, "sign_in_url": service.sign_in_url}
    if choices.of(organisation).by_link:
        link = f"{settings().public_url.rstrip('/')}/hand-over?token=an-invented-one"
        values |= texts.behind_a_link(
            link, texts.long_date(now().date(), texts.language_of(language)), texts.language_of(language)
        )
    return {**texts.SAMPLE, **values}


def _language_or_404(language: str) -> str:
    if language not in texts.TEXTS:
        raise NotFound()
    return language


@blueprint.get(MAIL)
@access.requires(Action.MANAGE_ADD_ONS, advertised=True)
def show() -> Answer:
    """On to the tab of the connected application; the same as a page of its own while nothing is connected."""
    connection = connected.chosen_connection()
    return redirect(url_for(".tab", service_key=connection.service)) if connection else _page(None)


@blueprint.get("/settings/add-ons/<service_key>/email")
@access.requires(Action.MANAGE_ADD_ONS, advertised=True)
def tab(service_key: str) -> Answer:
    return _page(connected.connection_or_404(service_key))


def _page(connection: Connection | None, *, status: int = 200, sender: SenderForm | None = None) -> Answer:
    chosen = choices.of(access.organisation())
    return page(
        "organisation_settings/mail.html", status=status, chosen=chosen,
        service=SERVICES[connection.service] if connection else None, connections=connected.connections(),
        sender=sender or SenderForm(formdata=None, obj=chosen), languages=texts.TEXTS, trouble=trouble.current(),
    )  # fmt: skip


@blueprint.post(MAIL)
@access.requires(Action.MANAGE_ADD_ONS)
def change_sender() -> Answer:
    form = SenderForm()
    if not form.validate():
        return _page(connected.chosen_connection(), status=422, sender=form)
    choices.change(
        access.organisation(), by=current_user, sender_name=form.sender_name.data, reply_to=form.reply_to.data,
        language=form.language.data,
    )  # fmt: skip
    given = controls.give("hand_over", form.hand_over.data)
    if given.response is not None:
        return given.response
    flash(_("The email settings are saved."), "success")
    given.flash("")
    return redirect(url_for(".show"), 303)


@blueprint.get(TEXT)
@access.requires(Action.MANAGE_ADD_ONS)
def ask_text(language: str) -> Answer:
    chosen = choices.of(access.organisation())
    return _text(TextForm.of(chosen, _language_or_404(language)), language)


def _text(form: TextForm, language: str, *, status: int = 200) -> Answer:
    return page(
        "organisation_settings/text.html", status=status, form=form, language=language, name=texts.TEXTS[language],
        placeholders=texts.PLACEHOLDERS, service=_service(),
        **_preview(form.subject.data or "", form.body.data or "", language),
    )  # fmt: skip


def _preview(subject: str, body: str, language: str) -> dict[str, Any]:
    values = _values(language)
    return {"shown_subject": texts.filled(subject, values), "shown_body": texts.as_html(body, values)}


@blueprint.post(f"{TEXT}/preview")
@access.requires(Action.MANAGE_ADD_ONS)
def preview(language: str) -> Answer:
    """How the text that is being typed would look."""
    _language_or_404(language)
    subject, body = request.form.get("subject", "")[: texts.LONGEST_SUBJECT], request.form.get("body", "")
    return fragment("organisation_settings/_preview.html", **_preview(subject, body[: texts.LONGEST_BODY], language))


@blueprint.post(TEXT)
@access.requires(Action.MANAGE_ADD_ONS)
def change_text(language: str) -> Answer:
    form = TextForm()
    if not form.validate():
        return _text(form, _language_or_404(language), status=422)
    _keep(_language_or_404(language), [form.subject.data, form.body.data.replace("\r\n", "\n")])
    flash(_("The %(language)s text is saved.", language=_(texts.TEXTS[language])), "success")
    return redirect(url_for(".ask_text", language=language), 303)


@blueprint.post(f"{TEXT}/reset")
@access.requires(Action.MANAGE_ADD_ONS)
def reset_text(language: str) -> Answer:
    _keep(_language_or_404(language), None)
    flash(_("The %(language)s text is the default text again.", language=_(texts.TEXTS[language])), "success")
    return redirect(url_for(".ask_text", language=language), 303)


def _keep(language: str, text: list[str] | None) -> None:
    chosen = choices.of(access.organisation())
    others = {name: kept for name, kept in chosen.texts.items() if name != language}
    choices.change(access.organisation(), by=current_user, texts=others | ({language: text} if text else {}))


@blueprint.post(f"{TEXT}/test")
@limiter.limit("20 per hour", key_func=user_or_address)
@access.requires(Action.MANAGE_ADD_ONS)
def send_test(language: str) -> Answer:
    """The email as it is saved, with a sample password, to the person who asks."""
    chosen = choices.of(access.organisation())
    text = chosen.text(_language_or_404(language))
    try:
        message = mail.login_information(
            recipient=current_user.email, text=text, values=_values(language), settings=chosen
        )
    except mail.NotSent as problem:
        flash(_("The test was not sent: %(problem)s", problem=problem.message), "warning")
        return redirect(url_for(".ask_text", language=language), 303)
    flash(*_sent(message, current_user.email))
    return redirect(url_for(".ask_text", language=language), 303)


def _sent(message: mail.Mail, address: str) -> tuple[str, str]:
    """Send a test; returns the sentence about it, and its tone."""
    try:
        lane.OTHER.within(PATIENCE, lambda: mail.send(message))
    except mail.NotSent as problem:
        log.warning("test mail not sent", reason=str(problem))
        if problem.kind == mail.Kind.UNKNOWN:
            return _("The test may not have arrived: %(problem)s", problem=problem.message), "warning"
        return _("The test was not sent: %(problem)s", problem=problem.message), "warning"
    except lane.NotYet as slow:
        if slow.begun:
            return _("The mail server is slow at the moment. Look in your inbox in a few minutes."), "warning"
        return _("The mail server is slow at the moment. The test was not sent. Try again later."), "warning"
    return _("A test with a sample password is on its way to %(address)s.", address=address), "success"
