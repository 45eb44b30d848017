from typing import Any

from wtforms import Field, SelectMultipleField
from wtforms.validators import ValidationError

from portal.account_page.hand_over_form import PlaceForm
from portal.accounts import licences
from portal.accounts.place import Place
from portal.connections.offer import has_seat, names_of, seats
from portal.connectors.values import RemoteAccount
from portal.languages import gettext as _


class LicencesForm(PlaceForm):
    """Licences to tick. held: those that were ticked when the page was made, so that only differences are acted on."""

    licences = SelectMultipleField(_("Licences"), validate_choice=False)
    held = SelectMultipleField(validate_choice=False)

    def __init__(self, place: Place, remote: RemoteAccount | None = None, **values: Any):
        super().__init__(place, **values)
        connection = place.connection
        self.offered = {licence["id"]: licence for licence in connection.licences}
        self.inherited: dict[str, str] = {}
        if remote is not None:
            own = sorted(remote.own_licence_ids or ())
            self.licences.data, self.held.data = own, own
            self.inherited = names_of(connection, (remote.licence_ids or frozenset()) - set(own))

    def tick(self, licence_id: str) -> None:
        """Tick one that is offered and could be ticked, for the person to confirm."""
        if licence_id in self.offered and licence_id not in (self.licences.data or ()) and self.can_tick(licence_id):
            self.licences.data = [*(self.licences.data or ()), licence_id]

    @property
    def names(self) -> dict[str, str]:
        """Every licence that can be ticked or unticked: licence id -> name."""
        return names_of(self.connection, {*self.offered, *(self.held.data or ())} - self.inherited.keys())

    @property
    def add(self) -> set[str]:
        return set(self.licences.data or ()) - set(self.held.data or ())

    @property
    def remove(self) -> set[str]:
        return set(self.held.data or ()) - set(self.licences.data or ())

    def can_tick(self, licence_id: str) -> bool:
        """One that is held can be unticked, and one with a seat left can be ticked."""
        return licence_id in (self.held.data or ()) or has_seat(self.offered[licence_id])

    def seats(self, licence_id: str) -> str:
        licence = self.offered.get(licence_id)
        return seats(licence) if licence else _("no longer offered: you can only remove it")

    def validate_licences(self, field: Field) -> None:
        for licence_id in sorted(self.add):
            licence = self.offered.get(licence_id)
            if licence is None:
                raise ValidationError(_("One of these licences is no longer offered: choose another one."))
            if not has_seat(licence):
                raise ValidationError(
                    _("No seat is left on %(licence)s: buy one or free one first.", licence=licence["name"])
                )
        if problem := self.service.licences_problem(field.data or ()):
            raise ValidationError(problem)
        if self.add and licences.lacks_country(self.employee, self.connection):
            raise ValidationError(_("A licence needs the country. Fill it in on the Profile first."))
