"""The brake on what other systems say: above these numbers nothing is applied before an Admin has looked."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from portal.incoming.differences import Difference, Kind
from portal.languages import gettext as _
from portal.languages import joined, ngettext, number
from portal.organisations.models import Organisation


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
    for kind in (Kind.NEW, Kind.CHANGED, Kind.LEAVING):
        total = coming.get(kind, 0) + earlier.get(kind, 0)
        if coming.get(kind, 0) and total > limits.get(kind):
            found.append(_reason(kind, total, number(limits.get(kind))))
    return found


def _reason(kind: Kind, people: int, most: str) -> str:
    if kind == Kind.NEW:
        would = ngettext("%(num)s person would be added.", "%(num)s people would be added.", people)
        return joined(would, _("At most %(most)s new people are applied without your look at them.", most=most))
    if kind == Kind.CHANGED:
        would = ngettext("%(num)s person would change.", "%(num)s people would change.", people)
        return joined(would, _("At most %(most)s changes are applied without your look at them.", most=most))
    would = ngettext("%(num)s person would leave.", "%(num)s people would leave.", people)
    return joined(would, _("At most %(most)s leavers are applied without your look at them.", most=most))
