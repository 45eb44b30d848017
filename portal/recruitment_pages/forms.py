"""What is typed about vacancies and candidates."""

from typing import Any

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    EmailField,
    Field,
    FieldList,
    Form,
    FormField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TelField,
    TextAreaField,
)  # fmt: skip
from wtforms.validators import DataRequired, Length, NumberRange, Optional, ValidationError

from portal import params
from portal.employee_list.forms import Day
from portal.languages import N_, current, in_language, joined, number, pgettext
from portal.languages import gettext as _
from portal.organisations.countries import countries
from portal.people import managers, rules
from portal.people.models import Employee
from portal.people.searching import Employees
from portal.plain_text import printable, storable
from portal.recruitment import vacancies
from portal.recruitment.models import Ended, Part, Source, StageKind, Vacancy

KINDS = (N_("Permanent"), N_("Contract"), N_("Casual"))
HOURS = (N_("Full time"), N_("Part time"))
# How a question is answered.
QUESTIONS = {"line": _("Short answer"), "text": _("Long answer"), "yes": _("Yes or no")}
MOST_QUESTIONS, EMPTY_ROWS = 10, 2
LONGEST_TEXT = 20_000
# Fields of a vacancy that the form shows as they are kept.
PLAIN = ("title", "department", "place", "country", "kind", "hours", "openings", "closes_on", "retention_months",
         "description")  # fmt: skip
STAGE_KINDS: dict[str, str] = {
    StageKind.NEW: _("New applications"), StageKind.SCREENING: _("Screening"), StageKind.INTERVIEW: _("Interviews"),
    StageKind.OFFER: _("Offer"),
}  # fmt: skip
PARTS: dict[str, str] = {
    Part.RECRUITER: _("Recruiter"), Part.HIRING_MANAGER: _("Hiring manager"), Part.INTERVIEWER: _("Interviewer"),
}  # fmt: skip
HAND_SOURCES = (Source.HAND, Source.REFERRAL)


def several_lines(text: str | None) -> str:
    """The text with its line breaks, and without other control characters."""
    lines = storable(text).replace("\r\n", "\n").replace("\t", "  ").split("\n")
    return "\n".join(line.rstrip() for line in lines).strip()


def _or_nothing(words: tuple[str, ...]) -> dict[str, str]:
    return {"": _("Not said"), **{word: _(word) for word in words}}


def _line(label: str, most: int, *validators: Any, **options: Any) -> StringField:
    too_long = _("Shorten this to %(most)s characters.", most=number(most))
    return StringField(
        label, filters=[printable], validators=[*validators, Length(max=most, message=too_long)], **options
    )


def _text(label: str, *validators: Any) -> TextAreaField:
    too_long = _("Shorten this to %(most)s characters.", most=number(LONGEST_TEXT))
    return TextAreaField(
        label, filters=[several_lines], validators=[*validators, Length(max=LONGEST_TEXT, message=too_long)]
    )


class QuestionForm(Form):
    """One question of a vacancy's application form. An empty one is left out."""

    key = HiddenField()
    label = _line(_("Question"), 300)
    kind = SelectField(pgettext("question", "Answer"), choices=QUESTIONS, default="line")
    needed = BooleanField(_("Needed"))


class Rows(FieldList):
    """Rows of fields. What is wrong in any of them is told as sentences."""

    def validate(self, form: Any, extra_validators: Any = ()) -> bool:
        fine = super().validate(form, extra_validators)
        rows: Any = vars(self)["errors"]
        self.errors: Any = [sentence for one in rows for told in one.values() for sentence in told]
        return bool(fine)


class VacancyForm(FlaskForm):
    """visible: who can be chosen as the hiring manager. opened_as: what the vacancy said when it was opened."""

    title = _line(_("Title"), 200, DataRequired(_("Enter a title.")))
    department = _line(_("Department"), 200)
    place = _line(_("Place"), 200)
    country = SelectField(_("Country"))
    kind = SelectField(_("Kind"), choices=_or_nothing(KINDS))
    hours = SelectField(_("Hours"), choices=_or_nothing(HOURS))
    openings = IntegerField(_("Openings"), [NumberRange(1, 999, _("Enter a number from 1 to 999."))], default=1)
    hiring_manager = StringField(_("Hiring manager"), filters=[rules.tidy])
    closes_on = Day(_("Last day for applications"))
    retention_months = IntegerField(
        _("Keep its applications for"),
        [Optional(), NumberRange(1, 120, _("Enter 1 to 120 months, or leave this empty."))],
    )
    description = _text(_("Description"))
    questions = Rows(FormField(QuestionForm), max_entries=MOST_QUESTIONS)
    opened_as = HiddenField()

    def __init__(self, visible: Employees, vacancy: Vacancy | None = None):
        super().__init__(data=_first_values(vacancy) if vacancy else None)
        self.visible = visible
        self.chosen: Employee | None = None
        self.country.choices = {"": _("Not said"), **countries()}
        while len(self.questions) < min(MOST_QUESTIONS, self._asked() + EMPTY_ROWS):
            self.questions.append_entry()

    def _asked(self) -> int:
        return sum(1 for one in self.questions if one.form.label.data)

    def validate_hiring_manager(self, field: Field) -> None:
        if not field.data:
            return
        self.chosen, near = managers.find(self.visible, field.data)
        if self.chosen is None and near:
            names = ", ".join(f"{one.name} ({one.employee_number})" for one in near)
            raise ValidationError(
                _("This could be any of several people: %(names)s. Enter the employee number.", names=names)
            )
        if self.chosen is None:
            raise ValidationError(
                _("Nobody has the employee number or the name “%(data)s”: check it.", data=field.data[:100])
            )

    def values(self) -> dict[str, Any]:
        """The fields as the row keeps them."""
        return {
            **{name: self[name].data for name in PLAIN},
            "hiring_manager": self.chosen, "questions": self._questions(),
        }  # fmt: skip

    def show_beside(self, current: Vacancy) -> list[tuple[str, str, str]]:
        """Where the form differs from the vacancy as it is now: label, what the vacancy says, what the form says.

        From here on the form knows of the change, so that saving it again is a decision.
        """
        now = _first_values(current)
        self.opened_as.data = now["opened_as"]
        pairs = {name: (now[name], self[name].data) for name in (*PLAIN, "hiring_manager")}
        pairs["questions"] = _as_lines(current.questions), _as_lines(self._questions())
        return [(self[name].label.text, _shown(a), _shown(b)) for name, (a, b) in pairs.items() if a != b]

    def _questions(self) -> list[dict[str, Any]]:
        asked = [one.form for one in self.questions if one.form.label.data]
        keys = {one.key.data for one in asked}
        fresh = (key for number in range(1, 100) if (key := f"q{number}") not in keys)
        seen: set[str] = set()
        found = []
        for one in asked:
            known = one.key.data[:10] if one.key.data and one.key.data.isalnum() and one.key.data not in seen else ""
            key = known or next(fresh)
            seen.add(key)
            found.append({"key": key, "label": one.label.data, "kind": one.kind.data, "needed": bool(one.needed.data)})
        return found


def _shown(value: Any) -> str:
    return in_language(value or "–", current())


def _first_values(vacancy: Vacancy) -> dict[str, Any]:
    values = dict(vacancy.__data__)
    manager = vacancy.hiring_manager
    opened_as = vacancies.seen(vacancy, (*PLAIN, "hiring_manager", "questions"))
    return {**values, "hiring_manager": manager.employee_number if manager else "", "opened_as": opened_as}


def _as_lines(questions: list[dict[str, Any]]) -> str:
    return joined(*map(_as_line, questions), by="; ")


def _as_line(question: dict[str, Any]) -> str:
    values = {"question": question["label"], "kind": QUESTIONS[question["kind"]]}
    return (
        _("%(question)s (%(kind)s, needed)", **values) if question["needed"] else _("%(question)s (%(kind)s)", **values)
    )


class CandidateForm(FlaskForm):
    """A candidate whom a user adds by hand."""

    first_name = StringField(_("First name"))
    last_name = StringField(_("Last name"))
    email = EmailField(_("Email"))
    phone = TelField(_("Phone"))
    source = SelectField(_("Where from"), choices={str(one): _(str(one)) for one in HAND_SOURCES})
    note = _text(_("Note"))

    def refuse(self, name: str, message: str) -> None:
        """Say next to the field `name` what is wrong with it."""
        self[name].errors = [*self[name].errors, message]


class NoteForm(FlaskForm):
    text = _text(_("Note"), DataRequired(_("Write something first.")))


class NotTakenForm(FlaskForm):
    """write: whether the candidate gets the message Not taken."""

    reason = _line(_("Reason"), 300, DataRequired(_("Enter a reason. Only your hiring team sees it.")))
    write = BooleanField(_("Send the candidate this message"))


class CloseForm(FlaskForm):
    what = RadioField(
        _("Candidates who are still on a stage"),
        choices={"leave": _("Leave them where they are"), str(Ended.NOT_TAKEN): _("End them as not taken")},
        default="leave",
    )
    reason = _line(_("Reason"), 300, default=_("The vacancy was closed"))


class StageForm(FlaskForm):
    name = _line(_("Name"), 60, DataRequired(_("Enter a name.")))
    kind = SelectField(_("What happens there"), choices=STAGE_KINDS, default=StageKind.SCREENING)


class TeamForm(FlaskForm):
    """users: who can join."""

    user = SelectField(_("User"), coerce=lambda text: params.cursor(str(text)) or 0)
    part = SelectField(_("Part"), choices=PARTS)

    def __init__(self, users: list[Any]):
        super().__init__()
        self.user.choices = {
            one.id: _("%(name)s (%(level)s)", name=one.display_name, level=_(one.access_level)) for one in users
        }


class RecruitmentForm(FlaskForm):
    """Settings > Recruitment."""

    careers_page = BooleanField(_("Show the careers page"))
    address = _line(_("Address"), 60, DataRequired(_("Enter a word for the address.")))
    introduction = _text(_("Introduction"))
    privacy_notice = _text(_("Privacy notice"))
    keep_months = IntegerField(_("Keep applications for"), [NumberRange(1, 120, _("Enter 1 to 120 months."))])
    talent_months = IntegerField(
        _("Keep the data of people who agreed for"), [NumberRange(1, 120, _("Enter 1 to 120 months."))]
    )
