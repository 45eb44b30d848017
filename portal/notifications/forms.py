from flask_wtf import FlaskForm
from wtforms import BooleanField, RadioField
from wtforms.fields import SelectChoice

from portal.languages import gettext as _
from portal.notifications.models import Rhythm


class MailsForm(FlaskForm):
    """What the Admin who is signed in hears by email."""

    digest = RadioField(
        _("Digest"),
        choices=[
            SelectChoice(str(Rhythm.DAILY), _("Every day at 07:30")),
            SelectChoice(str(Rhythm.WEEKLY), _("On Mondays at 07:30")),
            SelectChoice(str(Rhythm.OFF), _("Never")),
        ],
    )
    urgent = BooleanField(_("Email me at once about what is urgent"))
