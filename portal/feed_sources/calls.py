"""Questions to the API of an HR system: with its pace and patience, and its refusals in words."""

import base64
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

import requests

from portal.connectors.errors import TryLater
from portal.connectors.http import FIRST_PAUSE, Channel, Cost, body_of
from portal.connectors.pace import Pacer, Window, retry_after
from portal.feed_sources.base import SourceProblem
from portal.languages import gettext as _

# Seconds that one question may take with its repeats: a worker has time.
PATIENCE = 90.0
BUSY = frozenset({500, 502, 503, 504})
AGAIN = _("There is nothing to do: the portal asks again at the next run.")
_pacers: OrderedDict[str, Pacer] = OrderedDict()
_lock = threading.Lock()


def channel(label: str, account: str, *, a_minute: int) -> Channel:
    """The way to one account at the HR system. a_minute: requests that it lets pass."""
    key = f"feed {label} {account}"
    with _lock:
        pacer = _pacers.pop(key, None) or Pacer(
            key, writes=Window(a_minute, 60), units=Window(a_minute, 60)
        )  # fmt: skip
        _pacers[key] = pacer
        while len(_pacers) > 500:
            _pacers.popitem(last=False)
    return Channel(label, pacer, patience=PATIENCE, confidential=True)


def basic(name: str, password: str) -> dict[str, str]:
    """The header that signs in with a name and a password."""
    return {"Authorization": f"Basic {base64.b64encode(f'{name}:{password}'.encode()).decode()}"}


def ask(
    way: Channel, method: str, url: str, *, headers: Mapping[str, str], json: Any = None, path: str = ""
) -> requests.Response:
    """The answer, which may be a refusal that the caller words. Raises SourceProblem when there is none for now.

    All questions only read, so also a POST is repeated when the system is busy.
    """
    deadline, headers = time.monotonic() + way.patience, {"Accept": "application/json", **headers}
    while True:
        try:
            answer = way.request(method, url, path=path or url, headers=headers, cost=Cost(), json=json)
        except TryLater as problem:
            raise SourceProblem(problem.message, AGAIN) from problem
        wait = max(retry_after(answer.headers) or 1.0, FIRST_PAUSE)
        if answer.status_code not in BUSY or method != "POST" or time.monotonic() + wait >= deadline:
            break
        time.sleep(wait)
    if answer.status_code == 429 or answer.status_code >= 500:
        raise SourceProblem(
            _("%(way)s is busy (%(status_code)s).", way=way.name, status_code=answer.status_code), AGAIN
        )
    return answer


def records_in(way: Channel, answer: requests.Response) -> Any:
    """The JSON of a good answer. Raises SourceProblem for anything else."""
    body = body_of(answer) if answer.status_code == 200 else None
    if not isinstance(body, dict):
        raise not_understood(way, answer)
    return body


def not_understood(way: Channel, answer: requests.Response) -> SourceProblem:
    """For an answer that is none, such as a page with nobody on it before the last one."""
    return SourceProblem(
        _(
            "%(way)s gave an answer that the portal does not understand (%(status_code)s).",
            way=way.name,
            status_code=answer.status_code,
        ),
        AGAIN,
    )


def many(value: Any) -> list[dict[str, Any]]:
    """The list of objects, without what is none."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
