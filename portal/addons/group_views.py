"""The tab Groups of an add-on's settings: which groups people join by rule, and those that the portal cannot change."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint
from flask_wtf import FlaskForm
from werkzeug.exceptions import NotFound
from wtforms import Field, SelectField
from wtforms.validators import ValidationError

from portal import access, background, params
from portal.access import Action
from portal.addons.settings_views import PAGES, PATIENCE, TABS, Rules, connected, offer_rules, show_tab
from portal.addons.views import ADD_ON
from portal.connections.doctor import next_step_of
from portal.connections.models import Connection
from portal.connections.settings import rules_of
from portal.connectors import for_connection
from portal.connectors.base import Service
from portal.connectors.errors import ConnectorError, TryLater
from portal.connectors.groups import Group
from portal.group_rules.models import GroupRule
from portal.group_rules.rules import EVERYBODY, RULES_BY, note_groups
from portal.group_rules.steps import GIVES_ACCESS, WHO_CAN
from portal.languages import gettext as _
from portal.languages import joined
from portal.organisations.countries import countries
from portal.people.models import Employee
from portal.people.searching import departments
from portal.user_sources.models import gives_much
from portal.web import Answer

blueprint = Blueprint("group_settings", __name__)
SHOWN, TITLES = 200, 500


@dataclass(frozen=True)
class Seen:
    """The groups of the tenant as they were just read. problem: why they could not be; sorted by name."""

    groups: tuple[Group, ...] = ()
    problem: ConnectorError | None = None

    @property
    def next_step(self) -> str:
        return next_step_of(self.problem) if self.problem else ""

    @property
    def writable(self) -> list[Group]:
        return [group for group in self.groups if group.writable][:SHOWN]

    @property
    def not_ours(self) -> list[Group]:
        return [group for group in self.groups if not group.writable][:SHOWN]


class GroupRuleForm(FlaskForm):
    who = SelectField(_("Who"))
    group = SelectField(_("Group"), validate_choice=False)

    def __init__(self, connection: Connection, seen: Seen | None = None, **values: Any):
        super().__init__(**values)
        self.connection = connection
        self.found: Group | None = None
        staff = Employee.select().where(Employee.organisation == connection.organisation_id)
        titles: Any = staff.select(Employee.job_title).where(Employee.job_title != "").distinct()
        self.who.choices = {
            "Everybody": [(f"{EVERYBODY}:", _("Everybody"))],
            "Department": [(f"department:{name}", name) for name in departments(staff)],
            "Job title": [
                (f"job_title:{name}", name)
                for (name,) in titles.order_by(Employee.job_title).limit(TITLES).tuples()
            ],
            "Country": [(f"country:{code}", name) for code, name in countries().items()],
        }  # fmt: skip
        self._offer(seen or Seen())

    def _offer(self, seen: Seen) -> None:
        self.group.choices = [(group.id, group.name) for group in seen.writable]

    def validate(self, *given: Any, **named: Any) -> bool:
        valid: bool = super().validate(*given, **named)
        if not valid:
            # The page shows the form once more, and what was chosen is to stay chosen in it.
            self._offer(_seen(self.connection, ""))
        return valid

    def validate_group(self, field: Field) -> None:
        """As it is now: a group may have gone, and only the application says what the portal may change."""
        try:
            found = background.within(PATIENCE, lambda: for_connection(self.connection).group(field.data or ""))
        except background.StillUnderWay:
            raise ValidationError(_("There was no answer in time. Try again.")) from None
        except ConnectorError as error:
            raise ValidationError(joined(error.message, error.next_step)) from None
        if not found.writable:
            raise ValidationError(
                _("The portal cannot change who is in %(group)s. %(why_not)s", group=found.name, why_not=found.why_not)
            )
        if gives_much(self.connection, found.id):
            raise ValidationError(joined(GIVES_ACCESS, WHO_CAN))
        self.found = found

    @property
    def values(self) -> dict[str, str]:
        """The columns of GroupRule, once it is valid."""
        field, _, value = self.who.data.partition(":")
        found = self.found or Group("", "")
        return {"field": field, "value": value, "group": found.id, "group_name": found.name[:256]}


def _seen(connection: Connection, text: str) -> Seen:
    try:
        found = background.within(PATIENCE, lambda: for_connection(connection).groups(text))
    except background.StillUnderWay:
        return Seen(problem=TryLater(_("%(service)s did not answer in time.", service=connection.service_name)))
    except ConnectorError as error:
        return Seen(problem=error)
    note_groups(connection, found)
    return Seen(tuple(found))


def _of_groups(service: Service, connection: Connection) -> dict[str, Any]:
    find = params.line("find", most=100)
    seen = _seen(connection, find)
    return {
        "seen": seen, "find": find, "rule_form": GroupRuleForm(connection, seen), "rules_by": RULES_BY,
        "rules": rules_of(connection, GroupRule), "shown": SHOWN,
    }  # fmt: skip


TABS["groups"] = _of_groups
PAGES["groups"] = "group_settings.groups_tab"


def _with_groups(service_key: str) -> tuple[Service, Connection]:
    """As `connected`; raises NotFound as well for an application that has no groups."""
    service, connection = connected(service_key)
    if not service.capabilities.has_groups:
        raise NotFound()
    return service, connection


@blueprint.get(f"{ADD_ON}/groups")
@access.requires(Action.MANAGE_ADD_ONS, advertised=True)
def groups_tab(service_key: str) -> Answer:
    return show_tab("groups", *_with_groups(service_key))


offer_rules(blueprint, Rules(GroupRule, "groups", "group-rules", GroupRuleForm, _with_groups, in_order=False))
