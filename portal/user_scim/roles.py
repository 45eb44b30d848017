"""The access level in the words of a directory: the value of a role.

An application role of a directory has no spaces, so a value may be written without: "hr:department:Home_Care".
"""

from collections.abc import Iterable, Mapping
from typing import Any

from portal.auth.models import AccessLevel, Part
from portal.organisations.countries import countries

# What is written -> the level. HR of one part is "hr:country:GB" or "hr:department:Care".
NAMES = {
    level.value.casefold(): level for level in AccessLevel if level != AccessLevel.PART_HR
}  # fmt: skip


class UnknownRole(ValueError):
    """No access level has this name."""


def level_of(roles: Iterable[Mapping[str, Any]] | None) -> tuple[AccessLevel, dict[str, str]]:
    """The level and the columns of User for its part; Employee for a user without a role. Raises UnknownRole."""
    said = [one for one in roles or () if one.get("value")]
    if not said:
        return AccessLevel.EMPLOYEE, {}
    value = str(min(said, key=lambda one: not one.get("primary"))["value"]).strip()
    kind, _, own = value.partition(":")
    if not own and kind.casefold() in NAMES:
        return NAMES[kind.casefold()], {}
    part, _, name = own.partition(":")
    if kind.casefold() != "hr" or part.casefold() not in set(Part) or not name:
        raise UnknownRole(value)
    name = name.replace("_", " ").strip() if part.casefold() == Part.DEPARTMENT else name.strip().upper()
    if part.casefold() == Part.COUNTRY and name not in countries():
        raise UnknownRole(value)
    return AccessLevel.PART_HR, {"part": part.casefold(), "part_value": name[:200]}
