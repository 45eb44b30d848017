"""Each way in which Graph refuses a call, by what it shows itself, and what an HR person is told.

https://learn.microsoft.com/graph/errors
Microsoft may change its messages at any time, so they are the weakest evidence, and looked at only in a plain refusal.
"""

import re
from dataclasses import dataclass

from portal.connectors.errors import (
    AlreadyDone,
    AlreadyExists,
    BadCredentials,
    ConnectorError,
    NotFound,
    NotPermitted,
    NotUnderstood,
    OutOfSeats,
    Protected,
    Refused,
    TryLater,
)

WORDS_COUNT_IN = frozenset({400, 403, 404, 409, 422})


@dataclass(frozen=True)
class Refusal:
    """What Graph said. details: (code, target) of each."""

    status: int
    code: str = ""
    message: str = ""
    details: tuple[tuple[str, str], ...] = ()
    request_id: str = ""

    @property
    def property(self) -> str:
        """Microsoft's name of the value that was refused, when it said so."""
        named = next((target for _, target in self.details if target), "")
        found = re.search(r"property '?(\w+)'?|Property (\w+) is invalid", self.message)
        return named or (next(group for group in found.groups() if group) if found else "")


@dataclass(frozen=True)
class Sign:
    """Evidence of a case: everything that is given here must fit. words: a pattern for the message."""

    detail: str = ""
    target: str = ""
    code: str = ""
    words: str = ""
    status: int = 0

    def weight(self, refusal: Refusal) -> int:
        """How telling it is in this refusal; 0 when it does not fit."""
        if self.status and self.status != refusal.status:
            return 0
        if self.detail and not any(
            code == self.detail and self.target in ("", target) for code, target in refusal.details
        ):
            return 0
        if self.code and self.code.casefold() != refusal.code.casefold():
            return 0
        if self.words and not (
            refusal.status in WORDS_COUNT_IN and re.search(self.words, refusal.message, re.IGNORECASE)
        ):
            return 0
        return (
            16 * bool(self.detail)
            + 8 * bool(self.target)
            + 4 * bool(self.code)
            + 2 * bool(self.words)
            + (1 * bool(self.status))
        )


@dataclass(frozen=True)
class Case:
    """A refusal as a person knows it; any one of `signs` shows it. {value} in the message names what was refused.

    about: the value it is about, in the portal's words, when that is the same in every such refusal.
    """

    kind: type[ConnectorError]
    message: str
    next_step: str | None
    signs: tuple[Sign, ...]
    about: str = ""

    def weight(self, refusal: Refusal) -> int:
        return max(sign.weight(refusal) for sign in self.signs)


GRANT = NotPermitted.next_step
PROFILE = "Check the employee's Profile, correct the value, then try again."
BUSY = "Microsoft 365 is busy and asked us to wait."
TROUBLE = "Microsoft 365 is not answering properly at the moment."

ACCOUNTS = (
    Case(
        AlreadyExists, "This username is already taken in your tenant.", None,
        (Sign("ObjectConflict", "userPrincipalName"), Sign(words="same value for property userPrincipalName")),
        about="username",
    ),
    Case(
        AlreadyExists, "This address already belongs to somebody else in your tenant.", None,
        (Sign("ObjectConflict"), Sign("ConflictingObjects"), Sign(words="same value for property")),
        about="username",
    ),
    Case(
        Refused, "The domain of this username is not one of the tenant's verified domains.",
        "Choose another domain, or have this one verified in Microsoft 365.",
        (Sign("InvalidValue", "userPrincipalName", words="domain"), Sign(words="verified domain")),
        about="username",
    ),
    Case(
        Refused, "Microsoft 365 does not accept this username: its domain is not verified, or it has a character that "
        "is not possible.", "Choose another username or another domain.",
        (Sign("InvalidValue", "userPrincipalName"), Sign(words="Property userPrincipalName is invalid")),
        about="username",
    ),
    Case(
        Refused, "Microsoft 365 did not accept the temporary password.",
        "Try again: a new one is made each time. If it is refused again, ask your IT team about the tenant's own "
        "password rules.",
        (Sign(words="password complexity|password does not comply"),),
        about="password",
    ),
    Case(
        Refused, "Microsoft 365 needs a value for {value}, and it is empty.", PROFILE,
        (Sign(words="A value is required for property"),),
    ),
    Case(
        Refused, "Microsoft 365 does not accept what is written as {value}.", PROFILE,
        (Sign("InvalidValue"), Sign(words=r"Invalid value specified|Property \w+ is invalid")),
    ),
    Case(
        Protected, "This account is managed by your own directory (it is synchronised), so it must be changed there.",
        "Make this change in your own directory.", (Sign(words="on-premises mastered"),),
    ),
    Case(
        NotFound, "This account has no manager in Microsoft 365.", "Set the manager on the employee's Profile.",
        (Sign(code="Request_ResourceNotFound", words="Resource 'manager'"),),
    ),
    Case(
        NotFound, "This account is not in the tenant.", None,
        (Sign(code="Request_ResourceNotFound"), Sign(code="Directory_ObjectNotFound"), Sign(status=404)),
    ),
    Case(
        TryLater, "Microsoft 365 does not know everywhere yet that this account exists.", None,
        (Sign(words="not a valid reference update"),),
    ),
)  # fmt: skip

LICENCES = (
    Case(
        Refused, "The employee's country is missing, and Microsoft 365 needs it before a licence can be given.",
        "Fill in the country on the employee's Profile, then try again.",
        (Sign(words="invalid usage location"),), about="country",
    ),
    Case(
        OutOfSeats, "No seat is left on this licence.", None,
        (Sign("CountViolation"), Sign(words="does not have any available licenses|CountViolation")), about="plan",
    ),
    Case(
        Refused, "This licence may not be used in the employee's country.",
        "Check the country on the employee's Profile, or choose another licence.",
        (Sign("ProhibitedInUsageLocationViolation"),), about="country",
    ),
    Case(
        Refused, "Your tenant does not own this licence.", "Choose another licence.",
        (Sign(words="does not correspond to a valid company license"),), about="plan",
    ),
    Case(
        Refused, "This licence cannot be combined with one the account already has.",
        "Choose another licence, or have the other one removed first.",
        (Sign("MutuallyExclusiveViolation"), Sign(words="mutually exclusive")), about="plan",
    ),
    Case(
        Refused, "This licence needs another one that the account does not have.",
        "Choose a licence that includes it, or assign both.",
        (Sign("DependencyViolation"), Sign(words="depends on the service plan")), about="plan",
    ),
)  # fmt: skip

GROUPS = (
    Case(
        AlreadyDone, "The account is already in this group.", None,
        (Sign(words="added object references already exist"),), about="group",
    ),
    Case(
        AlreadyDone, "The account is not in this group any more.", None,
        (Sign(words="removed object references do not exist"),), about="group",
    ),
)  # fmt: skip

MAILBOXES = (
    Case(
        TryLater, "The mailbox of this account is not there yet. It comes minutes to hours after its licence.", None,
        (
            Sign(code="MailboxNotEnabledForRESTAPI"), Sign(code="ErrorInvalidUser"),
            Sign(code="ResourceNotFound", status=404),
        ),
    ),
    Case(
        NotPermitted, "The portal may not use this mailbox.",
        "An administrator of the tenant must allow it: by consent, or in the Exchange policy that limits the portal.",
        (Sign(code="ErrorAccessDenied"), Sign(code="ErrorSendAsDenied")),
    ),
)  # fmt: skip

ACCESS = (
    Case(
        Refused, "The tenant's rules do not allow a temporary access pass.",
        "Ask your IT team to allow temporary access passes, or send a temporary password.",
        (Sign(words="UserCredentialPolicy|updating this authentication method"),),
    ),
    Case(
        NotPermitted, "The tenant has not given the portal the permission this needs.", GRANT,
        (Sign(code="Authorization_RequestDenied"), Sign(status=403)),
    ),
    Case(
        BadCredentials, "Microsoft 365 did not accept the portal's own sign-in.",
        "Try again in a few minutes. If it stays, ask whoever runs the portal to check its registration.",
        (Sign(code="InvalidAuthenticationToken"), Sign(status=401)),
    ),
)  # fmt: skip

SERVICE = (
    Case(
        TryLater, BUSY, None,
        (Sign(status=429), Sign(code="TooManyRequests"), Sign(code="Request_ThrottledTemporarily")),
    ),
    Case(
        TryLater, TROUBLE, None,
        (
            Sign(status=500), Sign(status=502), Sign(status=503), Sign(status=504), Sign(code="serviceNotAvailable"),
            Sign(code="ServiceUnavailable"), Sign(code="UnknownError"), Sign(code="Service_InternalServerError"),
        ),
    ),
    Case(
        TryLater, "The list changed while it was being read, so it is read again from the beginning.", None,
        (
            Sign(code="Directory_ExpiredPageToken"), Sign(code="resyncRequired"), Sign(code="syncStateNotFound"),
            Sign(status=410),
        ),
    ),
    Case(
        NotUnderstood, "The portal and Microsoft 365 disagree about how to ask for this.", None,
        (
            Sign(words="parameters of the operation"), Sign(code="Request_UnsupportedQuery"),
            Sign(code="NotImplemented"), Sign(status=501),
        ),
    ),
    Case(
        Refused, "Microsoft 365 did not accept this request.",
        "Check the employee's Profile for unusual values. If it stays, pass the request id below to your IT team.",
        (Sign(status=400),),
    ),
)  # fmt: skip

CASES: tuple[Case, ...] = (*ACCOUNTS, *LICENCES, *GROUPS, *MAILBOXES, *ACCESS, *SERVICE)
UNKNOWN_CASE = Case(ConnectorError, "Microsoft 365 answered in a way the portal does not know.", None, ())
