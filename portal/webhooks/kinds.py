"""Every type of message, and when it is sent. docs/integrations/webhooks.md names them all."""

from portal.languages import gettext as _

TEST = "test"
# What a channel in Teams or Slack can be told; nothing ticked is everything.
URGENT, DAILY, WEEKLY = "urgent", "digest.daily", "digest.weekly"
CHANNEL: dict[str, str] = {
    URGENT: _("What is urgent, at once: a broken connection, a stopped feed, a leaver’s step that is late, held steps"),
    DAILY: _("Every day at 07:30, who starts and leaves and what waits"),
    WEEKLY: _("The same on Mondays only"),
}
KINDS: dict[str, str] = {
    "employee.created": _("Somebody added an employee, or an import did"),
    "employee.updated": _("The record of an employee changed"),
    "employee.ended": _("An employee has an end date now, or another one"),
    "account.created": _("An account was created"),
    "account.linked": _("An existing account was linked"),
    "account.activated": _("An account can be signed in to again"),
    "account.deactivated": _("An account was deactivated"),
    "account.failed": _("Something about an account failed"),
    "operation.waiting": _("A change of an account has to wait, and is tried again"),
    "operation.done": _("A change of an account is done"),
    "operation.failed": _("A change of an account failed"),
    "run.waiting": _("A bulk action waits for a second Admin"),
    "run.finished": _("A bulk action is over"),
    "disagreement.found": _("An application shows something other than the HR record"),
    "connection.broken": _("An application no longer lets the portal in"),
    "connection.expiring": _("What the portal signs in with at an application ends soon"),
    "licence.short": _("There are fewer seats than people who start"),
    "feed.stopped": _("A feed was stopped before it changed anything"),
    "plan_step.late": _("A step of a timeline is late"),
}
