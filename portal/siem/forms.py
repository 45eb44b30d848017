from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, PasswordField, SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, Length, ValidationError

from portal.guard import addresses
from portal.guard.addresses import Address, AddressRefused
from portal.languages import gettext as _
from portal.languages import joined
from portal.plain_text import printable
from portal.siem.models import SCHEMES


class TargetForm(FlaskForm):
    """A target of the audit log. kind: how its lines are written."""

    name = StringField(_("Name"), filters=[printable], validators=[DataRequired(_("Enter a name.")), Length(max=80)])
    address = StringField(_("Address"), validators=[DataRequired(_("Enter the address."))])
    header = SelectField(_("Signs in with"), choices=[SelectChoice("Bearer"), SelectChoice("Splunk")])
    token = PasswordField(_("Token"), validators=[Length(max=500)])
    personal = BooleanField(_("Send names and values too"))
    whole = BooleanField(_("Also send what is in the audit log already"))

    def __init__(self, kind: str, **options: Any):
        super().__init__(**options)
        self.scheme = SCHEMES[kind]
        self.found: Address | None = None
        if self.scheme != "https":
            del self.header, self.token

    def validate_address(self, field: StringField) -> None:
        text = (field.data or "").strip()
        if self.scheme == "tls" and "://" not in text:
            text = f"tls://{text}"
        try:
            self.found = addresses.read(text, self.scheme)
        except AddressRefused as problem:
            raise ValidationError(joined(problem.message, problem.next_step)) from None
