import ipaddress

from flask_wtf import FlaskForm
from wtforms import Field, IntegerField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, Length, NumberRange, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from portal.api_tokens.actions import MOST_DAYS
from portal.api_tokens.scopes import WORDS
from portal.languages import gettext as _
from portal.plain_text import printable

MOST_NETWORKS = 20


class TokenForm(FlaskForm):
    """What a new token is for, how long it lasts, and from where it may be used."""

    name = StringField(
        _("Name"), filters=[printable], validators=[DataRequired(_("Enter a name, such as “Payroll”.")), Length(max=80)]
    )
    scopes = SelectMultipleField(
        _("What it may do"), choices=[SelectChoice(str(scope), words) for scope, words in WORDS.items()],
        widget=ListWidget(prefix_label=False), option_widget=CheckboxInput(),
    )  # fmt: skip
    days = IntegerField(
        _("Lasts for"), default=365,
        validators=[NumberRange(1, MOST_DAYS, _("Enter a number of days from 1 to %(most)s.", most=MOST_DAYS))],
    )  # fmt: skip
    networks = TextAreaField(_("Allowed networks"))

    def validate_scopes(self, field: Field) -> None:
        if not field.data:
            raise ValidationError(_("Tick at least one."))

    def validate_networks(self, field: Field) -> None:
        if len(self.lines) > MOST_NETWORKS:
            raise ValidationError(_("Enter at most %(most)s networks.", most=MOST_NETWORKS))
        for line in self.lines:
            try:
                ipaddress.ip_network(line, strict=False)
            except ValueError:
                raise ValidationError(
                    _("“%(line)s” is not a network: enter one like 192.0.2.0/24.", line=line[:60])
                ) from None

    @property
    def lines(self) -> list[str]:
        return (self.networks.data or "").replace(",", " ").split()

    @property
    def chosen_networks(self) -> list[str]:
        """The networks in their usual form."""
        return [str(ipaddress.ip_network(line, strict=False)) for line in self.lines]
