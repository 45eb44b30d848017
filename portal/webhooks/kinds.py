"""Every type of message, and when it is sent. docs/integrations/webhooks.md names them all."""

TEST = "test"
# What a channel in Teams or Slack can be told; nothing ticked is everything.
URGENT, DAILY, WEEKLY = "urgent", "digest.daily", "digest.weekly"
CHANNEL: dict[str, str] = {
    URGENT: "What is urgent, at once: a broken connection, a stopped feed, a leaver's step that is late, held steps",
    DAILY: "Every day at 07:30, who starts and leaves and what waits",
    WEEKLY: "The same on Mondays only",
}
KINDS: dict[str, str] = {
    "employee.created": "Somebody added an employee, or an import did",
    "employee.updated": "The record of an employee changed",
    "employee.ended": "An employee has an end date now, or another one",
    "account.created": "An account was created",
    "account.linked": "An existing account was linked",
    "account.activated": "An account can be signed in to again",
    "account.deactivated": "An account was deactivated",
    "account.failed": "Something about an account failed",
    "operation.waiting": "A change of an account has to wait, and is tried again",
    "operation.done": "A change of an account is done",
    "operation.failed": "A change of an account failed",
    "run.waiting": "A bulk action waits for a second Admin",
    "run.finished": "A bulk action is over",
    "disagreement.found": "An application shows something other than the HR record",
    "connection.broken": "An application no longer lets the portal in",
    "connection.expiring": "What the portal signs in with at an application ends soon",
    "licence.short": "There are fewer seats than people who start",
    "feed.stopped": "A feed was stopped before it changed anything",
    "plan_step.late": "A step of a timeline is late",
}
