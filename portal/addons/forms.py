from flask_wtf import FlaskForm
from wtforms import IntegerField
from wtforms.validators import InputRequired, NumberRange
from wtforms.widgets import HiddenInput


class DisconnectForm(FlaskForm):
    """connection: the one whose consequences were shown, so that a stale page cannot end a newer one."""

    connection = IntegerField(widget=HiddenInput(), validators=[InputRequired(), NumberRange(1, 2**31 - 1)])
