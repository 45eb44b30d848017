from flask_wtf import FlaskForm
from wtforms import SelectMultipleField
from wtforms.validators import ValidationError

from portal.accounts import licences
from portal.connections.models import Connection
from portal.connections.offer import names_of, seats
from portal.connectors.base import RemoteAccount
from portal.people.models import Employee


class LicencesForm(FlaskForm):
    """Licences to tick. held: those that were ticked when the page was made, so that only differences are acted on."""

    plans = SelectMultipleField("Licences", validate_choice=False)
    held = SelectMultipleField(validate_choice=False)

    def __init__(self, employee: Employee, connection: Connection, remote: RemoteAccount | None = None, **values):
        super().__init__(**values)
        self.employee, self.connection = employee, connection
        self.offered = {plan["id"]: plan for plan in connection.plans}
        self.inherited: dict[str, str] = {}
        if remote is not None:
            own = sorted(remote.own_plan_ids or ())
            self.plans.data, self.held.data = own, own
            self.inherited = names_of(connection, remote.plan_ids - set(own))

    def tick(self, plan_id: str) -> None:
        """Tick one that is offered and could be ticked, for the person to confirm."""
        if plan_id in self.offered and plan_id not in (self.plans.data or ()) and self.can_tick(plan_id):
            self.plans.data = [*(self.plans.data or ()), plan_id]

    @property
    def names(self) -> dict[str, str]:
        """Every licence that can be ticked or unticked: plan id -> name."""
        return names_of(self.connection, {*self.offered, *(self.held.data or ())} - self.inherited.keys())

    @property
    def add(self) -> set[str]:
        return set(self.plans.data or ()) - set(self.held.data or ())

    @property
    def remove(self) -> set[str]:
        return set(self.held.data or ()) - set(self.plans.data or ())

    def can_tick(self, plan_id: str) -> bool:
        """One that is held can be unticked, and one with a seat left can be ticked."""
        return plan_id in (self.held.data or ()) or bool(self.offered[plan_id]["free"])

    def seats(self, plan_id: str) -> str:
        plan = self.offered.get(plan_id)
        return seats(plan) if plan else "no longer offered: it can only be taken away"

    def validate_plans(self, field):
        for plan_id in sorted(self.add):
            plan = self.offered.get(plan_id)
            if plan is None:
                raise ValidationError("One of these licences is no longer offered: choose another one.")
            if not plan["free"]:
                raise ValidationError(f"No seat is left on {plan['name']}: buy one or free one first.")
        if self.add and not licences.country_for(self.employee):
            raise ValidationError("The country comes before a licence: fill it in on the Profile first.")
