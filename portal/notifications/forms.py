from flask_wtf import FlaskForm
from wtforms import BooleanField, RadioField
from wtforms.fields import SelectChoice

from portal.notifications.models import Rhythm


class MailsForm(FlaskForm):
    """What the Admin who is signed in hears by email."""

    digest = RadioField(
        "Digest",
        choices=[
            SelectChoice(str(Rhythm.DAILY), "Every day at 07:30"),
            SelectChoice(str(Rhythm.WEEKLY), "On Mondays at 07:30"),
            SelectChoice(str(Rhythm.OFF), "Never"),
        ],
    )
    urgent = BooleanField("Email me at once about what is urgent")
