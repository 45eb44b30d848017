"""What the card says of an operation: under way, done or not done, and what one may want next."""

from portal.accounts.models import Status
from portal.hand_over import mail_words
from portal.hand_over.models import LoginMail, Secret
from portal.languages import gettext as _


def _created(mail: LoginMail | None) -> str:
    if _went_out(mail):
        return _("The account has been created and an email has been sent to the employee.")
    return _("The account has been created.")


def _resent(mail: LoginMail | None) -> str:
    if _went_out(mail):
        return _("A fresh temporary password has been set and an email has been sent to the employee.")
    return _("A fresh temporary password has been set.")


def _allowed(mail: LoginMail | None) -> str:
    if mail is not None and mail.secret == Secret.PASS:
        if _went_out(mail):
            return _("The sign-in is allowed, with a pass, and an email has been sent to the employee.")
        return _("The sign-in is allowed, with a pass.")
    if _went_out(mail):
        return _("The sign-in is allowed, with a fresh temporary password, and an email has been sent to the employee.")
    return _("The sign-in is allowed, with a fresh temporary password.")


def _pass(mail: LoginMail | None) -> str:
    if mail is not None and mail.secret != Secret.PASS:
        if _went_out(mail):
            return _(
                "This person cannot have a pass, so a fresh temporary password has been set, and an email has "
                "been sent to the employee."
            )
        return _("This person cannot have a pass, so a fresh temporary password has been set.")
    if _went_out(mail):
        return _("The pass has been made and an email has been sent to the employee.")
    return _("The pass has been made.")


def _back(mail: LoginMail | None) -> str:
    if _went_out(mail):
        return _("The employee can sign in again and an email has been sent to the employee.")
    return _("The employee can sign in again.")


def deactivated(sessions: bool) -> str:
    """sessions: whether open ones were ended too."""
    if sessions:
        return _("The account has been deactivated: the sign-in is blocked and open sessions are revoked.")
    return _("The account has been deactivated: the sign-in is blocked.")


def _went_out(mail: LoginMail | None) -> bool:
    return mail is not None and mail.state in mail_words.WENT_OUT


# The verb that is done, and the status since -> what one may want next.
NEXT = {
    ("leave", Status.DEACTIVATED): (_("Was that a mistake?"), _("Undo leaving"), "undo-leave"),
    ("deactivate", Status.DEACTIVATED): (_("Was that a mistake?"), _("Undo"), "reactivate"),
    ("reactivate", Status.ACTIVE): (_("They may have forgotten their password:"), _("Resend"), "resend"),
}
# What the card says of an operation that failed, and of one that waits.
NOT_DONE = {
    "create": _("The account was not created"),
    "resend": _("The login information was not sent"),
    "allow": _("The sign-in was not allowed"),
    "pass": _("The pass was not made"),
    "rename": _("The username was not changed"),
    "picture": _("The picture was not set"),
    "groups": _("The groups were not changed"),
    "deactivate": _("The account was not deactivated"),
    "reactivate": _("The account was not reactivated"),
    "link": _("The account was not linked"),
    "restore": _("The account was not restored"),
    "update": _("The account was not updated"),
    "licence": _("The licences were not changed"),
    "unlink": _("The account was not unlinked"),
    "leave": _("The leaver’s steps were not all done"),
    "free licences": _("The licences were not taken away"),
    "undo leave": _("Leaving was not undone"),
    "begin absence": _("The leave of absence did not begin"),
    "end absence": _("The leave of absence did not end"),
    "delete": _("The account was not deleted"),
}
UNDER_WAY = {
    "create": _("Creating the account"),
    "resend": _("Setting a temporary password"),
    "allow": _("Allowing the sign-in"),
    "pass": _("Making the pass"),
    "rename": _("Changing the username"),
    "picture": _("Setting the picture"),
    "groups": _("Changing the groups"),
    "deactivate": _("Deactivating the account"),
    "reactivate": _("Reactivating the account"),
    "link": _("Linking the account"),
    "restore": _("Restoring the account"),
    "update": _("Updating the account"),
    "licence": _("Changing the licences"),
    "unlink": _("Unlinking the account"),
    "leave": _("Leaving"),
    "free licences": _("Taking the licences away"),
    "undo leave": _("Undoing the leaving"),
    "begin absence": _("Beginning the leave of absence"),
    "end absence": _("Ending the leave of absence"),
    "delete": _("Deleting the account"),
}
DONE_SENTENCES = {
    "create": _created,
    "resend": _resent,
    "allow": _allowed,
    "pass": _pass,
    "reactivate": lambda mail: _("The account has been reactivated: the employee can sign in again."),
    "link": lambda mail: _("The account has been linked."),
    "restore": lambda mail: _("The deleted account has been restored and linked."),
    "update": lambda mail: _("The account has been updated from the HR record."),
    "licence": lambda mail: _("The licences have been changed."),
    "groups": lambda mail: _("The change of groups is done."),
    "leave": lambda mail: _(
        "The sign-in is blocked. The portal has noted what the account had, so that you can undo the leaving."
    ),
    "free licences": lambda mail: _("The licences have been taken away, and their seats are free again."),
    "undo leave": _back,
    "begin absence": lambda mail: _("The leave of absence has begun: the sign-in is blocked."),
    "end absence": lambda mail: _("The leave of absence has ended: the employee can sign in again."),
    "unlink": lambda mail: _("The account has been unlinked. The account itself has not changed."),
}
