"""What is sent to a channel: a card for Teams, blocks for Slack. Neither holds a secret or a private address.

https://learn.microsoft.com/en-us/connectors/teams/#microsoft-teams-webhook
https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
"""

import json
from dataclasses import dataclass
from typing import Any

from portal.config import settings
from portal.languages import ENGLISH, current, in_language, speaking
from portal.languages import gettext as _
from portal.webhooks import actions
from portal.webhooks.models import Kind, Receiver

LONGEST_LINE, MOST_LINES = 300, 40
OPEN = _("Open the portal")


@dataclass(frozen=True)
class Note:
    """What a channel is told. page: where in the portal there is more."""

    title: str
    lines: tuple[str, ...]
    page: str = "/home"

    @property
    def link(self) -> str:
        return f"{settings().public_url}{self.page}"

    @property
    def shown(self) -> list[str]:
        """Not more lines than a channel shows, none of them endless; in the language that is spoken now."""
        shown = [in_language(line, current())[:LONGEST_LINE] for line in self.lines[:MOST_LINES]]
        more = len(self.lines) - len(shown)
        return [*shown, in_language(_("… and %(number)s more", number=more), current())] if more > 0 else shown


def body_for(receiver: Receiver, note: Note) -> str:
    """The note as this kind of receiver wants it, in the language of its organisation."""
    with speaking(receiver.organisation.language or ENGLISH):
        return json.dumps(_card(note) if receiver.kind == Kind.TEAMS else _blocks(note))


def _card(note: Note) -> dict[str, Any]:
    """A message with an Adaptive Card. Lines are runs of text, in which nothing is taken for a link or for markup."""
    lines = [{"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": line}]} for line in note.shown]
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [
            {
                "type": "TextBlock",
                "size": "Medium",
                "weight": "Bolder",
                "text": _plain(in_language(note.title, current())),
                "wrap": True,
            },
            *lines,
        ],
        "actions": [{"type": "Action.OpenUrl", "title": in_language(OPEN, current()), "url": note.link}],
    }
    kind = "application/vnd.microsoft.card.adaptive"
    return {"type": "message", "attachments": [{"contentType": kind, "contentUrl": None, "content": card}]}


def _plain(text: str) -> str:
    """The text without what Teams takes for markup."""
    return "".join(" " if letter in "[]()*_#`<>" else letter for letter in text)


def _blocks(note: Note) -> dict[str, Any]:
    lines = "\n".join(f"• {_escaped(line)}" for line in note.shown)
    link = f"<{note.link}|{in_language(OPEN, current())}>"
    section = {"type": "section", "text": {"type": "mrkdwn", "text": f"{lines[:2900]}\n{link}"}}
    words = in_language(note.title, current())
    title = {"type": "header", "text": {"type": "plain_text", "text": words[:150]}}
    return {"text": _escaped(words), "blocks": [title, section]}


def _escaped(text: str) -> str:
    """As Slack wants text that is no markup of its own."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def test_body(receiver: Receiver) -> str:
    """A test of the channel."""
    title = _("A test of %(receiver)s", receiver=receiver.name)
    return body_for(receiver, Note(title, (_("If you can read this, the portal reaches you here."),)))


for _kind in (Kind.TEAMS, Kind.SLACK):
    actions.TEST_BODIES[_kind] = test_body
