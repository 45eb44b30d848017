from typing import Any

from flask_wtf import FlaskForm
from wtforms import IntegerField, SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, Length, NumberRange

from portal.connections.models import Connection
from portal.languages import LANGUAGES
from portal.languages import gettext as _
from portal.organisations import zones
from portal.organisations.countries import countries
from portal.organisations.models import Organisation
from portal.plain_text import printable

KNOWN = [SelectChoice(key, name) for key, name in LANGUAGES.items()]


class GeneralSettingsForm(FlaskForm):
    name = StringField(
        _("Organisation name"), filters=[printable], validators=[DataRequired(_("Enter a name.")), Length(max=200)]
    )
    time_zone = SelectField(_("Time zone"))
    country = SelectField(_("Country"))
    company_email_from = SelectField(_("The company email follows"))
    language = SelectField(_("Language"), choices=[SelectChoice("", _("Same as the browser")), *KNOWN])
    approval_above = IntegerField(
        _(_("Ask a second Admin to approve bulk actions for more than")),
        validators=[NumberRange(0, 1_000_000, _("Enter a number from 0 to 1,000,000."))],
    )

    def __init__(self, organisation: Organisation, connections: list[Connection], **values: Any):
        super().__init__(**values)
        if len(connections) < 2:
            del self.company_email_from
        else:
            self.company_email_from.choices = [(one.service, one.service_name) for one in connections]
        self.time_zone.choices = zones.choices(organisation.time_zone)
        self.country.choices = [("", _("Not set")), *countries().items()]
