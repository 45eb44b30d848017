from typing import Any

from flask_wtf import FlaskForm
from wtforms import DateTimeLocalField, Field, SelectMultipleField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, Length, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from portal.guard import addresses
from portal.guard.addresses import Address, AddressRefused
from portal.languages import gettext as _
from portal.languages import joined
from portal.plain_text import printable
from portal.webhooks.kinds import CHANNEL, KINDS
from portal.webhooks.models import Kind


class ReceiverForm(FlaskForm):
    """A receiver: its name and which messages it gets. kind: of the receiver."""

    def __init__(self, kind: str = Kind.WEBHOOK, **options: Any):
        super().__init__(**options)
        words = KINDS if kind == Kind.WEBHOOK else CHANNEL
        self.kinds.choices = [SelectChoice(key, said) for key, said in words.items()]

    name = StringField(_("Name"), filters=[printable], validators=[DataRequired(_("Enter a name.")), Length(max=80)])
    kinds = SelectMultipleField(
        _("What it is told"),
        widget=ListWidget(prefix_label=False), option_widget=CheckboxInput(),
    )  # fmt: skip


class AddressField(StringField):
    """An https address of another system."""

    found: Address | None = None

    def pre_validate(self, form: Any) -> None:
        try:
            self.found = addresses.read(self.data or "")
        except AddressRefused as problem:
            raise ValidationError(joined(problem.message, problem.next_step)) from None


class NewReceiverForm(ReceiverForm):
    """The same, with its address, which stays."""

    address = AddressField(_("Address"), validators=[DataRequired(_("Enter the address."))])


class SinceForm(FlaskForm):
    """From when on messages are sent once more, in the organisation's zone."""

    since = DateTimeLocalField(_("Since"), format=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"])

    def validate_since(self, field: Field) -> None:
        if field.data is None:
            raise ValidationError(_("Enter a day and a time."))
