"""What is typed about interviews."""

import datetime as clock
from datetime import date, datetime, timedelta
from typing import Any

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    Field,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Length, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from portal.auth.models import User
from portal.database import now
from portal.employee_list.forms import Day
from portal.interviews import words
from portal.interviews.answers import LONGEST_WORDS
from portal.interviews.models import Verdict
from portal.languages import gettext as _
from portal.languages import ngettext
from portal.organisations import zones
from portal.plain_text import printable
from portal.recruitment_pages.forms import several_lines

LENGTHS = (30, 45, 60, 90, 120)
LONGEST_TEXT = 5000
OTHER = "other"
DO_LOOK, DO_GO = "look", "go"


def one_line(text: str | None) -> str:
    return " ".join(printable(text or "").split())


def _at_most(characters: int) -> str:
    return _("At most %(most)s characters.", most=characters)


class WhenForm(FlaskForm):
    """Day, length and time. begins, ends: the moments, once it is valid."""

    minutes = SelectField(
        _("How long"),
        coerce=int,
        choices={one: ngettext("%(num)s minute", "%(num)s minutes", one) for one in LENGTHS},
        default=60,
    )
    day = Day(_("Day"), [DataRequired(_("Choose a day."))])
    zone = SelectField(_("Times are in"))
    time = StringField(_("Time"))
    other = StringField(_("Begins at"), filters=[one_line])
    place = StringField(_("Place"), [Length(max=300, message=_at_most(300))], filters=[one_line])
    # Times of which the user was told that not everybody is free then.
    anyway = HiddenField()

    def __init__(self, zone: str, **values: Any):
        super().__init__(**{"zone": zone, **values})
        self.zone.choices = dict(zones.choices(zone, self.zone.data or ""))
        self.begins: datetime | None = None
        self.ends: datetime | None = None

    def at(self) -> clock.time | None:
        """The time that was chosen or typed. Raises ValueError."""
        text = self.other.data if self.time.data == OTHER or not self.time.data else self.time.data
        return clock.time.fromisoformat(text) if text else None

    def validate_time(self, field: Field) -> None:
        try:
            at = self.at()
        except ValueError:
            raise ValidationError(_("Enter the time as hours and minutes, such as 16:15.")) from None
        if at is None:
            raise ValidationError(_("Choose a time."))
        if not isinstance(self.day.data, date) or self.zone.data not in self.zone.choices:
            return
        try:
            self.begins = words.moment(self.day.data, at.replace(second=0, microsecond=0, tzinfo=None), self.zone.data)
        except words.NoSuchTime:
            raise ValidationError(_("The clocks go forward on that day and leave this time out.")) from None
        except OverflowError:
            raise ValidationError(_("Choose a nearer day.")) from None
        if self.begins <= now():
            self.begins = None
            raise ValidationError(_("This time has passed."))
        self.ends = self.begins + timedelta(minutes=self.minutes.data or 60)


class _Ticks(SelectMultipleField):
    widget, option_widget = ListWidget(prefix_label=False), CheckboxInput()


class PlanForm(WhenForm):
    who = _Ticks(_("Who comes"), coerce=int)
    online = BooleanField(_("Teams meeting"))
    subject = StringField(
        _("Subject"), [DataRequired(_("Enter a subject.")), Length(max=200, message=_at_most(200))],
        filters=[one_line],
    )  # fmt: skip
    text = TextAreaField(
        _("Invitation"),
        [DataRequired(_("Enter a text.")), Length(max=LONGEST_TEXT, message=_at_most(LONGEST_TEXT))],
        filters=[several_lines],
    )

    def __init__(self, zone: str, people: list[User], **values: Any):
        super().__init__(zone, **values)
        self.people = {user.id: user for user in people}
        self.who.choices = {user.id: user.display_name for user in people}

    @property
    def chosen(self) -> tuple[User, ...]:
        return tuple(self.people[user_id] for user_id in self.who.data or () if user_id in self.people)

    def validate_who(self, field: Field) -> None:
        if not self.chosen and not field.errors:
            raise ValidationError(_("Choose at least one person."))


class CallOffForm(FlaskForm):
    reason = TextAreaField(
        _("What everybody reads"),
        [DataRequired(_("Write a sentence.")), Length(max=LONGEST_WORDS, message=_at_most(LONGEST_WORDS))],
        filters=[several_lines],
    )


class FeedbackForm(FlaskForm):
    verdict = RadioField(
        _("Would you hire them?"), choices={one.value: _(one.value) for one in Verdict}, validate_choice=False
    )
    text = TextAreaField(
        _("Why"),
        [DataRequired(_("Write a sentence.")), Length(max=LONGEST_TEXT, message=_at_most(LONGEST_TEXT))],
        filters=[several_lines],
    )

    def validate_verdict(self, field: Field) -> None:
        if field.data not in set(Verdict):
            raise ValidationError(_("Choose one of the four."))
