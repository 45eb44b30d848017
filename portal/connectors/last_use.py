"""When the accounts of a tenant were last used, in the portal's words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from portal.languages import N_


class Source(StrEnum):
    """Where it is known from. NOWHERE: nothing can be said of any account."""

    SIGN_INS = N_("sign-ins")
    REPORT = N_("usage report")
    NOWHERE = "nowhere"


@dataclass(frozen=True, slots=True)
class LastUse:
    """used: account id -> the moment; None where nothing is recorded, which does not mean never.

    An account that is not in it is not known at all. why_not: why nothing better is known, as sentences; what_to_do:
    what an administrator can switch on.
    """

    source: Source
    used: Mapping[str, datetime | None] = field(default_factory=dict)
    why_not: str = ""
    what_to_do: str = ""


class LastUses(Protocol):
    def last_used(self) -> LastUse:
        """Of every account of the tenant, as far as it can be known. Raises ConnectorError."""
