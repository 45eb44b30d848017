"""A pass that somebody signs in with for some hours instead of a password, in the portal's words."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from portal.connectors.errors import NOT_OFFERED, NotOffered


@dataclass(frozen=True, slots=True)
class PassRules:
    """What a tenant allows. allowed: passes at all; for one account, where one was asked about.

    shortest, longest, usual: minutes that a pass may hold. once: only passes that open one time may be made.
    """

    allowed: bool
    shortest: int = 0
    longest: int = 0
    usual: int = 0
    once: bool = False

    def fitted(self, minutes: int) -> int:
        """The nearest lifetime that is allowed."""
        return max(self.shortest, min(minutes, self.longest))


NO_PASSES = PassRules(allowed=False)


@dataclass(frozen=True, slots=True)
class Pass:
    """A pass that was made: its value is in this answer alone. ends: when it stops working."""

    value: str = field(repr=False)
    ends: datetime
    once: bool = False


class Passes(Protocol):
    """Both may raise a ConnectorError."""

    def pass_rules(self, account_id: str | None = None) -> PassRules:
        """What the tenant allows: for this account, or for anybody."""

    def hand_out_pass(self, account_id: str, minutes: int, *, once: bool = False) -> Pass:
        """Make a pass that holds for so many minutes from now; an earlier one stops working.

        once: it opens a single time. Raises Refused, with target "pass", where the tenant allows this account none.
        """


class WithoutPasses:
    """The Passes of an application that has none; its capabilities say so, and nobody asks it."""

    def pass_rules(self, account_id: str | None = None) -> PassRules:
        return NO_PASSES

    def hand_out_pass(self, account_id: str, minutes: int, *, once: bool = False) -> Pass:
        raise NotOffered(NOT_OFFERED)
