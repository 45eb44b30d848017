"""At which connected applications a newcomer's account is created."""

from collections.abc import Iterable, Sequence

from portal.connections.models import Connection
from portal.connections.settings import LicenceRule, UnitRule, rules_of, settings_of
from portal.timeline_templates.steps import TemplateStep

# The step whose applications are chosen.
CREATE = "create_blocked"


def created_at(steps: Iterable[TemplateStep], connections: Sequence[Connection]) -> list[Connection]:
    """Those that the template has chosen. Without a choice those with a rule, else the one with the company email.

    steps: of the template. connections: the live ones.
    """
    chosen = next((step.at for step in steps if step.key == CREATE), None)
    if chosen is not None:
        return [connection for connection in connections if connection.service in chosen]
    if len(connections) < 2:
        return list(connections)
    ruled = [connection for connection in connections if _has_rule(connection)]
    return ruled or [connection for connection in connections if connection.gives_company_email]


def _has_rule(connection: Connection) -> bool:
    """Whether the organisation has said what new accounts get there."""
    chosen = settings_of(connection)
    if chosen.default_licence is not None or chosen.default_unit:
        return True
    return bool(rules_of(connection, LicenceRule) or rules_of(connection, UnitRule))
