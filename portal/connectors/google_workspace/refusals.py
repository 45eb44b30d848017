"""From a refusal of Google's APIs to one of our errors. The cases themselves are a table in `cases.py`.

https://developers.google.com/workspace/admin/directory/v1/guides/troubleshoot-error-codes
"""

from collections.abc import Mapping
from typing import Any

from portal.connectors.errors import LONGEST_CODE, ConnectorError, Unreadable
from portal.connectors.google_workspace.cases import TROUBLE, Refusal, case_of

# Characters of a plain text that are looked at.
LONGEST_TEXT = 500


def from_google(
    status: int,
    body: Any,
    *,
    text: str = "",
    challenge: str = "",
    method: str = "GET",
    request_id: str = "",
    retry_after: float | None = None,
) -> ConnectorError:
    """A refusal as one of our errors. body: the parsed JSON, or None; text: as it came. challenge: WWW-Authenticate.

    A write that ended in a server error may still have been carried out, so it is `unknown`.
    """
    refusal = read(status, body, text=text, challenge=challenge)
    case = case_of(refusal)
    waits = [seconds for seconds in (retry_after, case.seconds) if seconds is not None]
    return case.kind(
        case.message,
        permanent=False if case.waits else None,
        unknown=method != "GET" and (status >= 500 or status == 408),
        next_step=case.next_step,
        code=small_print(refusal),
        status=status,
        request_id=request_id,
        retry_after=max(waits) if waits else None,
        target=case.about,
    )


def not_as_described(method: str, what: str, *, request_id: str = "") -> Unreadable:
    """For an answer of a shape that Google does not describe. what: for the small print."""
    return Unreadable(TROUBLE, unknown=method != "GET", code=f"not as described: {what}", request_id=request_id)


def read(status: int, body: Any, *, text: str = "", challenge: str = "") -> Refusal:
    """What a refusal consists of. Parts that are missing, or not of the kind they should be, are left empty."""
    error = body.get("error") if isinstance(body, dict) else None
    error = error if isinstance(error, Mapping) else {}
    found = [_text(error.get("status")), *(_text(item.get("reason")) for item in _items(error, "errors", "details"))]
    if "insufficient_scope" in challenge:
        found.append("insufficient_scope")
    return Refusal(
        status=status,
        shaped=bool(error),
        reasons=frozenset(reason.casefold() for reason in found if reason),
        message=_text(error.get("message")) or ("" if "<" in text[:100] else text[:LONGEST_TEXT]),
    )


def _items(error: Mapping[str, Any], *names: str) -> list[Mapping[str, Any]]:
    lists = [found for name in names if isinstance(found := error.get(name), list)]
    return [item for items in lists for item in items if isinstance(item, Mapping)]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def small_print(refusal: Refusal) -> str:
    """Google's own words, short enough to be kept: "409 duplicate: Entity already exists."."""
    words = " ".join([str(refusal.status), *sorted(refusal.reasons)])
    return (f"{words}: {refusal.message}" if refusal.message else words)[:LONGEST_CODE]
