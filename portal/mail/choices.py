"""What an organisation has chosen for the mail with the login information."""

from email.utils import parseaddr
from typing import Any

from peewee import CharField, ForeignKeyField, JSONField

from portal import audit
from portal.config import settings
from portal.database import BaseModel, transaction
from portal.mail.texts import DEFAULTS, Text
from portal.organisations.models import Organisation

# Where the password is: in the mail, or behind a link that shows it once.
IN_MAIL, BY_LINK = "mail", "link"


class MailSettings(BaseModel):
    """sender_name: beside the portal's own address. reply_to: where answers go. language: see texts.language_for.

    texts: {key of texts.TEXTS: [subject, body]} of those that differ from our own. hand_over: IN_MAIL or BY_LINK.
    """

    organisation = ForeignKeyField(Organisation, unique=True, on_delete="CASCADE")
    sender_name = CharField(max_length=100, default="")
    reply_to = CharField(max_length=254, default="")
    language = CharField(max_length=10, default="en")
    texts = JSONField(default=dict)
    hand_over = CharField(max_length=10, default=IN_MAIL)

    @property
    def by_link(self) -> bool:
        return self.hand_over == BY_LINK

    def text(self, key: str) -> Text:
        """The text to use. key: one of texts.TEXTS."""
        own = self.texts.get(key)
        return Text(*own) if own else DEFAULTS[key]

    @property
    def shown_name(self) -> str:
        """Who the mail is from, for people: an employee knows their organisation, and not the portal."""
        return self.sender_name or self.organisation.name

    @property
    def sender(self) -> str:
        """The same, and the portal's own address."""
        return f"{self.shown_name} <{parseaddr(settings().mail_from)[1]}>"


def of(organisation: Organisation) -> MailSettings:
    """What the organisation has chosen; as new when it has chosen nothing."""
    found = MailSettings.get_or_none(MailSettings.organisation == organisation)
    if found is None:
        return MailSettings(organisation=organisation, texts={})
    found.organisation = organisation
    return found


def change(organisation: Organisation, *, by: Any, **values: Any) -> None:
    """Give the settings these values; the audit log names which, and not the texts themselves."""
    with transaction():
        MailSettings.insert(organisation=organisation, texts={}).on_conflict_ignore().execute()
        MailSettings.update(**values).where(MailSettings.organisation == organisation).execute()
        audit.record(by, "change mail settings", organisation, organisation=organisation, changed=sorted(values))
