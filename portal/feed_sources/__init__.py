"""Fetches the records of employees from HR systems, each in its own way, and hands them on as a CSV file."""

from collections.abc import Callable

from portal.feed_sources import bamboohr, csv_https, csv_sftp, employment_hero, hibob, personio
from portal.feed_sources.base import Access, Fetched, HostKeyProblem, Kind, SourceProblem
from portal.feed_sources.csv_sftp import fingerprint, new_key

__all__ = [
    "KINDS",
    "SIGNED_IN",
    "Access",
    "Fetched",
    "HostKeyProblem",
    "Kind",
    "SourceProblem",
    "fetch",
    "fingerprint",
    "new_key",
]

_SOURCES = (csv_https, csv_sftp, bamboohr, personio, hibob, employment_hero)
KINDS: dict[str, Kind] = {source.KIND.key: source.KIND for source in _SOURCES}
_FETCH: dict[str, Callable[[Access], Fetched]] = {source.KIND.key: source.fetch for source in _SOURCES}
# Kinds for which an Admin signs in at the other system: the address of that, and how its code is taken.
SIGNED_IN = {employment_hero.KIND.key: (employment_hero.sign_in_address, employment_hero.take_code)}


def fetch(kind: str, access: Access) -> Fetched:
    """The records as they are now. Raises SourceProblem."""
    return _FETCH[kind](access)
