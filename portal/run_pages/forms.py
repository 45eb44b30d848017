from datetime import datetime
from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, FileField, RadioField, SelectField, SelectMultipleField, TimeField
from wtforms.validators import Optional

from portal.connections.models import Connection
from portal.connections.offer import name_of, with_its_seats
from portal.connections.settings import NO_LICENCE
from portal.connectors import SERVICES
from portal.database import now
from portal.languages import gettext as _
from portal.operations.requests import Verb
from portal.organisations.models import Organisation
from portal.runs.models import BY_RULE, VERBS

WITHOUT = "none"
# After these the employee gets login information.
SENDS = (Verb.CREATE, Verb.RESEND)
SEND = {
    "now": _("Send immediately"),
    "start": _("On the start date, 08:00"),
    "at": _("At"),
}


class NewRunForm(FlaskForm):
    """What to do for the people who were chosen, and what a create or a change of licences needs to know."""

    verb = RadioField(_("What to do"), default=Verb.CREATE)
    people = FileField(_("List of employee numbers"))
    domain = SelectField(_("Domain"), validate_choice=False)
    licence = SelectField(_("Licence"), validate_choice=False)
    update_company_email = BooleanField(_("Update the company email to the new address"), default=True)
    send = RadioField(_("When the email goes out"), default="now")
    date = DateField(_("Date"), validators=[Optional()])
    time = TimeField(_("Time"), validators=[Optional()])
    add = SelectMultipleField(_("Licences to give"), validate_choice=False)
    remove = SelectMultipleField(_("Licences to take away"), validate_choice=False)

    def __init__(self, organisation: Organisation, connection: Connection, **values: Any):
        super().__init__(**values)
        self.zone, self.connection = organisation.zone, connection
        if not connection.gives_company_email:
            del self.update_company_email
        can = SERVICES[connection.service].capabilities
        self.verb.choices = [
            (str(verb), words) for verb, words in VERBS.items() if can.has_licences or verb != Verb.LICENCE
        ]
        self.send.choices = list(SEND.items())
        named = [(plan["id"], with_its_seats(plan)) for plan in connection.licences]
        self.domain.choices = [(name, name) for name in connection.domains]
        without = (WITHOUT, name_of(connection, NO_LICENCE))
        self.licence.choices = [(BY_RULE, _("By your organisation’s rules")), *named, without]
        self.add.choices = self.remove.choices = [(plan["id"], plan["name"]) for plan in connection.licences]

    @property
    def send_at(self) -> datetime | None:
        if not self.date.data or not self.time.data:
            return None
        return datetime.combine(self.date.data, self.time.data, tzinfo=self.zone)

    def validate(self, extra_validators: Any = None) -> bool:
        good = super().validate(extra_validators)
        known = {plan["id"] for plan in self.connection.licences}
        if self.verb.data == Verb.CREATE:
            self._check_create(known)
        if self.verb.data in SENDS:
            self._check_moment()
        if self.verb.data == Verb.LICENCE:
            self._check_licences(known)
        return good and not self.errors

    def _check_licences(self, known: set[str]) -> None:
        added, removed = set(self.add.data), set(self.remove.data)
        if not added and not removed:
            self.add.errors = [_("Choose at least one licence to give or to take away.")]
        elif not added | removed <= known:
            self.add.errors = [_("One of these licences is no longer offered. Choose again.")]
        elif added & removed:
            self.remove.errors = [_("A licence cannot be given and taken away at the same time.")]

    def _check_create(self, known: set[str]) -> None:
        if self.domain.data not in self.connection.domains:
            self.domain.errors = [_("Choose one of your organisation’s domains.")]
        if self.licence.data not in (known | {BY_RULE, WITHOUT}):
            self.licence.errors = [_("This licence is no longer offered. Choose another one.")]

    def _check_moment(self) -> None:
        if self.send.data == "at" and (self.send_at is None or self.send_at <= now()):
            self.date.errors = [_("Choose a date and time in the future.")]

    def options(self) -> dict:
        """What the Run keeps of it."""
        if self.verb.data == Verb.LICENCE:
            return {"add": self.add.data, "remove": self.remove.data}
        moment = self.send_at.isoformat() if self.send.data == "at" and self.send_at else ""
        if self.verb.data == Verb.RESEND:
            return {"send": moment or self.send.data}
        if self.verb.data != Verb.CREATE:
            return {}
        return {
            "domain": self.domain.data,
            "licence": "" if self.licence.data == WITHOUT else self.licence.data,
            "update_company_email": "update_company_email" in self and self.update_company_email.data,
            "send": moment or self.send.data,
        }
