"""The steps about a leaver's mail: the automatic reply, and the rule that sends mail on to a colleague."""

from portal.connectors.errors import NoMailbox
from portal.languages import N_
from portal.languages import gettext as _
from portal.leaving import replies
from portal.leaving.requests import ForReply, LeaveRequest
from portal.operations.work import Outcome, Work

NO_MAILBOX = _("There is no mailbox.")


def set_reply(work: Work) -> Outcome:
    """Switch the automatic reply on. Without a mailbox there is nothing to do."""
    reply = work.operation.request_as(ForReply).reply
    if reply is None:
        return Outcome()
    try:
        work.connector.set_reply(work.remote_id, reply)
    except NoMailbox:
        return Outcome(note=NO_MAILBOX)
    return Outcome(after={N_("automatic reply"): replies.in_words(reply)})


def set_forward(work: Work) -> Outcome:
    """Send mail on to a colleague; the rule is known again by its id."""
    address = work.operation.request_as(LeaveRequest).forward_to
    try:
        rule = work.connector.set_forward(work.remote_id, address)
    except NoMailbox:
        return Outcome(note=NO_MAILBOX)
    return Outcome(after={N_("mail goes to"): address}, remember={"forward_rule": rule})
