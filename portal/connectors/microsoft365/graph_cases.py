"""Each way in which Graph refuses a call, by what it shows itself, and what an HR person is told.

https://learn.microsoft.com/graph/errors, https://learn.microsoft.com/graph/resolve-auth-errors and
https://learn.microsoft.com/previous-versions/azure/ad/graph/howto/azure-ad-graph-api-error-codes-and-error-handling
The kind says what follows: TryLater is asked again, NotPermitted and BadCredentials wait until a person corrects them,
everything else is final. Microsoft may change its messages at any time, so they are the weakest evidence, and looked at
only in a plain refusal.
"""

import re
from dataclasses import dataclass

from portal.connectors.errors import (
    AlreadyDone,
    AlreadyExists,
    BadCredentials,
    ConnectorError,
    Full,
    NoMailbox,
    NotFound,
    NotPermitted,
    NotUnderstood,
    OutOfSeats,
    Protected,
    Refused,
    TooOld,
    TryLater,
)
from portal.languages import N_
from portal.languages import gettext as _

WORDS_COUNT_IN = frozenset({400, 403, 404, 409, 422})


@dataclass(frozen=True)
class Refusal:
    """What Graph said. details: (code, target) of each. inner: the codes of the errors inside, more and more exact.

    shaped: whether it said so in its own way. Where not, a proxy or another server's page may have answered.
    """

    status: int
    shaped: bool = True
    code: str = ""
    message: str = ""
    details: tuple[tuple[str, str], ...] = ()
    inner: tuple[str, ...] = ()
    request_id: str = ""

    @property
    def property(self) -> str:
        """Microsoft's name of the value that was refused, when it said so."""
        named = next((target for _, target in self.details if target), "")
        found = re.search(r"property '?(\w+)'?|Property (\w+) is invalid", self.message)
        return named or (next(group for group in found.groups() if group) if found else "")


@dataclass(frozen=True)
class Sign:
    """Evidence of a case: everything that is given here must match. words: a pattern for the message."""

    detail: str = ""
    target: str = ""
    code: str = ""
    words: str = ""
    status: int = 0

    def weight(self, refusal: Refusal) -> int:
        """How telling it is in this refusal; 0 when it does not match."""
        if self.status and self.status != refusal.status:
            return 0
        if self.detail and not any(
            code == self.detail and self.target in ("", target) for code, target in refusal.details
        ):
            return 0
        codes = [code.casefold() for code in refusal.inner]
        inside = 1 + codes.index(self.code.casefold()) if self.code.casefold() in codes else 0
        if self.code and not inside and self.code.casefold() != refusal.code.casefold():
            return 0
        if self.words and not (
            refusal.status in WORDS_COUNT_IN and re.search(self.words, refusal.message, re.IGNORECASE)
        ):
            return 0
        return (
            32 * bool(self.detail)
            + 16 * bool(self.target)
            + bool(inside) * (8 + min(inside, 7))
            + 4 * bool(self.code)
            + 2 * bool(self.words)
            + (1 * bool(self.status))
        )


@dataclass(frozen=True)
class Case:
    """A refusal as a person knows it; any one of `signs` shows it. %(value)s in the message names what was refused.

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
PROFILE = _("Correct it on the employee’s Profile, then try again.")
BUSY = _("Microsoft 365 is busy and asked us to wait.")
CONFLICT = _("Microsoft 365 is making another change at the same time, so this has to wait a moment.")
TROUBLE = _("Microsoft 365 is not answering properly at the moment.")


def _codes(text: str) -> tuple[Sign, ...]:
    return tuple(Sign(code=code) for code in text.split())


def _statuses(*statuses: int) -> tuple[Sign, ...]:
    return tuple(Sign(status=status) for status in statuses)


ACCOUNTS = (
    Case(
        AlreadyExists, _("This username is already taken in your Microsoft 365."), None,
        (Sign("ObjectConflict", "userPrincipalName"), Sign(words="same value for property userPrincipalName")),
        about="username",
    ),
    Case(
        AlreadyExists, _("This address already belongs to somebody else in your Microsoft 365."), None,
        (
            Sign("ObjectConflict"), Sign("ConflictingObjects"), Sign("UniquenessViolation"),
            *_codes("Request_MultipleObjectsWithSameKeyValue nameAlreadyExists"), Sign(words="same value for property"),
        ),
        about="username",
    ),
    Case(
        Refused, _("The domain of this username is not one of the verified domains of your Microsoft 365."),
        _("Choose another domain, or have this one verified in Microsoft 365."),
        (Sign("InvalidValue", "userPrincipalName", words="domain"), Sign(words="verified domain")),
        about="username",
    ),
    Case(
        Refused, _("Microsoft 365 does not accept this username: its domain is not verified, or it has a "
                   "character that is not allowed."), _("Choose another username or another domain."),
        (Sign("InvalidValue", "userPrincipalName"), Sign(words="Property userPrincipalName is invalid")),
        about="username",
    ),
    Case(
        Refused, _("Microsoft 365 did not accept the temporary password."),
        _("Try again: a new one is made each time. If it is refused again, ask your IT team about "
          "your company’s own password rules."),
        (Sign(words="password complexity|password does not comply"),),
        about="password",
    ),
    Case(
        Refused, N_("Microsoft 365 needs a value for %(value)s, and it is empty."), PROFILE,
        (Sign(words="A value is required for property"),),
    ),
    Case(
        Refused, N_("Microsoft 365 rejected %(value)s."), PROFILE,
        (
            *(Sign(detail) for detail in ("InvalidValue", "InvalidLength", "InvalidFormat", "PropertyValueTooLong")),
            *_codes("parameterIsTooLong parameterIsTooSmall invalidParameterFormat truncationNotAllowed"),
            *_codes("propertyNotUpdateable"), Sign(words=r"Invalid value specified|Property '?\w+'? is invalid"),
            Sign(words=r"propert(y|ies) '?\w+'? (is|are) (too long|longer|not updat|read.only)"),
            Sign(words="exceeds the maximum length"),
        ),
    ),
    Case(
        Protected, _("This account is managed by your own directory (it is synchronised), so it must be "
                     "changed there."),
        _("Make this change in your own directory."), (Sign(words="on-premises mastered"),),
    ),
    Case(
        NotFound, _("This account has no manager in Microsoft 365."), _("Set the manager on the employee’s Profile."),
        (Sign(code="Request_ResourceNotFound", words="Resource 'manager'"),),
    ),
    Case(
        NotFound, _("This account is no longer in your Microsoft 365."), None,
        (*_codes("Request_ResourceNotFound Directory_ObjectNotFound itemNotFound"), *_statuses(404)),
    ),
    Case(
        TryLater, _("This account is new, and not every part of Microsoft 365 knows it yet."), None,
        (Sign(words="not a valid reference update"), *_codes("resourceBeingProvisioned")),
    ),
    Case(
        Full, _("Your company’s Microsoft 365 is full: it cannot hold more accounts or groups."), None,
        (*_codes("Directory_QuotaExceeded quotaLimitReached"), *_statuses(507)),
    ),
)  # fmt: skip

LICENCES = (
    Case(
        Refused, _("The employee’s country is missing, and Microsoft 365 needs it before a licence can be given."),
        _("Fill in the country on the employee’s Profile, then try again."),
        (Sign(words="invalid usage location"),), about="country",
    ),
    Case(
        OutOfSeats, _("No seat is left on this licence."), None,
        (Sign("CountViolation"), Sign(words="does not have any available licenses|CountViolation")), about="licence",
    ),
    Case(
        Refused, _("This licence may not be used in the employee’s country."),
        _("Check the country on the employee’s Profile, or choose another licence."),
        (Sign("ProhibitedInUsageLocationViolation"),), about="country",
    ),
    Case(
        Refused, _("Your company does not own this licence."), _("Choose another licence."),
        (Sign(words="does not correspond to a valid company license"),), about="licence",
    ),
    Case(
        Refused, _("This licence cannot be combined with one the account already has."),
        _("Choose another licence, or have the other one removed first."),
        (Sign("MutuallyExclusiveViolation"), Sign(words="mutually exclusive")), about="licence",
    ),
    Case(
        Refused, _("This licence needs another one that the account does not have."),
        _("Choose a licence that includes it, or assign both."),
        (Sign("DependencyViolation"), Sign(words="depends on the service plan")), about="licence",
    ),
)  # fmt: skip

GROUPS = (
    Case(
        AlreadyDone, _("The account is already in this group."), None,
        (Sign(words="added object references already exist"),), about="group",
    ),
    Case(
        AlreadyDone, _("The account is not in this group any more."), None,
        (Sign(words="removed object references do not exist"),), about="group",
    ),
    Case(
        Refused, _("A group must have an owner, and this account is its last one."),
        _("Choose somebody else as its owner first."), (Sign(words="at least one owner"),), about="group",
    ),
    Case(
        Refused, _("Microsoft 365 lets only the Exchange admin centre change who is in this group."),
        _("Change it in the Exchange admin centre."),
        (Sign(words="mail-enabled security groups|originated within an external service"),), about="group",
    ),
    Case(
        Refused, _("This group is full."), _("Ask your IT team about this group."),
        (Sign(code="Directory_QuotaExceeded", words="forward-link"),), about="group",
    ),
)  # fmt: skip

MAILBOXES = (
    Case(
        NoMailbox, _("There is no mailbox."), None,
        (*_codes("MailboxNotEnabledForRESTAPI ErrorInvalidUser"), Sign(code="ResourceNotFound", status=404)),
    ),
    Case(
        NotPermitted, _("The portal may not use this mailbox."),
        _("Ask your IT team to allow it: by its permissions, or in the Exchange policy that limits "
          "the portal."),
        _codes("ErrorAccessDenied ErrorSendAsDenied extensionError"),
    ),
)  # fmt: skip

ACCESS = (
    Case(
        Refused, _("Your company’s rules do not allow a temporary access pass."),
        _("Ask your IT team to allow temporary access passes, or send a temporary password."),
        (
            Sign(words="UserCredentialPolicy|updating this authentication method"),
            Sign(words="Invalid LifetimeInMinutes|isUsableOnce"),
        ),
    ),
    Case(
        NotPermitted, _("The portal does not have the permission this needs."), GRANT,
        (
            *_codes("Authorization_RequestDenied accessDenied accessRestricted Forbidden"),
            *_codes("DirectoryObjectUnauthorizedAccessException"), *_statuses(403),
        ),
    ),
    Case(
        NotPermitted, _("The portal is not known in your company’s Microsoft 365."), GRANT,
        _codes("Authorization_IdentityNotFound"),
    ),
    Case(
        NotPermitted, _("The portal was switched off in your company’s Microsoft 365."),
        _("Ask your IT team to enable the portal’s application in Microsoft Entra again."),
        _codes("Authorization_IdentityDisabled"),
    ),
    Case(
        Refused, _("This needs a licence that your company does not own (Microsoft Entra ID P1)."),
        _("Ask your IT team."),
        (*_codes("Authentication_RequestFromNonPremiumTenantOrB2CTenant"), *_statuses(402)),
    ),
    Case(
        Refused, _("Microsoft 365 does not allow this here."), _("Pass the reference below to your IT team."),
        (*_codes("notAllowed provisioningNotAllowed"), *_statuses(451)),
    ),
    Case(
        BadCredentials, _("Microsoft 365 did not accept the portal’s own sign-in."),
        _("Try again in a few minutes. If it happens again, ask your IT team to check the portal’s "
          "registration."),
        (
            *_codes("InvalidAuthenticationToken Authentication_ExpiredToken Authentication_MissingOrMalformed"),
            *_codes("Authentication_Unauthorized unauthenticated"), *_statuses(401),
        ),
    ),
)  # fmt: skip

SERVICE = (
    Case(
        TryLater, BUSY, None,
        (
            *_codes("TooManyRequests Request_ThrottledTemporarily Request_ThrottledPermanently activityLimitReached"),
            *_codes("throttledRequest TenantThrottleThresholdReached"), *_statuses(429, 509),
        ),
    ),
    Case(
        # "Can be repeated after some delay": whatever the status that it comes with.
        TryLater, CONFLICT, None,
        (
            Sign("ConcurrencyViolation"), *_codes("Directory_ConcurrencyViolation ConcurrencyViolation"),
            *_codes("resourceModified entityTagDoesNotMatch lockMismatch lockOwnerMismatch resourceLocked"),
            Sign(words=r"concurrent requests|wait briefly"), *_statuses(409, 412, 423),
        ),
    ),
    Case(
        TryLater, TROUBLE, None,
        (
            *_codes("serviceNotAvailable ServiceUnavailable UnknownError Service_InternalServerError generalException"),
            *_codes("InternalServerError GatewayTimeout RequestTimeout Timeout serviceReadOnly cannotSnapshotTree"),
            *_codes("Directory_ReplicaUnavailable Directory_BindingRedirection Request_InvalidReplicaSessionKey"),
            Sign(words=r"\btry again later|\bretry (again )?later"), *_statuses(408, 425, 500, 502, 503, 504),
        ),
    ),
    Case(
        TooOld, _("The list changed while the portal read it, so the portal reads it again."), None,
        (
            *_codes("Directory_ExpiredPageToken resyncRequired syncStateNotFound resyncApplyDifferences"),
            *_statuses(410),
        ),
    ),
    Case(
        NotUnderstood, _("The portal and Microsoft 365 disagree about how to ask for this."), None,
        (
            Sign(words="parameters of the operation"), *_codes("Request_UnsupportedQuery NotImplemented notSupported"),
            *_codes("Request_InvalidRequestUrl Directory_ResultSizeLimitExceeded invalidQueryOption invalidRange"),
            *_codes("maxQueryLengthExceeded tooManyTermsInQuery Headers_HeaderNotSupported"),
            *_statuses(405, 406, 411, 413, 414, 415, 416, 431, 501, 505),
        ),
    ),
    Case(
        Refused, _("Microsoft 365 did not accept this request."),
        _("Check the employee’s Profile for unusual values. If it happens again, pass the reference below "
            "to your IT team."),
        (*_codes("invalidRequest"), *_statuses(400, 422)),
    ),
)  # fmt: skip

CASES: tuple[Case, ...] = (*ACCOUNTS, *LICENCES, *GROUPS, *MAILBOXES, *ACCESS, *SERVICE)
# What needs nothing in the body to be believed: about the portal's own sign-in, or about the request as such.
PLAIN = frozenset({401, 405, 406, 411, 413, 414, 415, 416, 431, 501, 505, 507})
STRANGE = Case(TryLater, TROUBLE, None, ())
UNKNOWN_CASE = Case(
    Refused, _("Microsoft 365 refused this, and the portal does not know why."),
    _("Pass the reference below to your IT team."), (),
)  # fmt: skip


def case_of(refusal: Refusal) -> Case:
    """The case with the most telling evidence; else by status: what the client did wrong is final, anything else not.

    A refusal that is not in Graph's own words may be a proxy's, or a page about maintenance: it says nothing for good.
    Nor does a server that is in trouble itself.
    """
    weight, case = max(((case.weight(refusal), case) for case in CASES), key=lambda pair: pair[0])
    believed = refusal.status in PLAIN or (refusal.shaped and refusal.status < 500)
    if not believed and not issubclass(case.kind, TryLater):
        return STRANGE
    return case if weight else UNKNOWN_CASE if 400 <= refusal.status < 500 else STRANGE
