"""The brake on what other systems say: above these numbers nothing is applied before an Admin has looked."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from portal.incoming.differences import Difference, Kind
from portal.organisations.models import Organisation

WORDS = {
    Kind.NEW: ("would be added", "new people"), Kind.CHANGED: ("would change", "changes"),
    Kind.LEAVING: ("would leave", "leavers"),
}  # fmt: skip


@dataclass(frozen=True)
class Limits:
    """How many people may be added, may change and may leave without a look."""

    new: int
    changed: int
    leaving: int

    @classmethod
    def of(cls, organisation: Organisation) -> "Limits":
        """As many of each as one Admin may start alone in a bulk action."""
        most = Organisation.get_by_id(organisation.id).approval_above
        return cls(most, most, most)

    def get(self, kind: Kind) -> int:
        return {Kind.NEW: self.new, Kind.CHANGED: self.changed, Kind.LEAVING: self.leaving}[kind]


def count(differences: Iterable[Difference]) -> Counter[Kind]:
    """How many of each kind there are."""
    return Counter(kind for one in differences for kind in one.kinds)


def reasons(coming: Mapping[Kind, int], limits: Limits, done: Mapping[Kind, int] | None = None) -> list[str]:
    """Why it stops, a sentence for each limit that would be passed; empty when it may go on.

    coming: of what is to be applied. done: what counts towards the limits already.
    """
    earlier = done or {}
    found = []
    for kind, (would, noun) in WORDS.items():
        total = coming.get(kind, 0) + earlier.get(kind, 0)
        if coming.get(kind, 0) and total > limits.get(kind):
            people = "1 person" if total == 1 else f"{total:,} people"
            found.append(f"{people} {would}. Without a look at them, at most {limits.get(kind):,} {noun} are applied.")
    return found
