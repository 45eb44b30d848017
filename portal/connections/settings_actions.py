"""Changing what an organisation has chosen for an add-on; each change is in the audit log."""

from typing import Any

from portal import audit
from portal.auth.models import User
from portal.connections.models import Connection
from portal.connections.settings import AddOnSettings, LicenceRule, rules_of, settings_of
from portal.database import transaction
from portal.problems import Problem

MOST_RULES = 100


class TooManyRules(Problem):
    """There are 100 licence rules already, which is as many as there can be."""

    next_step = "Remove one that is no longer needed."


def choose(connection: Connection, *, by: User, **values: Any) -> bool:
    """Give the settings these values; False when nothing differs."""
    with transaction():
        chosen = settings_of(connection)
        before = {name: getattr(chosen, name) for name, value in values.items() if getattr(chosen, name) != value}
        if not before:
            return False
        AddOnSettings.insert(
            organisation=connection.organisation_id, service=connection.service
        ).on_conflict_ignore().execute()
        mine = (AddOnSettings.organisation == connection.organisation_id) & (
            AddOnSettings.service == connection.service
        )
        AddOnSettings.update(**values).where(mine).execute()
        audit.record(
            by, "change add-on settings", connection, before=before, after={name: values[name] for name in before}
        )
    return True


def add_rule(connection: Connection, *, by: User, **values: str) -> LicenceRule:
    """Put a licence rule behind the others. values: field, value, licence. Raises TooManyRules."""
    with transaction():
        rules = rules_of(connection)
        if len(rules) >= MOST_RULES:
            raise TooManyRules()
        rule = LicenceRule.create(
            organisation=connection.organisation_id, service=connection.service,
            position=max((rule.position for rule in rules), default=0) + 1, **values,
        )  # fmt: skip
        audit.record(by, "add licence rule", connection, rule=values)
    return rule


def remove_rule(rule: LicenceRule, *, by: User) -> None:
    with transaction():
        LicenceRule.delete().where(LicenceRule.id == rule.id).execute()
        audit.record(by, "remove licence rule", rule, organisation=rule.organisation, rule=_plain(rule))


def move_rule_up(rule: LicenceRule, *, by: User) -> None:
    """Let the rule be tried before the one that is now before it; the first one stays where it is."""
    with transaction():
        before = (
            LicenceRule.select()
            .where(
                LicenceRule.organisation == rule.organisation_id,
                LicenceRule.service == rule.service,
                LicenceRule.position < rule.position,
            )
            .order_by(LicenceRule.position.desc())
            .first()
        )
        if before is None:
            return
        LicenceRule.update(position=before.position).where(LicenceRule.id == rule.id).execute()
        LicenceRule.update(position=rule.position).where(LicenceRule.id == before.id).execute()
        audit.record(by, "move licence rule up", rule, organisation=rule.organisation, rule=_plain(rule))


def _plain(rule: LicenceRule) -> dict[str, str]:
    return {"field": rule.field, "value": rule.value, "licence": rule.licence}
