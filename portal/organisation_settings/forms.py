from typing import Any

from flask_wtf import FlaskForm
from wtforms import IntegerField, SelectField, StringField
from wtforms.validators import DataRequired, Length, NumberRange

from portal.connections.models import Connection
from portal.organisations import zones
from portal.organisations.countries import countries
from portal.organisations.models import Organisation
from portal.plain_text import printable


class GeneralSettingsForm(FlaskForm):
    name = StringField(
        "Organisation name", filters=[printable], validators=[DataRequired("Enter a name."), Length(max=200)]
    )
    time_zone = SelectField("Time zone")
    country = SelectField("Country")
    company_email_from = SelectField("The company email follows")
    approval_above = IntegerField(
        "Ask a second Admin to approve bulk actions for more than",
        validators=[NumberRange(0, 1_000_000, "Enter a number from 0 to 1,000,000.")],
    )

    def __init__(self, organisation: Organisation, connections: list[Connection], **values: Any):
        super().__init__(**values)
        if len(connections) < 2:
            del self.company_email_from
        else:
            self.company_email_from.choices = [(one.service, one.service_name) for one in connections]
        self.time_zone.choices = zones.choices(organisation.time_zone)
        self.country.choices = [("", "Not set"), *countries().items()]
