"""What another system says about one person, as its door has read it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True)
class Said:
    """What a system says about one person; of what it does not name it says nothing.

    key: the employee number. values: field of the record -> text, or ISO date. manager: the manager's employee number;
    "" for nobody, None when the system does not say it. active: False for a person who has left. since: the day on
    which the system first said so. employee_id: of the employee when the door knows them already, whatever number they
    have now. ref: how the door finds its own row again.
    """

    key: str
    values: Mapping[str, str] = field(default_factory=dict)
    manager: str | None = None
    active: bool | None = None
    since: date | None = None
    employee_id: int | None = None
    ref: str = ""
