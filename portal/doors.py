"""The doors between the portal and other systems: each subject says here what it has, for the pages that list all."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from portal.organisations.models import Organisation


@dataclass(frozen=True)
class Door:
    """One door as the pages show it. state: in a word. problem: what is wrong, as a sentence; empty while nothing is.

    where: to which system it leads. endpoint, values: of its page; pause and resume are posted to endpoints, with the
    same values; test too, where there is one. paused: whether it is.
    """

    name: str
    kind: str
    state: str
    endpoint: str
    values: dict[str, int]
    pause: str
    resume: str
    where: str = ""
    last_used: datetime | None = None
    problem: str = ""
    paused: bool = False
    remark: str = ""
    test: str = ""

    @property
    def colour(self) -> str:
        """Of the badge."""
        if self.problem:
            return "red"
        return "secondary" if self.paused or not self.last_used else "green"

    @property
    def icon(self) -> str:
        """Of the badge."""
        if self.problem:
            return "exclamation-triangle"
        return "pause-circle" if self.paused else "check-circle" if self.last_used else "minus-circle"


@dataclass(frozen=True)
class Subject:
    """A kind of door. add: (label, endpoint, values) for each button that makes one. docs: of docs/integrations."""

    key: str
    title: str
    text: str
    of: Callable[[Organisation], Iterable[Door]]
    add: tuple[tuple[str, str, dict[str, str]], ...]
    empty: str


_subjects: list[Subject] = []


def register(subject: Subject) -> None:
    """Have the pages list the doors of the subject."""
    _subjects.append(subject)


def listed(organisation: Organisation) -> list[tuple[Subject, list[Door]]]:
    """Every subject with the doors that the organisation has."""
    return [(subject, list(subject.of(organisation))) for subject in _subjects]
