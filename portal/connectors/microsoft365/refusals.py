"""What Microsoft's refusals mean for an HR person: from error code, detail and status to words.

https://learn.microsoft.com/graph/errors and https://learn.microsoft.com/entra/identity-platform/reference-error-codes
The cases themselves are tables in `graph_cases.py` and `identity_cases.py`.
"""

import re
from typing import Any

from portal.connectors.errors import ConnectorError, Declined, SignInFailed
from portal.connectors.microsoft365.graph_cases import CASES, UNKNOWN_CASE, Case, Refusal
from portal.connectors.microsoft365.identity_cases import BY_ERROR, BY_NUMBER, Words
from portal.connectors.microsoft365.payloads import label_of

LONGEST_CODE = 200


def from_graph(status: int, body: Any, *, request_id: str = "", retry_after: float | None = None) -> ConnectorError:
    """Graph's refusal as one of our errors. body: the parsed JSON, or None when there was none."""
    refusal = read(status, body)
    case = case_of(refusal)
    name, label = label_of(refusal.property)
    return case.kind(
        case.message.format(value=label),
        next_step=case.next_step,
        code=small_print(status, refusal.code, refusal.message),
        status=status,
        request_id=request_id or refusal.request_id,
        retry_after=retry_after,
        target=case.about or name,
    )


def read(status: int, body: Any) -> Refusal:
    """What a refusal consists of. Parts that are missing, or not of the kind they should be, are left empty."""
    error = body.get("error") if isinstance(body, dict) else None
    error = error if isinstance(error, dict) else {}
    details = tuple(item for item in error.get("details") or () if isinstance(item, dict))
    inner = error.get("innerError") or error.get("innererror") or {}
    return Refusal(
        status=status,
        code=str(error.get("code") or ""),
        message=str(error.get("message") or ""),
        details=tuple((str(item.get("code") or ""), str(item.get("target") or "")) for item in details),
        request_id=str(inner.get("request-id") or "") if isinstance(inner, dict) else "",
    )


def case_of(refusal: Refusal) -> Case:
    """The case with the most telling evidence."""
    weight, case = max(((case.weight(refusal), case) for case in CASES), key=lambda pair: pair[0])
    return case if weight else UNKNOWN_CASE


def small_print(status: int | None, code: str, message: str) -> str:
    """Microsoft's own words, short enough to be kept: "400 Request_BadRequest: Another object …"."""
    words = " ".join(part for part in (str(status or ""), code) if part)
    return (f"{words}: {message}" if message else words)[:LONGEST_CODE]


def from_identity(answer: dict[str, Any], *, status: int | None = None) -> ConnectorError:
    """A refusal of the identity platform (token endpoint, discovery or redirect) as one of our errors."""
    description = str(answer.get("error_description") or "")
    numbers = [int(number) for number in re.findall(r"AADSTS(\d+)", description)]
    numbers += [number for number in answer.get("error_codes") or () if isinstance(number, int)]
    trace = re.search(r"Trace ID: (\S+)", description)
    words = _words_of(numbers, str(answer.get("error") or ""))
    return words.kind(
        words.message,
        next_step=words.next_step,
        code=f"AADSTS{numbers[0]}" if numbers else str(answer.get("error") or ""),
        status=status,
        request_id=str(answer.get("trace_id") or (trace.group(1) if trace else "")),
    )


def _words_of(numbers: list[int], error: str) -> Words:
    for number in numbers:
        if number in BY_NUMBER:
            return BY_NUMBER[number]
    if error == "access_denied" and numbers:
        return Words(Declined, "Microsoft refused the request on its own page, so nothing was connected.")
    return BY_ERROR.get(error) or Words(SignInFailed, "Microsoft did not accept the sign-in.")
