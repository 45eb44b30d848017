"""What Microsoft's refusals mean for an HR person: from error code, detail and status to words.

https://learn.microsoft.com/graph/errors and https://learn.microsoft.com/entra/identity-platform/reference-error-codes
The cases themselves are tables in `graph_cases.py` and `identity_cases.py`.
"""

import re
from collections.abc import Iterator
from typing import Any

from portal.connectors.errors import LONGEST_CODE, ConnectorError, Declined, SignInFailed, TryLater
from portal.connectors.microsoft365.graph_cases import TROUBLE, Refusal, case_of
from portal.connectors.microsoft365.identity_cases import BY_ERROR, BY_NUMBER, Words
from portal.connectors.microsoft365.payloads import FIELDS, label_of
from portal.languages import gettext as _

ASK_IT = _("Pass the reference below to your IT team.")
# Where a message names the value that was refused.
VALUE = "%(value)s"
# A request that timed out on the way.
MAY_HAVE_WORKED = frozenset({408})


def from_graph(
    status: int, body: Any, *, method: str = "GET", request_id: str = "", retry_after: float | None = None
) -> ConnectorError:
    """Graph's refusal as one of our errors. body: the parsed JSON, or None when there was none.

    A write that ended in a server error may still have been carried out, so it is `unknown`.
    """
    refusal = read(status, body)
    case = case_of(refusal)
    name, label = label_of(refusal.property)
    return case.kind(
        _(case.message, value=label) if VALUE in case.message else case.message,
        unknown=method != "GET" and (status >= 500 or status in MAY_HAVE_WORKED),
        next_step=ASK_IT if refusal.property and not name else case.next_step,
        code=small_print(status, refusal.code, refusal.message),
        status=status,
        request_id=request_id or refusal.request_id,
        retry_after=retry_after,
        target=name if name in FIELDS else case.about or name,
    )


def not_as_described(method: str, what: str, *, request_id: str = "") -> TryLater:
    """For an answer of a shape that Microsoft does not describe. what: for the small print."""
    return TryLater(TROUBLE, unknown=method != "GET", code=f"not as described: {what}", request_id=request_id)


def read(status: int, body: Any) -> Refusal:
    """What a refusal consists of. Parts that are missing, or not of the kind they should be, are left empty."""
    error = body.get("error") if isinstance(body, dict) else None
    error = error if isinstance(error, dict) else {}
    shaped = bool(error)
    found = error.get("details")
    details = [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []
    inner = list(_inner_errors(error))
    return Refusal(
        status=status,
        shaped=shaped,
        code=text_of(error.get("code")),
        message=text_of(error.get("message")),
        details=tuple((text_of(item.get("code")), text_of(item.get("target"))) for item in details),
        inner=tuple(code for code in (text_of(item.get("code")) for item in inner) if code),
        request_id=next((text_of(item["request-id"]) for item in inner if item.get("request-id")), ""),
    )


def _inner_errors(error: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The errors inside an error, each in the one before: they say more and more exactly what it was."""
    while isinstance(error := error.get("innerError") or error.get("innererror"), dict):  # type: ignore[assignment]
        yield error


def text_of(value: Any) -> str:
    """A text as it is; empty for anything else."""
    return value if isinstance(value, str) else ""


def small_print(status: int | None, code: str, message: str) -> str:
    """Microsoft's own words, short enough to be kept: "400 Request_BadRequest: Another object …"."""
    words = " ".join(part for part in (str(status or ""), code) if part)
    return (f"{words}: {message}" if message else words)[:LONGEST_CODE]


def from_identity(answer: dict[str, Any], *, status: int | None = None) -> ConnectorError:
    """A refusal of the identity platform (token endpoint, discovery or redirect) as one of our errors."""
    description, error = text_of(answer.get("error_description")), text_of(answer.get("error"))
    numbers = [int(number) for number in re.findall(r"AADSTS(\d{1,12})", description)]
    codes = answer.get("error_codes")
    numbers += [number for number in codes if isinstance(number, int)] if isinstance(codes, list) else []
    trace = re.search(r"Trace ID: (\S+)", description)
    words = _words_of(numbers, error)
    return words.kind(
        words.message,
        next_step=words.next_step,
        code=f"AADSTS{numbers[0]}" if numbers else error,
        status=status,
        request_id=text_of(answer.get("trace_id")) or (trace.group(1) if trace else ""),
    )


def _words_of(numbers: list[int], error: str) -> Words:
    for number in numbers:
        if number in BY_NUMBER:
            return BY_NUMBER[number]
    if error == "access_denied" and numbers:
        return Words(Declined, _("Microsoft refused the request on its own page, so nothing was connected."))
    return BY_ERROR.get(error) or Words(SignInFailed, _("Microsoft did not accept the sign-in."))
