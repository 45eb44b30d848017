from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, Field, HiddenField, SelectField, StringField, TimeField
from wtforms.validators import InputRequired, Optional, ValidationError

from portal.accounts import licences
from portal.accounts.place import Place
from portal.connections.offer import has_seat, seats
from portal.connections.settings import NO_LICENCE
from portal.database import now
from portal.hand_over.moments import first_morning
from portal.mail import choices
from portal.provisioning.actions import AccountRequest
from portal.templating import local_date
from portal.theirs import seen

# What the form sends for "No licence", so that it differs from having chosen nothing.
WITHOUT = "none"


class PlaceForm(FlaskForm):
    """A form on the card of one application. Each card of a page may show one, so its fields have ids of their own."""

    def __init__(self, place: Place, **values: Any):
        super().__init__(**values)
        self.place, self.employee, self.connection = place, place.employee, place.connection
        self.service = place.service
        for field in self:
            field.id = field.label.field_id = f"{field.short_name}-{self.service.key}"


class HandOverForm(PlaceForm):
    """When the login information goes out: at once, or at a date and time in the organisation's zone."""

    send_immediately = BooleanField("Send immediately", default=True)
    date = DateField("Date", validators=[Optional()])
    time = TimeField("Time", validators=[Optional()])
    on_start_date = BooleanField("On the start date at 08:00")

    def __init__(self, place: Place, **values: Any):
        super().__init__(place, **values)
        self.zone: ZoneInfo = self.employee.organisation.zone
        if self.start is not None:
            self.on_start_date.label.text = f"On the start date, {local_date(self.employee.start_date)}, at 08:00"

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
        return choices.of(self.employee.organisation).by_link

    @property
    def hand_over(self) -> str:
        return "send" if self.by_mail else "show"

    @property
    def send_at(self) -> datetime | None:
        """The moment to send the mail at; None for at once."""
        if self.by_mail and self.on_start_date.data and self.start is not None:
            return self.start
        if not self.by_mail or self.send_immediately.data or not self.date.data or not self.time.data:
            return None
        return datetime.combine(self.date.data, self.time.data, tzinfo=self.zone)

    def validate_send_immediately(self, field: Field) -> None:
        if self.by_mail and field.data and self.date.data and not self.on_start_date.data:
            raise ValidationError("Untick “Send immediately” to send at the date below, or clear the date.")

    def validate(self, extra_validators: Any = None) -> bool:
        good = super().validate(extra_validators)
        if not self.by_mail or self.send_immediately.data or self.on_start_date.data:
            return good
        if self.date.data is None and not self.date.errors:
            self.date.errors = ["Choose the day on which the email is sent, or tick “Send immediately”."]
        if self.time.data is None and not self.time.errors:
            self.time.errors = ["Choose the time at which the email is sent."]
        if self.send_at is not None and self.send_at <= now():
            self.date.errors = ["This moment has passed: choose a later one, or tick “Send immediately”."]
        return good and not self.date.errors and not self.time.errors


class CreateAccountForm(HandOverForm):
    """The form behind the Action switch. Domains and licences are those last read from the tenant."""

    username = StringField("Username", validators=[InputRequired("Enter a username.")])
    domain = SelectField("Domain")
    update_company_email = BooleanField("Update the company email to the new address", default=True)
    another = BooleanField("Create another account")
    looked = HiddenField()
    licence_id = SelectField("Licence", validate_choice=False)

    def __init__(self, place: Place, **values: Any):
        super().__init__(place, **values)
        employee, connection = place.employee, place.connection
        if not connection.gives_company_email:
            del self.update_company_email
        self.domain.choices = [(name, name) for name in connection.domains]
        self.offered = {licence["id"]: licence for licence in connection.licences}
        self.default = licences.default_for(employee, connection)
        self.licence_id.choices = [
            *([("", "Choose a licence")] if self.default.licence_id is None else []),
            *((key, f"{licence['name']} ({seats(licence)})") for key, licence in self.offered.items()),
            (WITHOUT, "No licence"),
        ]
        if not self.licence_id.raw_data:
            self.licence_id.data = {None: "", NO_LICENCE: WITHOUT}.get(self.default.licence_id, self.default.licence_id)

    @property
    def was_looked(self) -> bool:
        """Whether the portal has just looked for this form, and found no account that may be theirs already."""
        return seen.holds(self.looked.data or "", self.employee, self.connection)

    def validate_username(self, field: Field) -> None:
        """Accepts the whole address too, when its domain is one of the tenant's."""
        local_part, _, domain = (
            field.data.strip().rpartition("@") if "@" in field.data else (field.data.strip(), "", "")
        )
        if domain:
            if domain.casefold() not in (name.casefold() for name, _ in self.domain.choices):
                raise ValidationError(f"“{domain}” is not a verified domain of your tenant: choose one from the list.")
            self.domain.data = domain.casefold()
        field.data = local_part
        problem = self.service.local_part_problem(local_part)
        if problem:
            raise ValidationError(problem)

    def validate_licence_id(self, field: Field) -> None:
        if field.data == WITHOUT:
            return
        if not field.data:
            raise ValidationError("Choose a licence, or “No licence”.")
        licence = self.offered.get(field.data)
        if licence is None:
            raise ValidationError("This licence is no longer offered: choose another one.")
        if not has_seat(licence):
            raise ValidationError(f"No seat is left on {licence['name']}: choose another licence, or “No licence”.")
        if licences.lacks_country(self.employee, self.connection):
            raise ValidationError(
                f"{self.service.name} needs the country before it gives a licence: fill it in on the Profile first, "
                "or choose “No licence”."
            )

    @property
    def licence_help(self) -> str:
        """Why this licence is chosen already, and by which country it is given."""
        words = [] if self.licence_id.raw_data else [self.default.reason]
        if self.default.licence_id in self.offered and not has_seat(self.offered[self.default.licence_id]):
            words.append("No seat is left on it: choose another one, or buy a seat first.")
        needs_country = self.service.capabilities.licence_needs_country
        if needs_country and not self.employee.country and licences.country_for(self.employee):
            words.append("The Profile has no country, so the organisation’s is used.")
        return " ".join(words)

    def account_request(self) -> AccountRequest:
        licence = self.offered.get(self.licence_id.data or "", {})
        return AccountRequest(
            username=f"{self.username.data}@{self.domain.data}",
            licence_id=licence.get("id", ""),
            licence_name=licence.get("name", ""),
            update_company_email="update_company_email" in self and self.update_company_email.data,
            hand_over=self.hand_over,
            send_at=self.send_at,
        )
