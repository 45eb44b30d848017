"""Google's arrays of typed entries (externalIds, organizations, phones …): one is ours, the others are left alone.

https://developers.google.com/workspace/admin/directory/reference/rest/v1/users#User
An array is written whole, so it is read, changed and written again. An emptied one is written as null: an empty list
was seen not to empty it.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

Entry = Mapping[str, Any]
# What an entry has beside values: one with nothing else is empty.
OF_THE_KIND = frozenset({"type", "customType", "primary"})


def typed(kind: str) -> Callable[[Entry], bool]:
    """Whether an entry is of this type."""
    return lambda entry: entry.get("type") == kind


def first(entries: Iterable[Entry] | None, ours: Callable[[Entry], bool]) -> Entry:
    """The first entry that is ours; an empty one when there is none."""
    return next((entry for entry in entries or () if ours(entry)), {})


def changed(
    entries: Iterable[Entry] | None, ours: Callable[[Entry], bool], new: Entry, values: Mapping[str, Any]
) -> list[dict[str, Any]] | None:
    """The array with these values in our entry, which is made from `new` when there is none; None when it is empty.

    An empty value is taken out, and an entry without any value goes.
    """
    found = [dict(entry) for entry in entries or ()]
    entry = next((entry for entry in found if ours(entry)), None)
    if entry is None:
        entry = dict(new)
        found.append(entry)
    for name, value in values.items():
        if value:
            entry[name] = value
        else:
            entry.pop(name, None)
    return [one for one in found if one.keys() - OF_THE_KIND or one is not entry] or None
