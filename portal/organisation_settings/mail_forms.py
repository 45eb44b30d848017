import re
from typing import Any

from flask_wtf import FlaskForm
from wtforms import EmailField, Field, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import Length, ValidationError

from portal.languages import gettext as _
from portal.mail import texts
from portal.mail.choices import BY_LINK, IN_MAIL, MailSettings
from portal.plain_text import printable, storable

ADDRESS = re.compile(r"[^@\s,;:<>()\[\]\"\\]+@[^@\s,;:<>()\[\]\"\\]+\.[^@\s,;:<>()\[\]\"\\]+")


class SenderForm(FlaskForm):
    """Who the mail is from, in which language it is, and where the password is."""

    sender_name = StringField(_("Sender name"), filters=[printable], validators=[Length(max=100)])
    reply_to = EmailField(_("Replies go to"), filters=[printable], validators=[Length(max=254)])
    language = SelectField(_("Language"))
    hand_over = RadioField(_("How the password is handed over"), default=IN_MAIL)

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.hand_over.choices = [
            (IN_MAIL, _("In the email")),
            (BY_LINK, _("By a link in the email that shows it once")),
        ]
        self.language.choices = [
            *texts.LANGUAGES.items(),
            (texts.BY_COUNTRY, _("By the employee’s country: the language that most people there use")),
        ]

    def validate_reply_to(self, field: Field) -> None:
        if field.data and not ADDRESS.fullmatch(field.data):
            raise ValidationError(_("“%(address)s” is not an email address.", address=field.data[:80]))


class TextForm(FlaskForm):
    """Subject and text of the mail in one language."""

    subject = StringField(_("Subject"), filters=[storable], validators=[Length(max=texts.LONGEST_SUBJECT)])
    body = TextAreaField(_("Text"), filters=[storable], validators=[Length(max=texts.LONGEST_BODY)])

    def validate_subject(self, field: Field) -> None:
        if problem := texts.problem_of_subject(field.data or ""):
            raise ValidationError(problem)

    def validate_body(self, field: Field) -> None:
        if problem := texts.problem_of_body(field.data or ""):
            raise ValidationError(problem)

    @classmethod
    def of(cls, settings: MailSettings, language: str) -> "TextForm":
        text = settings.text(language)
        return cls(formdata=None, subject=text.subject, body=text.body)
