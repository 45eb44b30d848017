"""Whether an application can do what a step needs, and whether the organisation's tenant allows the portal to."""

from portal.connections.models import Connection
from portal.connectors import SERVICES
from portal.timeline_templates.steps import ABILITIES, STEPS, Kind

_ABILITY_OF = {(kind, step.key): step.ability for kind, steps in STEPS.items() for step in steps}


def ability_of(kind: str, key: str) -> str:
    """The key of ABILITIES that a step of this kind needs; empty for what every application can do."""
    return _ABILITY_OF.get((Kind(kind), key), "")


def has(connection: Connection, ability: str) -> bool:
    """Whether the application could do it, if it were allowed to."""
    can = ABILITIES.get(ability, ("", ""))[0]
    return not can or bool(getattr(SERVICES[connection.service].capabilities, can, False))


def refuses(connection: Connection, ability: str) -> bool:
    """Whether the application could do it, and the tenant does not allow the portal to."""
    if not ability or not has(connection, ability):
        return False
    needed = getattr(SERVICES[connection.service].capabilities, ABILITIES[ability][1], ())
    held = set(connection.permissions)
    # Any of these names; or one of each group of names.
    groups = [names if isinstance(names, tuple) else needed for names in needed]
    return not all(set(names) & held for names in groups)
