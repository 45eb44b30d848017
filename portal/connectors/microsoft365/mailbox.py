"""A person's own mailbox at Exchange Online, in the portal's words."""

from collections.abc import Iterator
from datetime import datetime

from portal.connectors import delivery_reports
from portal.connectors.errors import NotFound
from portal.connectors.microsoft365 import mailbox_payloads as payloads
from portal.connectors.microsoft365.calendar import OutlookCalendar
from portal.connectors.microsoft365.calendar_client import CalendarClient
from portal.connectors.microsoft365.mailbox_client import sent_before_drafts
from portal.connectors.microsoft365.person_tokens import PersonTokens
from portal.connectors.microsoft365.refusals import not_as_described
from portal.connectors.personal import Attached, Bounce, Draft, Found, Header, Letter, Mail, Owner
from portal.connectors.values import Call


class OutlookMailbox(OutlookCalendar):
    """The PersonalMailbox of Microsoft 365."""

    def __init__(self, tokens: PersonTokens, *, patience: float):
        self.client = CalendarClient(tokens, patience=patience)
        self.person_id = tokens.person_id

    @property
    def calls(self) -> list[Call]:
        return self.client.calls

    def whoami(self) -> Owner:
        person = self.client.me()
        if person["id"].casefold() != self.person_id.casefold():
            raise not_as_described("GET", "another person")
        self.client.inbox()
        return payloads.owner(person)

    def find(self, marker: str, message_id: str = "") -> Found | None:
        """By the marker, which survives what changes ids; a person who sends our draft in Outlook may lose that too."""
        found = self.client.with_marker(marker)
        if not found and message_id:
            found = self.client.with_message_id(message_id)
        return next((payloads.found(message) for message in sent_before_drafts(found)), None)

    def draft(self, letter: Letter, *, in_reply_to: str = "") -> Draft:
        body = payloads.written(letter)
        answered = self.client.with_message_id(in_reply_to) if in_reply_to else []
        if not answered:
            return payloads.draft(self.client.create(body))
        reply = self.client.create_reply(answered[0]["id"], payloads.marked(letter))
        # The answer would go to the writer of the last mail, who may be ourselves: the recipient is always written.
        return self.rewrite(reply["id"], letter)

    def rewrite(self, draft_id: str, letter: Letter) -> Draft:
        return payloads.draft(self.client.update(draft_id, payloads.written(letter)))

    def attach(self, draft_id: str, name: str, content_type: str, content: bytes) -> None:
        self.client.attach(draft_id, name, content_type, content)

    def attached(self, draft_id: str) -> list[str]:
        return [file.get("name") or "" for file in self.client.files(draft_id)]

    def send(self, draft_id: str) -> None:
        self.client.send(draft_id)

    def trash(self, draft_id: str) -> None:
        try:
            self.client.delete(draft_id)
        except NotFound:
            return

    def since(self, moment: datetime) -> Iterator[Header]:
        found = (payloads.header(message) for message in self.client.listed(moment))
        return (header for header in found if header is not None)

    def read(self, mail_id: str) -> Mail:
        return payloads.mail(self.client.read(mail_id))

    def formatted(self, mail_id: str) -> str:
        return payloads.formatted(self.client.formatted(mail_id))

    def files(self, mail_id: str) -> list[Attached]:
        return [payloads.attached(file) for file in self.client.files(mail_id) if not payloads.is_picture_in_text(file)]

    def file(self, mail_id: str, file_id: str) -> bytes:
        return self.client.content(mail_id, file_id)

    def bounce(self, mail_id: str) -> Bounce | None:
        return delivery_reports.read(self.client.source(mail_id))
