"""Keep an account on purpose, and say what licences cost."""

import re
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_wtf import FlaskForm
from wtforms import DateField, Field, StringField
from wtforms.validators import InputRequired, Length, ValidationError

from portal.languages import gettext as _

LONGEST_KEPT = timedelta(days=731)
USUALLY_KEPT = timedelta(days=183)
MOST = Decimal("99999.99")


class KeepForm(FlaskForm):
    reason = StringField(_("Reason"), [InputRequired(_("Say why this account is needed.")), Length(max=300)])
    until = DateField(_("Keep until"), [InputRequired(_("Choose a day."))])

    def __init__(self, today: date, **values: Any):
        super().__init__(until=today + USUALLY_KEPT, **values)
        self._today = today

    def validate_until(self, field: Field) -> None:
        if not self._today < field.data <= self._today + LONGEST_KEPT:
            raise ValidationError(_("Choose a day after today, and within two years."))


def price_of(text: str) -> str:
    """What was typed as a price, "12,50" as "12.50"; empty for none. Raises ValueError with the words for it."""
    plain = text.strip().replace(",", ".")
    if not plain:
        return ""
    try:
        found = Decimal(plain)
    except InvalidOperation:
        found = Decimal(-1)
    if not re.fullmatch(r"\d{1,5}(\.\d{1,2})?", plain, re.ASCII) or found > MOST:
        raise ValueError(_("Enter a price such as 12.50, or leave this empty."))
    return plain


def currency_of(text: str) -> str:
    """A currency such as EUR. Raises ValueError with the words for it."""
    plain = text.strip().upper()
    if plain and not re.fullmatch(r"[A-Z]{3}", plain, re.ASCII):
        raise ValueError(_("Enter three letters, such as EUR or GBP."))
    return plain
