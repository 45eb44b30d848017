"""When login information goes out, and its sentences: the part that Create and Resend share."""

from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, Field, RadioField, TimeField
from wtforms.validators import Optional, ValidationError

from portal.accounts.place import Place
from portal.connections.settings import settings_of
from portal.database import now
from portal.hand_over.moments import first_morning
from portal.languages import gettext as _
from portal.languages import joined
from portal.mail import choices
from portal.templating import local_date, local_time

AS_CHOSEN, NOW = _("at the moment chosen above"), _("now")


class Password(NamedTuple):
    """What a password is called while it is handed over: when it is shown, sent by a link, or sent itself."""

    shown: str
    linked: str
    sent: str


THE_PASSWORD = Password(
    _("show you the password once."),
    _("the username and a link to the password"),
    _("the username and the password"),
)
THE_TEMPORARY = Password(
    _("show you the temporary password once."),
    _("the username and a link to the temporary password"),
    _("the username and the temporary password"),
)
A_TEMPORARY = Password(
    _("show you a temporary password once."),
    _("the username and a link to a temporary password"),
    _("the username and a temporary password"),
)


class PlaceForm(FlaskForm):
    """A form on the card of one application. Each card of a page may show one, so its fields have ids of their own."""

    def __init__(self, place: Place, **values: Any):
        super().__init__(**values)
        self.place, self.employee, self.connection = place, place.employee, place.connection
        self.service = place.service
        for field in self:
            field.id = field.label.field_id = f"{field.short_name}-{self.service.key}"


class HandOverForm(PlaceForm):
    """When the login information goes out: NOW, on START's morning, or AT a date and time in the organisation's zone.

    Programs may also post what two tick boxes said before there was this choice: `send_immediately` for NOW,
    `on_start_date` for START, and neither of them for AT.
    """

    NOW, START, AT = "y", "start", "at"

    send_immediately = RadioField(_("When the email goes out"), choices=[], default=NOW, validate_choice=False)
    date = DateField(_("Date"), validators=[Optional()])
    time = TimeField(_("Time"), validators=[Optional()])
    on_start_date = BooleanField()

    def __init__(self, place: Place, **values: Any):
        super().__init__(place, **values)
        self.zone: ZoneInfo = self.employee.organisation.zone
        self.send_immediately.choices = [(self.NOW, _("Send immediately")), *self._on_start_date(), (self.AT, _("At"))]
        self.send_immediately.data = self._chosen()

    def _on_start_date(self) -> list[tuple[str, str]]:
        """What can be chosen while the first day is ahead."""
        if not self.start:
            return []
        return [(self.START, _("On the start date, 08:00 (%(day)s)", day=local_date(self.employee.start_date)))]

    def _chosen(self) -> str:
        sent = self.send_immediately.raw_data
        if sent is None:
            return self.NOW
        if self.on_start_date.data and self.start is not None:
            return self.START
        said = sent[0] if sent else ""
        if said in (self.START, self.AT, *(key for key, _ in self.send_immediately.choices)):
            return said
        return self.AT if said in ("", "false") else self.NOW

    @property
    def start(self) -> datetime | None:
        """The morning of a start date that is still to come."""
        return first_morning(self.employee, self.zone)

    @property
    def by_mail(self) -> bool:
        """False when there is no personal address: then the password is shown once instead."""
        return bool(self.employee.personal_email)

    @property
    def by_link(self) -> bool:
        """Whether the email has a link in place of the password."""
        return not self.without_password and choices.of(self.employee.organisation).by_link

    @cached_property
    def without_password(self) -> bool:
        """Whether the email has no password at all, because people sign in through another identity provider."""
        return settings_of(self.connection).signs_in_elsewhere

    @property
    def hand_over(self) -> str:
        return "send" if self.by_mail else "show"

    @property
    def on_start(self) -> bool:
        """Whether the mail follows the start date, should that change."""
        return self.by_mail and self.send_immediately.data == self.START and self.start is not None

    @property
    def send_at(self) -> datetime | None:
        """The moment to send the mail at; None for at once."""
        when = self.send_immediately.data if self.by_mail else self.NOW
        if when == self.START:
            return self.start
        if when == self.NOW or not self.date.data or not self.time.data:
            return None
        return datetime.combine(self.date.data, self.time.data, tzinfo=self.zone)

    def validate_send_immediately(self, field: Field) -> None:
        if not self.by_mail:
            return
        if field.data == self.NOW and self.date.data:
            raise ValidationError(_("Choose “At” to send at the date below, or clear the date."))
        if field.data == self.START and self.start is None:
            field.data = self.AT
            raise ValidationError(_("The morning of the start date has passed: choose when the email goes out."))

    def validate(self, extra_validators: Any = None) -> bool:
        good = super().validate(extra_validators)
        if not self.by_mail or self.send_immediately.data != self.AT or self.send_immediately.errors:
            return good
        if self.date.data is None and not self.date.errors:
            self.date.errors = [_("Choose the day on which the email is sent, or “Send immediately”.")]
        if self.time.data is None and not self.time.errors:
            self.time.errors = [_("Choose the time at which the email is sent.")]
        if self.send_at is not None and self.send_at <= now():
            self.date.errors = [_("This moment has passed: choose a later one, or “Send immediately”.")]
        return good and not self.date.errors and not self.time.errors

    def sentence(self, *, followed: bool = True) -> str:
        """What the form's button does. followed: the sentence changes with the form; else it holds for every choice."""
        return _(
            "We’ll set a new temporary password now, and %(handing_over)s",
            handing_over=self._handing_over(THE_PASSWORD, followed),
        )

    def _handing_over(self, password: Password, followed: bool) -> str:
        """What becomes of the password. password: what it is called here."""
        if not self.by_mail:
            return password.shown
        what = password.linked if self.by_link else password.sent
        words = _(
            "email %(what)s to %(personal_email)s %(when)s.",
            what=_("the username, without a password,") if self.without_password else what,
            personal_email=self.employee.personal_email,
            when=self._when if followed else AS_CHOSEN,
        )
        return joined(words, _("The link opens once, within 7 days.") if self.by_link else "")

    @property
    def _when(self) -> str:
        if not self.by_mail or self.send_immediately.data == self.NOW:
            return NOW
        if self.send_at is None or self.send_at <= now():
            return _("at the date and time you choose")
        return _("on %(when)s", when=local_time(self.send_at))
