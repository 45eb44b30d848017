from typing import Any
from zoneinfo import available_timezones

from flask_wtf import FlaskForm
from wtforms import IntegerField, SelectField, StringField
from wtforms.validators import DataRequired, Length, NumberRange

from portal.organisations.actions import countries
from portal.plain_text import printable


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

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.time_zone.choices = sorted(available_timezones())
        self.country.choices = [("", "Not set"), *countries()]
