"""What Exchange's refusals mean to the person whose mailbox it is, by their codes.

https://learn.microsoft.com/graph/errors and https://learn.microsoft.com/exchange/client-developer/web-service-reference/responsecode
"""

from typing import Any, NamedTuple

from portal.connectors.errors import (
    AlreadyDone,
    ConnectorError,
    NoMailbox,
    NotFound,
    NotPermitted,
    NotUnderstood,
    Refused,
    TryLater,
)
from portal.connectors.microsoft365.refusals import MAY_HAVE_WORKED, from_graph, read, small_print
from portal.languages import gettext as _


class Case(NamedTuple):
    kind: type[ConnectorError]
    message: str
    next_step: str


NO_MAILBOX = Case(
    NoMailbox,
    _("This account has no mailbox in Microsoft 365, or not yet."),
    _("Ask your IT team to give the account a licence with a mailbox. A new mailbox can take some hours."),
)
NOT_ALLOWED = Case(
    NotPermitted,
    _("The portal may not do this in your mailbox."),
    _("Connect Outlook again and accept everything, or ask your IT team."),
)
GONE = Case(NotFound, _("The mail is no longer in your mailbox."), _("Look in Outlook’s Deleted Items."))
RECIPIENT = Case(
    Refused, _("Outlook does not accept the recipient’s address."), _("Correct the address of the candidate.")
)
TOO_BIG = Case(Refused, _("The files are too big for Outlook."), _("Send fewer files, or a link to them."))
QUOTA = Case(
    TryLater,
    _("Outlook takes no more mail from you today."),
    _("There is nothing to do: the portal tries again in an hour."),
)
FULL = Case(TryLater, _("Your mailbox is full."), _("Delete mail in Outlook. The portal tries again in an hour."))
BLOCKED = Case(Refused, _("Microsoft stopped mail from your account."), _("Ask your IT team why."))
SEND_AS = Case(Refused, _("Outlook does not let you send from this address."), _("Ask your IT team."))
MEETING_EXISTS = Case(AlreadyDone, _("This interview is in your calendar already."), AlreadyDone.next_step)
OTHER_ZONE = Case(
    NotUnderstood, _("Outlook does not know this time zone."), _("Choose another time zone, or ask your IT team.")
)
BUSY = Case(TryLater, _("Outlook is busy."), TryLater.next_step)

CASES: dict[str, Case] = {
    "MailboxNotEnabledForRESTAPI": NO_MAILBOX, "ErrorInvalidUser": NO_MAILBOX, "ResourceNotFound": NO_MAILBOX,
    "ErrorAccessDenied": NOT_ALLOWED, "Authorization_RequestDenied": NOT_ALLOWED, "ErrorSendAsDenied": SEND_AS,
    "ErrorItemNotFound": GONE, "ErrorFolderNotFound": GONE, "ErrorInvalidRecipients": RECIPIENT,
    "ErrorMessageSizeExceeded": TOO_BIG, "ErrorAttachmentSizeLimitExceeded": TOO_BIG,
    "ErrorExceededMessageLimit": QUOTA, "ErrorExceededMaxRecipientLimit": QUOTA,
    "ErrorQuotaExceeded": FULL, "ErrorMailboxStoreFull": FULL,
    "ErrorAccountSuspend": BLOCKED, "ErrorMessageBlocked": BLOCKED,
    "ErrorDuplicateTransactionId": MEETING_EXISTS, "TimeZoneNotSupportedException": OTHER_ZONE,
    "ApplicationThrottled": BUSY, "TooManyRequests": BUSY, "ErrorServerBusy": BUSY, "ErrorTimeoutExpired": BUSY,
    "ErrorInternalServerTransientError": BUSY, "ErrorMailboxStoreUnavailable": BUSY,
}  # fmt: skip
# Seconds until it is worth asking again, where Exchange does not say.
AN_HOUR = {QUOTA: 3600.0, FULL: 3600.0}


def from_mail(
    status: int, body: Any, *, method: str, request_id: str = "", wait: float | None = None
) -> ConnectorError:
    """A refusal as one of our errors. A write that ended in a server error may still have been carried out."""
    refusal = read(status, body)
    codes = (*reversed(refusal.inner), refusal.code)
    case = next((CASES[code] for code in codes if code in CASES), None)
    case = case or (TOO_BIG if status == 413 else None)
    if case is None:
        return from_graph(status, body, method=method, request_id=request_id, retry_after=wait)
    return case.kind(
        case.message,
        next_step=case.next_step,
        unknown=method != "GET" and (status >= 500 or status in MAY_HAVE_WORKED),
        code=small_print(status, refusal.code, refusal.message),
        status=status,
        request_id=request_id or refusal.request_id,
        retry_after=AN_HOUR.get(case) if wait is None else wait,
    )
