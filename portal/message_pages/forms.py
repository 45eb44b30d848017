"""What is typed about a message to a candidate, and the files that come with it before it is sent."""

import re
import uuid
from typing import Any

from flask import current_app
from flask_wtf import FlaskForm
from flask_wtf.file import MultipleFileField
from itsdangerous import BadData, URLSafeSerializer
from werkzeug.datastructures import FileStorage
from wtforms import Field, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, ValidationError

from portal.auth.models import User
from portal.candidate_care import letters, texts
from portal.candidate_care.texts import Kind
from portal.languages import gettext as _
from portal.languages import joined, number, pgettext
from portal.mail.texts import LANGUAGES, Text, filled
from portal.mailboxes.models import Mailbox
from portal.plain_text import storable
from portal.recruitment import files
from portal.recruitment.file_kinds import FileRefused
from portal.recruitment.files import FileKind, StoredFile
from portal.recruitment.models import Application, Candidate
from portal.signing import SIGNING

OUTLOOK, PORTAL = "outlook", "portal"
LONGEST_SUBJECT, LONGEST_TEXT = 200, 20_000
# Of one file, which is as much as Outlook takes in one request, and of all files of one message together.
LARGEST_ONE = 3_000_000
LARGEST_TOGETHER = 10 * 1024 * 1024
# Texts to start from, by the name of each in the form: "invitation en".
TEMPLATES = {
    f"{kind} {language}": joined(texts.NAMES[kind], word, by=", ")
    for kind in (Kind.INVITATION, Kind.OFFER, Kind.NOT_TAKEN) for language, word in LANGUAGES.items()
}  # fmt: skip


def text_of(template: str, candidate: Candidate, application: Application | None) -> Text:
    """The text of a template about this candidate. The address of their own page is filled in when it goes out."""
    kind, _space, language = template.partition(" ")
    found, values = (
        letters.text_of(candidate.organisation, Kind(kind), language),
        letters.values_for(candidate, application),
    )
    return Text(filled(found.subject, values), filled(found.body, values))


def template_for(kind: str, candidate: Candidate, application: Application | None) -> str:
    """The name of the template of this kind in the candidate's language; empty when there is none."""
    name = f"{kind} {letters.language_of(candidate, application)}"
    return name if name in TEMPLATES else ""


class WriteForm(FlaskForm):
    """A message. kept: files that came with the form. key: the same each time the form is sent."""

    application = SelectField(_("About"), coerce=int)
    sender = RadioField(_("From"))
    template = SelectField(_("Template"), choices={"": pgettext("template", "None"), **TEMPLATES})
    subject = StringField(
        _("Subject"),
        validators=[
            DataRequired(_("Enter a subject.")),
            Length(max=LONGEST_SUBJECT, message=_("Shorten this to %(most)s characters.", most=LONGEST_SUBJECT)),
        ],
    )
    text = TextAreaField(
        _("Text"),
        filters=[lambda text: storable(text).replace("\r\n", "\n").strip()],
        validators=[
            DataRequired(_("Enter a text.")),
            Length(max=LONGEST_TEXT, message=_("Shorten this to %(most)s characters.", most=number(LONGEST_TEXT))),
        ],
    )
    files = MultipleFileField(_("Files"))
    key = HiddenField()

    def __init__(self, candidate: Candidate, applications: list[Application], mailbox: Mailbox | None, user: User,
                 **options: Any):  # fmt: skip
        super().__init__(**options)
        self.candidate, self.applications, self.mailbox, self.user = candidate, applications, mailbox, user
        self.application.choices = {one.id: one.vacancy.title for one in applications}
        self.sender.choices = _senders(mailbox, user)
        self.key.data = self.key.data if re.fullmatch(r"[0-9a-f]{32}", self.key.data or "") else uuid.uuid4().hex
        if self.sender.data not in self.sender.choices:
            self.sender.data = next(iter(self.sender.choices))
        self.kept: list[StoredFile] = []

    def validate_subject(self, field: Field) -> None:
        if re.search(r"[\x00-\x1f\x7f\u2028\u2029]", field.data or ""):
            raise ValidationError(_("A subject is one line."))
        if "{own_page}" in (field.data or ""):
            raise ValidationError(_("The address of the candidate’s own page cannot be in the subject."))

    def validate_application(self, field: Field) -> None:
        if not self.applications:
            field.errors = []

    @property
    def about(self) -> Application | None:
        """The application that was chosen, else the newest that the user sees."""
        chosen = self.application.data
        mine = self.applications
        return next((one for one in mine if one.id == chosen), mine[0] if mine else None)

    @property
    def from_outlook(self) -> Mailbox | None:
        return self.mailbox if self.sender.data == OUTLOOK else None

    def begin_with(self, text: Text) -> None:
        self.subject.data, self.text.data = text.subject, text.body

    def take_files(self, keys: list[str], dropped: list[str]) -> None:
        """The files that came before, without the dropped ones, and those of now. `files.errors` has the refusals."""
        self.kept = [file for key in keys if key not in dropped and (file := _file_of(key, self)) is not None]
        if len(self.kept) < len([key for key in keys if key not in dropped]):
            self._complain(_("We kept your files for an hour. Choose them again."))
        for sent in self.files.data or []:
            if isinstance(sent, FileStorage) and sent.filename:
                self._take(sent)

    def _take(self, sent: FileStorage) -> None:
        try:
            content = sent.stream.read(LARGEST_ONE + 1)
            if len(content) > LARGEST_ONE:
                raise FileRefused(_("The file is larger than 3 MB. Choose a smaller one, or send a link to it."))
            if sum(file.size for file in self.kept) + len(content) > LARGEST_TOGETHER:
                raise FileRefused(_("All files together may be at most 10 MB. Send a link to the larger ones."))
            organisation = self.candidate.organisation
            self.kept.append(files.store(organisation, FileKind.SENT, sent.filename or "", content))
        except FileRefused as refused:
            self._complain(joined(f"{sent.filename}:", refused.message))
        finally:
            sent.close()

    def _complain(self, sentence: str) -> None:
        self.files.errors = [*self.files.errors, sentence]

    def keys(self) -> list[tuple[str, StoredFile]]:
        """What the form holds in place of the files, when it is shown again."""
        return [(_signer().dumps([file.id, file.sha256, self.candidate.id, self.user.id]), file) for file in self.kept]


def _senders(mailbox: Mailbox | None, user: User) -> dict[str, str]:
    portal: dict[str, str] = {PORTAL: _("the portal, answers to %(email)s", email=user.email)}
    if mailbox is None:
        return portal
    if mailbox.is_live:
        outlook = _("%(address)s, your Outlook", address=mailbox.address)
    else:
        outlook = _(
            "%(address)s, your Outlook (it goes out once you have connected Outlook again)", address=mailbox.address
        )
    return {OUTLOOK: outlook, **portal}


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key or "", salt="file of a message", signer_kwargs=SIGNING)


def _file_of(key: str, form: WriteForm) -> StoredFile | None:
    """The file of a key that this form was given, while it is kept."""
    try:
        number, sha256, candidate_id, user_id = _signer().loads(key)
    except (BadData, ValueError, TypeError):
        return None
    if (candidate_id, user_id) != (form.candidate.id, form.user.id):
        return None
    found = files.waiting(number, sha256, form.candidate.organisation)
    return found if found is not None and found.kind == FileKind.SENT else None
