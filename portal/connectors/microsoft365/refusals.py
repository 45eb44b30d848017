"""What Microsoft's refusals mean for an HR person: one row per case, from error code, detail and status to words.

https://learn.microsoft.com/graph/errors and https://learn.microsoft.com/entra/identity-platform/reference-error-codes
Messages may change at any time, so they are looked at last, and only where Microsoft gives nothing better.
"""

import re
from dataclasses import dataclass
from typing import Any

from portal.connectors.errors import (
    AlreadyExists,
    BadCredentials,
    ConnectorError,
    Declined,
    NotFound,
    NotPermitted,
    OutOfSeats,
    Refused,
    SignInFailed,
    TryLater,
)


@dataclass(frozen=True)
class Row:
    """A case: what must fit, and what is said. `words` is a pattern for Microsoft's message, the last resort."""

    kind: type[ConnectorError]
    message: str
    next_step: str | None = None
    status: tuple[int, ...] = ()
    code: str = ""
    detail: str = ""
    target: str = ""
    words: str = ""
    about: str = ""

    def fits(self, status: int, code: str, details: list[dict], message: str) -> bool:
        if self.status and status not in self.status:
            return False
        if self.code and not re.fullmatch(self.code, code, re.IGNORECASE):
            return False
        if self.detail and not any(
            item.get("code") == self.detail and (not self.target or item.get("target") == self.target)
            for item in details
        ):
            return False
        return not self.words or re.search(self.words, message, re.IGNORECASE) is not None


IT = "Ask your IT team"
GRANT = (
    "An administrator of the tenant must grant it: Settings > General Settings > Add-ons, disconnect and connect again."
)

GRAPH: tuple[Row, ...] = (
    Row(TryLater, "Microsoft 365 is busy and asked us to wait.", status=(429,)),
    Row(TryLater, "Microsoft 365 is not answering properly at the moment.", status=(500, 502, 503, 504)),
    Row(TryLater, "Microsoft 365 is busy and asked us to wait.", code="Request_ThrottledTemporarily|TooManyRequests"),
    Row(BadCredentials, "Microsoft 365 did not accept the portal's own sign-in.", status=(401,)),
    Row(NotPermitted, "The mailbox of this account is closed to the portal.", GRANT, code="ErrorAccessDenied|ErrorSendAsDenied"),
    Row(NotPermitted, "The tenant has not given the portal the permission this needs.", GRANT, status=(403,)),
    Row(AlreadyExists, "This username is already taken in your tenant.", detail="ObjectConflict",
        target="userPrincipalName", about="username"),
    Row(AlreadyExists, "This address already belongs to somebody else in your tenant.", detail="ObjectConflict",
        about="username"),
    Row(AlreadyExists, "This username is already taken in your tenant.", words="same value for property userPrincipalName",
        about="username"),
    Row(AlreadyExists, "This address already belongs to somebody else in your tenant.", words="same value for property",
        about="username"),
    Row(Refused, "The domain of this username is not one of the tenant's verified domains.",
        "Choose another domain, or have this one verified in Microsoft 365.", detail="InvalidValue",
        target="userPrincipalName", about="username"),
    Row(Refused, "The domain of this username is not one of the tenant's verified domains.",
        "Choose another domain, or have this one verified in Microsoft 365.", words="verified domain", about="username"),
    Row(Refused, "Microsoft 365 did not accept the temporary password.",
        "Try again: a new one is made each time. If it is refused again, your tenant has stricter password rules.",
        words="password complexity|password does not comply", about="password"),
    Row(Refused, "The employee's country is missing, and Microsoft 365 needs it before a licence can be given.",
        "Fill in the country on the employee's Profile, then try again.", words="usage location"),
    Row(OutOfSeats, "No seat is left on this licence.", words="does not have any available licenses|CountViolation"),
    Row(OutOfSeats, "No seat is left on this licence.", detail="CountViolation"),
    Row(Refused, "Your tenant does not own this licence.", "Choose another licence.",
        words="does not correspond to a valid company license"),
    Row(Refused, "This licence cannot be combined with one the account already has.",
        f"Choose another licence, or {IT.lower()} to remove the other one first.", detail="MutuallyExclusiveViolation"),
    Row(Refused, "This licence cannot be combined with one the account already has.",
        f"Choose another licence, or {IT.lower()} to remove the other one first.", words="mutually exclusive"),
    Row(Refused, "This licence needs another one that the account does not have.",
        "Choose a licence that includes it.", words="depends on the service plan"),
    Row(Refused, "Microsoft 365 misses a value: the portal and Microsoft 365 disagree about this request.",
        words="value is required for property|missing from the request payload"),
    Row(TryLater, "Microsoft 365 does not know everywhere yet that this account exists.",
        words="not a valid reference update"),
    Row(NotFound, "The mailbox of this account is not there yet.",
        "A mailbox comes minutes to hours after its licence. Try again later.",
        code="MailboxNotEnabledForRESTAPI|ErrorInvalidUser"),
    Row(NotFound, "This account is not in the tenant.", status=(404,)),
    Row(NotFound, "This account is not in the tenant.", code="Request_ResourceNotFound|Directory_ObjectNotFound"),
    Row(TryLater, "The list changed while it was being read.", code="Directory_ExpiredPageToken"),
    Row(TryLater, "Microsoft 365 asks to read everything anew.", status=(410,)),
    Row(Refused, "The tenant's rules do not allow a temporary access pass.",
        f"{IT} to allow temporary access passes, or send a password.", words="authentication method"),
    Row(Refused, "A value was not accepted by Microsoft 365.", "Check the employee's Profile for unusual characters.",
        words="Invalid value specified|is invalid"),
    Row(Refused, "Microsoft 365 did not accept this request.", status=(400,)),
)  # fmt: skip

CREDENTIALS = f"{IT} or whoever runs the portal to check its registration with Microsoft."
IDENTITY: dict[int, Row] = {
    65001: Row(NotPermitted, "The tenant has not agreed to the portal yet.", GRANT),
    65004: Row(Declined, "The request was declined on Microsoft's page, so nothing was connected."),
    700016: Row(NotPermitted, "The portal is not known in this tenant.", GRANT),
    7000215: Row(BadCredentials, "Microsoft does not accept the portal's client secret.", CREDENTIALS),
    7000222: Row(BadCredentials, "The portal's client secret has expired.", CREDENTIALS),
    700027: Row(BadCredentials, "Microsoft does not accept the portal's certificate.", CREDENTIALS),
    50012: Row(BadCredentials, "Microsoft does not accept the portal's certificate.", CREDENTIALS),
    7000112: Row(NotPermitted, "The portal was switched off in this tenant.", f"{IT} to enable it again."),
    7000229: Row(NotPermitted, "The portal was removed from this tenant.", GRANT),
    90002: Row(SignInFailed, "Microsoft does not know this tenant.", "Connect the tenant again."),
    90038: Row(
        SignInFailed, "This tenant belongs to another of Microsoft's clouds.", "Connect a tenant of this cloud."
    ),
    50105: Row(SignInFailed, "This person is not allowed to use the portal's application.", f"{IT} to assign them."),
    53003: Row(NotPermitted, "A Conditional Access rule of the tenant blocks this.", f"{IT} to allow the portal."),
    50076: Row(SignInFailed, "Microsoft asks for a second factor.", "Sign in again and complete it."),
    50079: Row(SignInFailed, "Microsoft asks for a second factor.", "Sign in again and complete it."),
    50020: Row(
        SignInFailed, "This account belongs to another directory.", "Sign in with an account of your own tenant."
    ),
    90072: Row(
        SignInFailed, "This account belongs to another directory.", "Sign in with an account of your own tenant."
    ),
    50194: Row(BadCredentials, "The portal is registered for a single tenant only.", CREDENTIALS),
    9001023: Row(BadCredentials, "The portal asked Microsoft in a way it does not allow.", CREDENTIALS),
    70011: Row(BadCredentials, "Microsoft does not know the permission the portal asked for.", CREDENTIALS),
    500011: Row(NotPermitted, "Microsoft Graph is not available in this tenant.", f"{IT} to enable it."),
    54005: Row(SignInFailed, "This sign-in was used before."),
    70008: Row(SignInFailed, "This sign-in took too long."),
    90033: Row(TryLater, "Microsoft's sign-in service is not answering at the moment."),
    90024: Row(TryLater, "Microsoft's sign-in service is not answering at the moment."),
    50196: Row(TryLater, "Microsoft's sign-in service asked us to wait."),
}
BY_ERROR: dict[str, Row] = {
    "access_denied": IDENTITY[65004],
    "permission_denied": IDENTITY[65004],
    "consent_required": IDENTITY[65001],
    "temporarily_unavailable": IDENTITY[90033],
    "server_error": IDENTITY[90033],
    "invalid_client": IDENTITY[7000215],
    "unauthorized_client": IDENTITY[700016],
    "invalid_grant": IDENTITY[70008],
}


def from_graph(status: int, body: Any, *, request_id: str, retry_after: float | None = None) -> ConnectorError:
    """Graph's refusal as one of our errors. body: the parsed JSON, or None when there was none."""
    error = (body or {}).get("error") if isinstance(body, dict) else None
    error = error if isinstance(error, dict) else {}
    code, message = str(error.get("code") or ""), str(error.get("message") or "")
    details = [item for item in error.get("details") or [] if isinstance(item, dict)]
    row = next((row for row in GRAPH if row.fits(status, code, details, message)), None)
    kind = row.kind if row else ConnectorError
    return kind(
        row.message if row else "Microsoft 365 answered in a way the portal does not know.",
        next_step=row.next_step if row else None,
        code=f"{status} {code}: {message}".strip(": ") if message else f"{status} {code}".strip(),
        status=status,
        request_id=request_id,
        retry_after=retry_after,
        target=row.about if row else "",
    )


def from_identity(answer: dict[str, Any], *, status: int | None = None) -> ConnectorError:
    """A refusal of the identity platform (token endpoint or redirect) as one of our errors."""
    description = str(answer.get("error_description") or "")
    number = re.search(r"AADSTS(\d+)", description)
    codes = [int(number.group(1))] if number else list(answer.get("error_codes") or [])
    row = next((IDENTITY[code] for code in codes if code in IDENTITY), None) or BY_ERROR.get(str(answer.get("error")))
    row = row or Row(SignInFailed, "Microsoft did not accept the sign-in.")
    trace = re.search(r"Trace ID: (\S+)", description)
    return row.kind(
        row.message,
        next_step=row.next_step,
        code=f"AADSTS{codes[0]}" if codes else str(answer.get("error") or ""),
        status=status,
        request_id=str(answer.get("trace_id") or (trace.group(1) if trace else "")),
    )
