import ipaddress

from flask_wtf import FlaskForm
from wtforms import Field, IntegerField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, Length, NumberRange, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from portal.api_tokens.actions import MOST_DAYS
from portal.api_tokens.scopes import WORDS
from portal.plain_text import printable

MOST_NETWORKS = 20


class TokenForm(FlaskForm):
    """What a new token is for, how long it lasts, and from where it may be used."""

    name = StringField(
        "Name", filters=[printable], validators=[DataRequired("Enter a name, such as “Payroll”."), Length(max=80)]
    )
    scopes = SelectMultipleField(
        "What it may do", choices=[SelectChoice(str(scope), words) for scope, words in WORDS.items()],
        widget=ListWidget(prefix_label=False), option_widget=CheckboxInput(),
    )  # fmt: skip
    days = IntegerField(
        "Lasts for", default=365,
        validators=[NumberRange(1, MOST_DAYS, f"Enter a number of days from 1 to {MOST_DAYS}.")],
    )  # fmt: skip
    networks = TextAreaField("Allowed networks")

    def validate_scopes(self, field: Field) -> None:
        if not field.data:
            raise ValidationError("Tick at least one.")

    def validate_networks(self, field: Field) -> None:
        if len(self.lines) > MOST_NETWORKS:
            raise ValidationError(f"Enter at most {MOST_NETWORKS} networks.")
        for line in self.lines:
            try:
                ipaddress.ip_network(line, strict=False)
            except ValueError:
                raise ValidationError(f"“{line[:60]}” is not a network: enter one like 192.0.2.0/24.") from None

    @property
    def lines(self) -> list[str]:
        return (self.networks.data or "").replace(",", " ").split()

    @property
    def chosen_networks(self) -> list[str]:
        """The networks in their usual form."""
        return [str(ipaddress.ip_network(line, strict=False)) for line in self.lines]
