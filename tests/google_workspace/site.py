"""The stand-in for Google Workspace, told in the words in which tests/provisioning/world.py asks of any application."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tests.google_workspace.conftest import PLUS, STANDARD
from tests.sandbox.google.process import GoogleProcess, GoogleUser


@dataclass(frozen=True)
class Seen:
    """A user, as SandboxUser shows one."""

    user: GoogleUser

    @property
    def id(self) -> str:
        return self.user.id

    @property
    def username(self) -> str:
        return self.user.address

    @property
    def display_name(self) -> str:
        return self.user.name

    @property
    def sign_in_blocked(self) -> bool:
        return self.user.suspended or self.user.archived

    @property
    def deleted(self) -> bool:
        return self.user.deleted

    @property
    def plans(self) -> list[str]:
        return self.user.licences

    @property
    def manager(self) -> str | None:
        found = self.user.entries("relations", "manager")
        return found[0]["value"] if found else None

    @property
    def sessions_valid_from(self) -> datetime:
        return datetime.fromtimestamp(self.user.signed_out_at, UTC)

    @property
    def properties(self) -> dict[str, Any]:
        jobs = self.user.entries("organizations")
        return {"jobTitle": jobs[0].get("title") if jobs else None}


class GoogleSite:
    """What a World needs of the application at the other end; the rest is the stand-in's own."""

    licences = (PLUS, STANDARD)
    # Of one product nobody has two: the other one takes the place of the first.
    ticked = (STANDARD,)

    def __init__(self, google: GoogleProcess):
        self.google = google
        google.policy(automatic_licence="", seats={PLUS: 10_000, STANDARD: 10_000})

    def __getattr__(self, name: str) -> Any:
        return getattr(self.google, name)

    def set_seats(self, sku: str, seats: int) -> None:
        self.google.policy(seats={sku: seats})

    def user(self, name: str) -> Seen:
        return Seen(self.google.user(name))

    def users(self) -> list[Seen]:
        return [Seen(user) for user in self.google.users()]
