import pytest

from portal.mailboxes.models import Mailbox
from portal.messages.models import Direction, Message, MessageState
from portal.reading import rounds
from tests.addons.conftest import elsewhere, no_waiting  # noqa: F401
from tests.mailboxes.conftest import OMAR, allowed, microsoft, omars, outlook  # noqa: F401
from tests.recruitment.conftest import applied, nurse  # noqa: F401

ZOE = "zoe@home.example"


@pytest.fixture
def zoe(omars, nurse):  # noqa: F811
    """Zoë's application at Acme, where Alice has connected the Outlook of Omar."""
    return applied(nurse, email=ZOE)


def look(mailbox=None):
    """One round of every mailbox, however short ago the last one was. Returns how many mails are on timelines."""
    Mailbox.update(read_at=None).execute()
    rounds.sweep()
    return Message.select().count()


def wrote(sandbox, application, text="Hello Zoë", to=ZOE):
    """A mail that was sent to the candidate from Omar's mailbox, as the portal keeps one; and its copy outside."""
    from portal.connectors.personal import Letter
    from portal.mailboxes.opening import opened

    mailbox = Mailbox.get()
    with opened(mailbox) as found:
        draft = found.draft(Letter(to=to, subject="Your application", text=text, marker="m-1"))
        found.send(draft.id)
    message = Message.create(
        organisation=application.organisation_id, candidate=application.candidate_id, application=application,
        mailbox=mailbox, direction=Direction.OUT, state=MessageState.CONFIRMED, sender=OMAR, recipients=[to],
        subject="Your application", text=text, message_id=draft.message_id, thread=draft.thread,
    )  # fmt: skip
    mails = sandbox.outside(to)
    return message, (mails[-1] if mails else None)
