"""Changing what an organisation has chosen for an add-on; each change is in the audit log."""

from typing import Any

from portal import audit
from portal.auth.models import User
from portal.connections import offer
from portal.connections.models import Connection
from portal.connections.settings import AddOnSettings, LicenceRule, Rule, rules_of, settings_of
from portal.database import transaction
from portal.languages import gettext as _
from portal.problems import Problem

MOST_RULES = 100


class TooManyRules(Problem):
    message = _("There are 100 rules already, and there can be no more.")
    next_step = _("Remove one that is no longer needed.")


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
        after = {name: values[name] for name in before}
        audit.record(
            by, "change add-on settings", connection, before=_named(connection, before), after=_named(connection, after)
        )
    return True


def _named(connection: Connection, values: dict[str, Any]) -> dict[str, Any]:
    """The same with the names of licences: the application's own ids say nothing to who reads the log."""
    told = dict(values)
    for name in {"licence", "default_licence"} & {*told}:
        told[name] = None if told[name] is None else str(offer.name_of(connection, told[name]))
    if told.get("seats_bought"):
        told["seats_bought"] = {
            str(offer.name_of(connection, key)): seats for key, seats in told["seats_bought"].items()
        }
    return told


def enter_seats(connection: Connection, licence_id: str, bought: int | None, *, by: User) -> None:
    """Keep how many seats of a licence were bought, None for not known, and count those that are left again.

    How many are in use was counted when the licences were last read.
    """
    before = settings_of(connection).seats_bought
    entered = {key: value for key, value in before.items() if key != licence_id}
    if bought is not None:
        entered[licence_id] = bought
    with transaction():
        if choose(connection, by=by, seats_bought=entered):
            offer.count_again(connection, entered)


def add_rule(connection: Connection, *, by: User, kind: Any = LicenceRule, **values: str) -> Any:
    """Put a rule behind the others of its kind. values: field, value, and what follows. Raises TooManyRules."""
    with transaction():
        rules = rules_of(connection, kind)
        if len(rules) >= MOST_RULES:
            raise TooManyRules()
        rule = kind.create(
            organisation=connection.organisation_id, service=connection.service,
            position=max((rule.position for rule in rules), default=0) + 1, **values,
        )  # fmt: skip
        audit.record(by, f"add {kind.SUBJECT} rule", connection, rule=_named(connection, values))
    return rule


def remove_rule(rule: Rule, *, by: User) -> None:
    kind: Any = type(rule)
    with transaction():
        kind.delete().where(kind.id == rule.id).execute()
        audit.record(by, f"remove {kind.SUBJECT} rule", rule, organisation=rule.organisation, rule=_plain(rule))


def move_rule_up(rule: Rule, *, by: User) -> None:
    """Let the rule be tried before the one that is now before it; the first one stays where it is."""
    kind: Any = type(rule)
    with transaction():
        before = (
            kind.select()
            .where(
                kind.organisation == rule.organisation_id,
                kind.service == rule.service,
                kind.position < rule.position,
            )
            .order_by(kind.position.desc())
            .first()
        )
        if before is None:
            return
        kind.update(position=before.position).where(kind.id == rule.id).execute()
        kind.update(position=rule.position).where(kind.id == before.id).execute()
        audit.record(by, f"move {kind.SUBJECT} rule up", rule, organisation=rule.organisation, rule=_plain(rule))


def _plain(rule: Rule) -> dict[str, Any]:
    named = ("field", "value", "licence", "unit", "group_name")
    values = {name: getattr(rule, name) for name in named if hasattr(rule, name)}
    connection = Connection.live_of(rule.organisation, rule.service)
    return _named(connection, values) if connection else values
