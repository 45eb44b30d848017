from zoneinfo import available_timezones

from flask_wtf import FlaskForm
from wtforms import IntegerField, SelectField, StringField
from wtforms.validators import DataRequired, Length, NumberRange

from portal.organisations.actions import countries


def printable(text: str | None) -> str:
    """The text without control characters and without spaces around it."""
    return "".join(letter for letter in text or "" if letter.isprintable()).strip()


class GeneralSettingsForm(FlaskForm):
    name = StringField(
        "Organisation name", filters=[printable], validators=[DataRequired("Enter a name."), Length(max=200)]
    )
    time_zone = SelectField("Time zone")
    country = SelectField("Country")
    approval_above = IntegerField(
        "A second Admin approves runs for more than",
        validators=[NumberRange(0, 1_000_000, "Enter a number from 0 to 1,000,000.")],
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.time_zone.choices = sorted(available_timezones())
        self.country.choices = [("", "Not set"), *countries()]
