"""What can go wrong at a connected application, as a short list of words that a caller can act on."""

from portal.languages import gettext as _

LONGEST_CODE, LONGEST_ID = 200, 100


def _printable(text: str, longest: int) -> str:
    """What came from outside, as it can be kept and shown."""
    return "".join(character for character in text[:longest] if character.isprintable())


class ConnectorError(Exception):
    """The connected application did not do what was asked.

    message: one or two sentences for an HR person: what happened and what it means.
    next_step: what that person can do about it.
    permanent: False when the same call may succeed later without anybody changing anything.
    unknown: True when the call may have been carried out although no answer came: look before repeating it.
    code, status, request_id: the application's own words, for the small print and for its support.
    retry_after: seconds the application asked us to wait, when it said so.
    target: the name of the value that was refused, in our words ("username", "password", ...), when known.
    """

    permanent = True
    next_step: str = _("Try again. If it happens again, pass the reference below to your IT team.")

    def __init__(
        self,
        message: str,
        *,
        permanent: bool | None = None,
        unknown: bool = False,
        next_step: str | None = None,
        code: str = "",
        status: int | None = None,
        request_id: str = "",
        retry_after: float | None = None,
        target: str = "",
    ):
        super().__init__(message)
        self.message = message
        if permanent is not None:
            self.permanent = permanent
        if next_step is not None:
            self.next_step = next_step
        self.unknown = unknown
        self.code = _printable(code, LONGEST_CODE)
        self.status = status
        self.request_id = _printable(request_id, LONGEST_ID)
        self.retry_after = retry_after
        self.target = target

    def worded(
        self,
        message: str,
        *,
        next_step: str | None = None,
        kind: "type[ConnectorError] | None" = None,
        target: str = "",
    ) -> "ConnectorError":
        """The same refusal in other words, with all that the application said; `raise error.worded(…) from error`.

        kind: another class of error, when it means more than the application's own words. next_step: that of its class
        unless given.
        """
        return (kind or type(self))(
            message, permanent=None if kind else self.permanent, next_step=next_step, unknown=self.unknown,
            code=self.code, status=self.status, request_id=self.request_id, retry_after=self.retry_after,
            target=target or self.target,
        )  # fmt: skip


class TryLater(ConnectorError):
    """Throttled, overloaded, unreachable, or not yet visible everywhere: the same call may work later."""

    permanent = False
    next_step: str = _("There is nothing to do: the portal tries again.")


class Unreadable(TryLater):
    """An answer came, and it is not of the shape that the application describes."""


class Refused(ConnectorError):
    """The application understood and said no: a value is not acceptable."""


class AlreadyExists(Refused):
    """Another person or account holds the address."""

    next_step: str = _("Choose another username, or link the existing account if it belongs to this person.")


class TooOld(TryLater):
    """The place from which changes were to be read on is forgotten: everything is read from the beginning."""


class NotFound(ConnectorError):
    """The account (or what it refers to) is not there."""

    next_step: str = _("Check in the application’s admin console whether the account was deleted.")


class NoMailbox(ConnectorError):
    """The account has no mailbox: none yet, or none any more."""

    next_step: str = _(
        "Give the account a licence with a mailbox if it should have one. A new mailbox can take some hours."
    )


class BadCredentials(ConnectorError):
    """The application no longer accepts the portal itself: secret, certificate or registration."""

    next_step: str = _("Ask your IT team to check the portal’s credentials, then try again.")


class NotPermitted(ConnectorError):
    """The portal is known but lacks a permission."""

    next_step: str = _(
        "An administrator must grant it: open Settings > General Settings > Add-ons, then Settings, and press Grant."
    )


class NotUnderstood(ConnectorError):
    """The application does not take a question that is put like this."""


class AlreadyDone(ConnectorError):
    """What was asked for is so already: nothing is left to do."""

    next_step: str = _("Nothing to do.")


NOT_OFFERED = _("The connected application does not offer this to the portal.")


class NotOffered(ConnectorError):
    """The application has nothing of the kind; its capabilities say so, and pages ask those first."""

    next_step: str = _("Do it in the application’s own admin console, if it can be done there.")


class OutOfSeats(Refused):
    """No seat is left on the chosen licence."""

    next_step: str = _("Buy another seat, remove the licence from somebody else, or choose another licence.")


class Full(Refused):
    """The application holds as many accounts as it may."""

    next_step: str = _(
        "Ask your IT team to permanently delete what is no longer used there, or to have the limit "
        "raised. Then try again."
    )


class Protected(ConnectorError):
    """The account is one that the portal must not change: an administrator, directory-synced, a guest, or deleted."""

    next_step: str = _("Make this change in the application’s admin console.")


class ReconnectNeeded(ConnectorError):
    """The application no longer lets the portal into a person's mailbox: only that person can let it in again."""

    next_step: str = _("Connect it again under “Your sign-in”.")


class Declined(ConnectorError):
    """The person signing in said no, or closed the consent page."""

    next_step: str = _("Start again with the sign-in button when you are ready to accept.")


class SignInFailed(ConnectorError):
    """The sign-in that came back cannot be trusted, or belongs to another user's attempt."""

    next_step: str = _("Start again with the sign-in button.")
