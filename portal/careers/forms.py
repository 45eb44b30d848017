"""The form with which a person applies. Its questions are the vacancy's, so the form is made for each."""

from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import BooleanField, EmailField, Field, HiddenField, RadioField, StringField, TelField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional

from portal.languages import gettext as _
from portal.plain_text import storable
from portal.recruitment.files import FileKind
from portal.recruitment.models import Vacancy

LONGEST_LINE, LONGEST_TEXT = 300, 5_000
# The field of a question has this and the question's key as its name.
QUESTION = "question-"
# Named as robots expect, so that they fill it in.
TRAP = "website"


class ApplyForm(FlaskForm):
    """What a person enters. Made by `form_for`, which adds the questions.

    opened: when the form was opened, signed. kept_cv, kept_letter: signed keys of files that came with it before.
    """

    first_name = StringField(_("First name"))
    last_name = StringField(_("Last name"))
    email = EmailField(_("Email"))
    phone = TelField(_("Phone"))
    cv = FileField(_("CV"))
    letter = FileField(_("Letter"))
    keep = BooleanField()
    website = StringField(_("Leave this field empty"))
    opened = HiddenField()
    kept_cv = HiddenField()
    kept_letter = HiddenField()

    questions: list[dict[str, Any]] = []

    def asked(self) -> list[Field]:
        """The fields of the vacancy's questions."""
        return [self[QUESTION + str(one["key"])] for one in self.questions]

    def answers(self) -> dict[str, str]:
        """What was answered, by the key of the question."""
        given = {str(one["key"]): self[QUESTION + str(one["key"])].data for one in self.questions}
        return {key: value.strip() for key, value in given.items() if value and value.strip()}

    def kept(self, kind: FileKind) -> HiddenField:
        return self.kept_cv if kind == FileKind.CV else self.kept_letter

    def file(self, kind: FileKind) -> FileField:
        return self.cv if kind == FileKind.CV else self.letter

    def complain(self, field: Field, sentence: str) -> None:
        field.errors = [*field.errors, sentence]

    def refuse(self, sentence: str) -> None:
        """Something is wrong that no field stands for."""
        self.form_errors.append(sentence)


def form_for(vacancy: Vacancy, consent: str, **options: Any) -> ApplyForm:
    """The form of this vacancy. consent: the words beside its last box."""
    fields: dict[str, Any] = {QUESTION + str(one["key"]): _field_of(one) for one in vacancy.questions}
    made: ApplyForm = type("FormOfVacancy", (ApplyForm,), fields)(**options)
    made.questions = list(vacancy.questions)
    made.keep.label.text = consent
    return made


def _shorter(most: int) -> Length:
    return Length(max=most, message=_("Field cannot be longer than %(most)s characters.", most=most))


def _field_of(question: dict[str, Any]) -> Any:
    label, kind = str(question["label"]), question.get("kind")
    needed = [DataRequired(_("Answer this question."))] if question.get("needed") else [Optional()]
    if kind == "yes":
        return RadioField(label, choices={"Yes": _("Yes"), "No": _("No")}, validators=needed)
    if kind == "text":
        return TextAreaField(label, filters=[storable], validators=[*needed, _shorter(LONGEST_TEXT)])
    return StringField(label, filters=[storable], validators=[*needed, _shorter(LONGEST_LINE)])
