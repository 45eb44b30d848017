"""What every source has in common: how it is reached, what it hands on, and what can go wrong."""

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from pydantic_settings import BaseSettings, SettingsConfigDict

from portal.languages import gettext as _
from portal.languages import joined

# The headings that the portal's own files have: such a file is read without a question.
HEADINGS = (
    "employee_number", "first_name", "last_name", "preferred_name", "job_title", "department",
    "manager_employee_number", "personal_email", "company_email", "mobile", "country", "start_date", "end_date",
    "location", "employment_type", "status",
)  # fmt: skip
# Bytes of one file.
LARGEST = 20 * 1024 * 1024


class SourceSettings(BaseSettings):
    """Where the HR systems answer. docs/operating.md has a line for each."""

    model_config = SettingsConfigDict(env_prefix="PORTAL_", extra="ignore")

    bamboohr_url: str = "https://api.bamboohr.com/api/gateway.php"
    personio_url: str = "https://api.personio.de"
    hibob_url: str = "https://api.hibob.com/v1"
    employment_hero_url: str = "https://api.employmenthero.com/api/v1"
    employment_hero_login_url: str = "https://oauth.employmenthero.com"


class SourceProblem(Exception):
    """The source gave no records. permanent: only a person can change that. next_step: what they can do."""

    def __init__(self, message: str, next_step: str = "", *, permanent: bool = False):
        super().__init__(message)
        self.message, self.next_step, self.permanent = message, next_step, permanent


class HostKeyProblem(SourceProblem):
    """The server shows a key that nobody has confirmed. host_key: the one that it shows."""

    def __init__(self, message: str, next_step: str, host_key: str):
        super().__init__(message, next_step, permanent=True)
        self.host_key = host_key


def too_large() -> SourceProblem:
    """For a file that no list of people is."""
    return SourceProblem(
        _("The file is larger than %(largest)s MB.", largest=LARGEST // 1024 // 1024),
        _("Have it produced with fewer columns."),
        permanent=True,
    )


@dataclass(frozen=True)
class Ask:
    """What an Admin enters about a source. secret: kept encrypted, and never shown again.

    check: what is wrong with what was entered, in a sentence; empty for nothing.
    """

    name: str
    label: str
    help: str = ""
    secret: bool = False
    optional: bool = False
    pattern: str = ""
    check: Callable[[str], str] | None = None


@dataclass(frozen=True)
class Kind:
    """A kind of source. key: of the kind. label: what people call it. asks: what it needs. text: what it is about.

    makes_key: the portal makes a key pair for each feed of this kind.
    """

    key: str
    label: str
    text: str
    asks: tuple[Ask, ...]
    makes_key: bool = False


@dataclass(frozen=True)
class Fetched:
    """What a source gave. unchanged: it said itself that nothing has changed, and content is empty.

    marks: what is sent along the next time, so that the source can say so. lacking: what it does not show us.
    """

    content: bytes
    name: str
    marks: dict[str, str] = field(default_factory=dict)
    lacking: tuple[str, ...] = ()
    unchanged: bool = False


class Access(Protocol):
    """How a feed reaches its source. keep: replaces some of the secrets from this moment on."""

    options: Mapping[str, Any]
    secrets: Mapping[str, str]
    host_key: str
    marks: Mapping[str, str]

    def keep(self, **secrets: str) -> None: ...


def as_csv(records: Sequence[Mapping[str, Any]], without: Iterable[str] = ()) -> bytes:
    """The records under our own headings. without: headings that the source does not show us."""
    left_out = set(without) | (
        {name for name in HEADINGS if not any(name in record for record in records)} if records else set()
    )
    names = [name for name in HEADINGS if name not in left_out]
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(name.replace("_", " ").capitalize() for name in names)
    writer.writerows([_plain(record.get(name)) for name in names] for record in records)
    return text.getvalue().encode()


def _plain(value: Any) -> str:
    """A value as one line of text."""
    if value is None or isinstance(value, Mapping | list):
        return ""
    return " ".join(str(value).split())


def fetched(
    label: str, records: Sequence[Mapping[str, Any]], hidden: Mapping[str, str], shown_by: str,
    without: Iterable[str] = (),
) -> Fetched:  # fmt: skip
    """The records as a file. hidden: our heading -> the source's name of what it does not show; shown_by: who can.

    without: headings for which the source has no field.
    """
    needed = [name for heading, name in hidden.items() if heading == "employee_number"]
    if needed:
        raise SourceProblem(
            _("%(label)s does not show “%(needed)s”, which says who is who.", label=label, needed=needed[0]),
            shown_by,
            permanent=True,
        )
    lacking = tuple(
        joined(_("%(label)s does not show “%(name)s” to the portal.", label=label, name=name), shown_by)
        for name in hidden.values()
    )
    return Fetched(as_csv(records, [*hidden, *without]), f"{label}.csv", lacking=lacking)


def managers(records: Iterable[dict[str, Any]], numbers: Mapping[str, str]) -> None:
    """Put the employee number of the manager in place of the source's own id. numbers: id -> employee number."""
    for record in records:
        boss = str(record.get("manager_employee_number") or "")
        record["manager_employee_number"] = numbers.get(boss, "") if boss else ""


def numbers_of(people: Iterable[Mapping[str, Any]], records: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The source's own id -> employee number. people: as the source has them, in the order of the records."""
    pairs = zip(people, records, strict=True)
    return {str(person.get("id")): str(record["employee_number"] or "") for person, record in pairs}
