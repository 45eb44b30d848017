"""The people whom the stand-ins show, and how an HR system can be in a bad mood."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass
class Worker:
    """Somebody in the HR system. id: its own. manager: the id of another. status: active, leave or left."""

    id: int
    number: str
    first: str
    last: str
    title: str = ""
    department: str = ""
    manager: int | None = None
    preferred: str = ""
    home: str = ""
    work: str = ""
    mobile: str = ""
    country: str = ""
    start: str = ""
    end: str = ""
    location: str = ""
    status: str = "active"


@dataclass
class Company:
    """What the stand-ins show. faults: status and headers of the next answers, in place of them.

    hidden: names of fields, as the HR system calls them, that the credential does not show. locked: it may not read
    people at all. key: the only credential that counts. tokens: access tokens that count. seen: what was asked.
    gaps: pages, from 0, that are answered as if nobody were on them.
    """

    workers: list[Worker] = field(default_factory=list)
    key: str = "good-key"
    hidden: set[str] = field(default_factory=set)
    locked: bool = False
    faults: deque[tuple[int, dict[str, str]]] = field(default_factory=deque)
    tokens: set[str] = field(default_factory=set)
    refresh: str = "refresh-0"
    given: int = 0
    seen: list[str] = field(default_factory=list)
    gaps: set[int] = field(default_factory=set)

    def fail(self, status: int, *, times: int = 1, retry_after: str = "") -> None:
        """Answer so the next times."""
        self.faults.extend([(status, {"Retry-After": retry_after} if retry_after else {})] * times)

    def new_token(self) -> str:
        """An access token; it counts until `expire`."""
        self.given += 1
        self.tokens.add(f"token-{self.given}")
        return f"token-{self.given}"

    def expire(self) -> None:
        """End every access token."""
        self.tokens.clear()

    def page(self, number: int, size: int) -> list[Worker]:
        """The workers on this page, from 0."""
        return [] if number in self.gaps else self.workers[number * size : (number + 1) * size]

    def by_id(self, number: int | None) -> Worker | None:
        return next((one for one in self.workers if one.id == number), None)

    def shown(self, names: Iterable[str]) -> list[str]:
        """Those of the names that the credential shows."""
        return [name for name in names if name not in self.hidden]
