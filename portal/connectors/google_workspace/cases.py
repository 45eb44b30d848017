"""Each way in which Google's APIs refuse a call, by what it shows itself, and what an HR person is told.

https://developers.google.com/workspace/admin/directory/v1/guides/troubleshoot-error-codes
https://developers.google.com/workspace/admin/directory/v1/limits
https://developers.google.com/workspace/admin/licensing/v1/limits
The first case that matches decides, so the most exact comes first. The kind says what follows: TryLater is asked again,
NotPermitted and BadCredentials wait until a person corrects them, everything else is final. Words may change any time:
they decide only where status and reason have several meanings.
"""

import re
from dataclasses import dataclass

from portal.connectors.errors import (
    AlreadyExists,
    BadCredentials,
    ConnectorError,
    Full,
    NotFound,
    NotPermitted,
    NotUnderstood,
    OutOfSeats,
    Refused,
    TryLater,
)
from portal.connectors.google_workspace.identity_cases import AGAIN, OPERATOR, TRUST
from portal.languages import gettext as _
from portal.languages import joined


@dataclass(frozen=True)
class Refusal:
    """What Google said. reasons: of the errors, of the details and the status's name, in small letters.

    shaped: whether it said so in its own way. Where not, a proxy or a page of somebody else's may have answered.
    """

    status: int
    shaped: bool = True
    reasons: frozenset[str] = frozenset()
    message: str = ""


@dataclass(frozen=True)
class Case:
    """A refusal as a person knows it.

    statuses, reasons: any one of each, where given; words: a pattern for the message. about: the value it is about, in
    the portal's words. waits: it is worth asking again although the kind is lasting. seconds: the least to wait before
    asking again.
    """

    kind: type[ConnectorError]
    message: str
    next_step: str | None = None
    statuses: tuple[int, ...] = ()
    reasons: tuple[str, ...] = ()
    words: str = ""
    about: str = ""
    waits: bool = False
    seconds: float | None = None

    def fits(self, refusal: Refusal) -> bool:
        if self.statuses and refusal.status not in self.statuses:
            return False
        if self.reasons and not refusal.reasons & {reason.casefold() for reason in self.reasons}:
            return False
        return not self.words or bool(re.search(self.words, refusal.message, re.IGNORECASE))


NAME = "Google Workspace"
PROFILE = _("Correct it on the employee’s Profile, then try again.")
GRANT = NotPermitted.next_step
BUSY = _("%(name)s is busy and asked us to wait.", name=NAME)
TROUBLE = _("%(name)s is not answering properly at the moment.", name=NAME)
SUPPORT = _("Only Google support can lift it. Your Google administrator can ask them in the Admin console.")
QUOTA = ("userRateLimitExceeded", "rateLimitExceeded", "quotaExceeded", "RATE_LIMIT_EXCEEDED", "RESOURCE_EXHAUSTED")

ACCOUNTS = (
    Case(
        TryLater, _("%(name)s has not finished making the account yet.", name=NAME), statuses=(412,),
        words="creation is not complete",
    ),
    Case(
        Refused, _("Google itself suspended this account for abuse, so nobody can reactivate it here."), SUPPORT,
        (412, 403, 400), ("adminCannotUnsuspend",),
    ),
    Case(
        Refused, _("Google itself suspended this account for abuse, so nobody can reactivate it here."), SUPPORT,
        (412,), words="suspended for abuse",
    ),
    Case(
        Full, _("Your company’s %(name)s cannot hold more accounts.", name=NAME),
        _("Buy a seat in the Google Workspace Admin Centre, or free one. If the account was deleted "
            "recently, restore it instead: that needs no new seat."),
        (412, 403), ("limitExceeded",),
    ),
    Case(
        Full, _("Your company’s %(name)s cannot hold more accounts.", name=NAME),
        _("Buy a seat in the Google Workspace Admin Centre, or free one."), (412,), words="user limit reached",
    ),
    Case(
        Refused, _("No licence for archived accounts is left."),
        _("Buy one in the Google Workspace Admin Centre, or deactivate the account instead."),
        (412,), ("insufficientArchivedUserLicenses",),
    ),
    Case(
        Refused, _("This account cannot be restored any more: it is gone for good, or somebody else has its "
                   "address."),
        _("Create a new account."), (412,), words="undelete|deleted user|given to someone else",
    ),
    Case(
        AlreadyExists, _("Somebody in %(name)s has this address already.", name=NAME), statuses=(409,),
        reasons=("duplicate", "ALREADY_EXISTS"), about="username",
    ),
    Case(
        AlreadyExists, _("Somebody in %(name)s has this address already.", name=NAME), statuses=(409,),
        words="already exists", about="username",
    ),
    Case(TryLater, _("%(name)s is still carrying out another change to this account.", name=NAME), statuses=(409,)),
    Case(
        Refused, _("Google does not accept this username."), _("Choose another username."), (400,),
        words="primary_?user_?email|primary_?email", about="username",
    ),
    Case(
        Refused, _("Google does not accept the first name."), PROFILE, (400,), words="given_?name", about="first_name",
    ),
    Case(
        Refused, _("Google does not accept the last name."), PROFILE, (400,), words="family_?name", about="last_name",
    ),
    Case(
        Refused, _("Your company’s rules in Google ask for another kind of password."),
        _("Ask your Google administrator to allow passwords of 20 letters and digits: Admin console "
          "> Security > Password management."),
        (400,), words="password", about="password",
    ),
    Case(
        Refused, _("The organisational unit is not one of your %(name)s.", name=NAME),
        _("Choose another one in the form, or under Settings > Google Workspace."),
        (400, 404), words=r"INVALID_OU_ID|invalid ou id|org ?unit", about="unit",
    ),
    Case(
        Refused, _("Google does not accept the recovery address (the personal email)."), PROFILE, (400,),
        words="recovery_?email", about="personal_email",
    ),
    Case(Refused, _("Google does not accept the mobile number."), PROFILE, (400,), words="phone", about="mobile"),
    Case(
        Refused, _("Google does not accept the employee number."), PROFILE, (400,), words="external_?id",
        about="employee_number",
    ),
    Case(
        Refused, _("Google does not accept the manager’s address."), _("Choose another manager on the Profile."),
        (400,),
        words="relation", about="manager",
    ),
    Case(
        Refused, _("The domain is not one of your company’s %(name)s.", name=NAME),
        _("Choose another domain. Test the connection under Settings if this one is yours."),
        (404, 400), words="domain not found", about="username",
    ),
    Case(
        Refused, _("Google does not accept this picture."),
        _("Add another photo on the employee’s Profile, then try again."),
        (400,), words="photo_?data|ByteString", about="picture",
    ),
    Case(NotFound, _("%(name)s shows no picture of this account.", name=NAME), statuses=(404,),
         words="not found: photo",
         about="picture"),
    Case(NotFound, _("%(name)s does not know this account.", name=NAME), statuses=(404, 410)),
)  # fmt: skip

LICENCES = (
    Case(TryLater, _("Google’s licensing does not know the account yet."), statuses=(400, 404), words="userId"),
    Case(
        Refused, _("Google gives this licence by its own rules, so the portal cannot take it away."),
        _("Leave it, or ask your Google administrator to switch automatic licensing off: Admin "
          "console > Billing > Licence settings."),
        words="auto(matic(ally)?)?.?licen", about="licence",
    ),
    Case(
        OutOfSeats, _("No seat is left on this licence."), OutOfSeats.next_step, (412, 400),
        words="licen[sc]e|seat", about="licence",
    ),
)  # fmt: skip

ACCESS = (
    Case(TryLater, BUSY, statuses=(403, 429, 503), reasons=QUOTA),
    Case(TryLater, BUSY, statuses=(403, 429, 503), words="rate higher than configured|quota exceeded|rate limit"),
    Case(
        TryLater, _("The portal has used up its requests to %(name)s for today.", name=NAME), statuses=(403, 429),
        reasons=("dailyLimitExceeded",), seconds=600.0,
    ),
    Case(
        NotPermitted, _("Your company’s %(name)s does not allow other applications to use its directory.", name=NAME),
        _("Ask your Google administrator whether the trial or the subscription has ended, and to "
          "allow API access: Admin console > Security > API controls."),
        (403,), ("domainCannotUseApis",), about="policy",
    ),
    Case(
        NotPermitted, _("Your company’s %(name)s does not allow other applications to use its directory.", name=NAME),
        _("Ask your Google administrator to allow API access: Admin console > Security > API "
          "controls."),
        (403,), words="domain cannot use apis", about="policy",
    ),
    Case(NotPermitted, _("Your company’s Google administrator has blocked the portal’s application."), TRUST,
         (403, 400),
         ("admin_policy_enforced", "access_not_configured"), about="policy"),
    Case(
        BadCredentials, _("The portal’s registration with Google does not have this service switched on."),
        joined(OPERATOR, _("The Admin SDK and the Enterprise License Manager must be enabled there.")),
        (403,), ("accessNotConfigured", "SERVICE_DISABLED"), waits=True,
    ),
    Case(
        NotPermitted, _("The administrator who connected Google Workspace did not allow the portal to do this."), GRANT,
        (401, 403), ("insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT", "insufficient_scope"), about="scope",
    ),
    Case(
        NotPermitted, _("The administrator who connected Google Workspace did not allow the portal to do this."), GRANT,
        (403,), words="insufficient (authentication scopes|permission)", about="scope",
    ),
    Case(
        NotPermitted, _("%(name)s does not let the portal do this.", name=NAME),
        _("Make this change in the Google Workspace Admin Centre."), (403,), about="forbidden",
    ),
    Case(BadCredentials, _("%(name)s no longer accepts the portal’s sign-in.", name=NAME), AGAIN, (401,), waits=True),
)  # fmt: skip

SERVICE = (
    Case(TryLater, BUSY, statuses=(429,)),
    Case(TryLater, TROUBLE, statuses=(408, 500, 502, 503, 504)),
    Case(NotUnderstood, _("%(name)s did not understand the portal.", name=NAME),
         _("Pass the reference below to your IT team."),
         (405, 411, 413, 414, 415, 431, 501)),
    Case(
        Refused, _("%(name)s did not accept this request.", name=NAME),
        _("Check the employee’s Profile for unusual values. If it happens again, pass the reference below "
            "to your IT team."),
        (400, 412, 422),
    ),
)  # fmt: skip

CASES: tuple[Case, ...] = (*ACCESS[:3], *ACCOUNTS, *LICENCES, *ACCESS[3:], *SERVICE)
# What needs nothing in the body to be believed: it is about the portal's sign-in, or about the request as such.
PLAIN = frozenset({401, 405, 411, 413, 414, 415, 431, 501})
STRANGE = Case(TryLater, TROUBLE)
UNKNOWN = Case(
    Refused, _("%(name)s refused this, for a reason that the portal does not know.", name=NAME),
    _("Pass the reference below to your IT team."),
)  # fmt: skip


def case_of(refusal: Refusal) -> Case:
    """The first case that fits. One that is not in Google's own words may be a proxy's: it says nothing for good."""
    case = next((case for case in CASES if case.fits(refusal)), None)
    if case is not None and issubclass(case.kind, TryLater):
        return case
    if not (refusal.status in PLAIN or (refusal.shaped and refusal.status < 500)):
        return STRANGE
    return case or (UNKNOWN if 400 <= refusal.status < 500 else STRANGE)
