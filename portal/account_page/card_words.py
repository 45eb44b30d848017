"""What the card says of an operation: under way, done or not done, and what one may want next."""

from portal.accounts.models import Status
from portal.hand_over import mail_words
from portal.hand_over.models import LoginMail, Secret


def _created(mail: LoginMail | None) -> str:
    return "The account has been created" + _mail_words(mail)


def _resent(mail: LoginMail | None) -> str:
    return "A fresh temporary password has been set" + _mail_words(mail)


def _allowed(mail: LoginMail | None) -> str:
    what = "a pass" if mail is not None and mail.secret == Secret.PASS else "a fresh temporary password"
    return f"The sign-in is allowed, with {what}{_mail_words(mail)}"


def _pass(mail: LoginMail | None) -> str:
    if mail is not None and mail.secret != Secret.PASS:
        return "There is no pass for this person, so a fresh temporary password has been set" + _mail_words(mail)
    return "The pass has been made" + _mail_words(mail)


def _mail_words(mail: LoginMail | None) -> str:
    if mail is not None and mail.state in mail_words.WENT_OUT:
        return " and an email has been sent to the employee."
    return "."


# The verb that is done, and the status since -> what one may want next.
NEXT = {
    ("leave", Status.DEACTIVATED): ("Was that a mistake?", "Undo leaving", "undo-leave"),
    ("deactivate", Status.DEACTIVATED): ("Was that a mistake?", "Undo", "reactivate"),
    ("reactivate", Status.ACTIVE): ("They may have forgotten their password:", "Resend", "resend"),
}
# What the card says of an operation that failed, and of one that waits.
NOT_DONE = {
    "create": "The account was not created",
    "resend": "The login information was not sent",
    "allow": "The sign-in was not allowed",
    "pass": "The pass was not made",
    "rename": "The username was not changed",
    "picture": "The picture was not set",
    "groups": "The groups were not changed",
    "deactivate": "The account was not deactivated",
    "reactivate": "The account was not reactivated",
    "link": "The account was not linked",
    "restore": "The account was not restored",
    "update": "The account was not updated",
    "licence": "The licences were not changed",
    "unlink": "The account was not unlinked",
    "leave": "The leaver’s steps were not all done",
    "free licences": "The licences were not taken away",
    "undo leave": "Leaving was not undone",
    "begin absence": "The leave of absence did not begin",
    "end absence": "The leave of absence did not end",
    "delete": "The account was not deleted",
}
UNDER_WAY = {
    "create": "Creating the account",
    "resend": "Setting a temporary password",
    "allow": "Allowing the sign-in",
    "pass": "Making the pass",
    "rename": "Changing the username",
    "picture": "Setting the picture",
    "groups": "Changing the groups",
    "deactivate": "Deactivating the account",
    "reactivate": "Reactivating the account",
    "link": "Linking the account",
    "restore": "Restoring the account",
    "update": "Updating the account",
    "licence": "Changing the licences",
    "unlink": "Unlinking the account",
    "leave": "Leaving",
    "free licences": "Taking the licences away",
    "undo leave": "Undoing the leaving",
    "begin absence": "Beginning the leave of absence",
    "end absence": "Ending the leave of absence",
    "delete": "Deleting the account",
}
DONE_SENTENCES = {
    "create": _created,
    "resend": _resent,
    "allow": _allowed,
    "pass": _pass,
    "deactivate": lambda mail: "The account has been deactivated: the sign-in is blocked",
    "reactivate": lambda mail: "The account has been reactivated: the employee can sign in again.",
    "link": lambda mail: "The account has been linked.",
    "restore": lambda mail: "The deleted account has been restored and linked.",
    "update": lambda mail: "The account has been updated from the HR record.",
    "licence": lambda mail: "The licences have been changed.",
    "groups": lambda mail: "The change of groups is done.",
    "leave": lambda mail: (
        "The sign-in is blocked. The portal has noted what the account had, so that you can undo the leaving."
    ),
    "free licences": lambda mail: "The licences have been taken away, and their seats are free again.",
    "undo leave": lambda mail: "The employee can sign in again" + _mail_words(mail),
    "begin absence": lambda mail: "The leave of absence has begun: the sign-in is blocked.",
    "end absence": lambda mail: "The leave of absence has ended: the employee can sign in again.",
    "unlink": lambda mail: "The account has been unlinked. The account itself has not changed.",
}
