from typing import Any

from flask_wtf import FlaskForm
from wtforms import IntegerField, PasswordField
from wtforms.validators import InputRequired, Length, NumberRange, ValidationError
from wtforms.widgets import HiddenInput

from portal.connectors.base import Service
from portal.languages import gettext as _


class KeyForm(FlaskForm):
    """What an administrator of the tenant made there for the portal. It is never shown again."""

    key = PasswordField(validators=[Length(max=4000, message=_("This is too long to be a key."))])

    def __init__(self, service: Service, **values: Any):
        super().__init__(**values)
        self.service = service
        self.key.id, self.key.label.text = f"key-{service.key}", service.words.key
        self.key.label.field_id = self.key.id

    def validate_key(self, field: Any) -> None:
        if not (field.data or "").strip():
            raise ValidationError(_("Enter the %(key)s.", key=self.service.words.key))


class DisconnectForm(FlaskForm):
    """connection: the one whose consequences were shown, so that a stale page cannot end a newer one."""

    connection = IntegerField(widget=HiddenInput(), validators=[InputRequired(), NumberRange(1, 2**31 - 1)])
