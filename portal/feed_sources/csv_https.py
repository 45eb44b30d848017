"""A CSV file or workbook that another system offers at an https address."""

import time
from collections.abc import Mapping
from http import HTTPStatus

from portal.connectors.pace import retry_after
from portal.feed_sources import calls
from portal.feed_sources.base import LARGEST, Access, Ask, Fetched, Kind, SourceProblem, too_large
from portal.guard import addresses
from portal.guard import calls as guarded
from portal.guard.reaching import NotPublic
from portal.languages import gettext as _
from portal.languages import joined

LABEL = _("The address")
# Seconds for the whole file.
PATIENCE = 120.0


def problem_with(text: str) -> str:
    """What is wrong with an address that was entered."""
    try:
        addresses.read(text)
    except addresses.AddressRefused as problem:
        return joined(problem.message, problem.next_step)
    return ""


KIND = Kind(
    "csv-https",
    _("CSV over HTTPS"),
    _("Reads a CSV file or a workbook that your HR system offers at an address."),
    (
        Ask("address", _("Address of the file"), _("It must begin with https://."), check=problem_with),
        Ask("user", _("User name"), _("Leave empty if the address needs none, or a token instead."), optional=True),
        Ask("password", _("Password"), secret=True, optional=True),
        Ask(
            "token", _("Token"), _("Sent as “Bearer …” in place of user name and password."), secret=True, optional=True
        ),
    ),
)


def fetch(access: Access) -> Fetched:
    """The file, unless the server says that it has not changed. Raises SourceProblem."""
    answer = _answer(access)
    if answer.status == 304:
        return Fetched(b"", LABEL, dict(access.marks), unchanged=True)
    _check(answer)
    if answer.cut:
        raise too_large()
    marks = {name: answer.headers[name] for name in ("ETag", "Last-Modified") if name in answer.headers}
    return Fetched(answer.body, str(access.options["address"]).rpartition("/")[2][:200], marks)


def _answer(access: Access) -> guarded.Answer:
    """The last answer: a busy server is asked again while the patience lasts."""
    address, deadline = addresses.read(str(access.options.get("address", ""))), time.monotonic() + PATIENCE
    while True:
        try:
            answer = guarded.send("GET", address, headers=_headers(access), seconds=PATIENCE, largest=LARGEST)
        except NotPublic as problem:
            raise SourceProblem(problem.message, problem.next_step, permanent=True) from problem
        except guarded.NoAnswer as problem:
            raise SourceProblem(problem.message, calls.AGAIN) from problem
        wait = max(retry_after(answer.headers) or 1.0, 0.2)
        if answer.status not in {429, *calls.BUSY} or time.monotonic() + wait >= deadline:
            return answer
        time.sleep(wait)


def _headers(access: Access) -> Mapping[str, str]:
    headers: dict[str, str] = {"Accept": "text/csv, */*"}
    if token := access.secrets.get("token"):
        headers["Authorization"] = f"Bearer {token}"
    elif user := access.options.get("user"):
        headers |= calls.basic(str(user), access.secrets.get("password", ""))
    for mark, name in (("ETag", "If-None-Match"), ("Last-Modified", "If-Modified-Since")):
        if access.marks.get(mark):
            headers[name] = access.marks[mark]
    return headers


def _check(answer: guarded.Answer) -> None:
    """Raises SourceProblem for everything but a file."""
    status = answer.status
    if status in (401, 403):
        raise SourceProblem(
            _("The server does not accept the sign-in (%(status)s).", status=status),
            _("Enter the password or the token again."),
            permanent=True,
        )
    if 300 <= status < 400:
        raise SourceProblem(
            _("The server sends the portal to another address (%(status)s), which it does not follow.", status=status),
            _("Enter the address of the file."), permanent=True,
        )  # fmt: skip
    if status in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
        raise SourceProblem(
            _("There is no file at the address (%(status)s).", status=status), _("Correct the address."), permanent=True
        )
    if not answer.good:
        raise SourceProblem(
            _("The server answers %(status)s.", status=status), calls.AGAIN, permanent=status < 500 and status != 429
        )
