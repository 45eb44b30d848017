"""Mail as Graph writes it: between its JSON and the portal's own words. Nothing here asks anything.

https://learn.microsoft.com/graph/api/resources/message
"""

from typing import Any

from portal.connectors.microsoft365.moments import moment
from portal.connectors.personal import Draft, Found, Letter, Owner

# https://learn.microsoft.com/graph/api/resources/extended-properties-overview: no reader of the mail sees it.
MARKER = "String {5d1a2f6c-7d0b-4c1e-9a57-2f8f4f1c3b60} Name PortalMessage"


def written(letter: Letter) -> dict[str, Any]:
    return {
        "subject": letter.subject,
        "body": {"contentType": "text", "content": letter.text},
        "toRecipients": [{"emailAddress": {"address": letter.to}}],
        **marked(letter),
    }


def marked(letter: Letter) -> dict[str, Any]:
    """Only what it is found by."""
    return {"singleValueExtendedProperties": [{"id": MARKER, "value": letter.marker}]}


def draft(message: dict[str, Any]) -> Draft:
    return Draft(message["id"], message["internetMessageId"], message.get("conversationId") or "")


def found(message: dict[str, Any]) -> Found:
    return Found(
        message["id"],
        message["internetMessageId"],
        message.get("conversationId") or "",
        sent=not message.get("isDraft"),
        at=moment(message["sentDateTime"]) if message.get("sentDateTime") else None,
        web_link=web_link(message.get("webLink") or ""),
    )


def web_link(link: str) -> str:
    """An address that may be offered to press: Outlook's own, or none."""
    return link if link.startswith("https://") and len(link) <= 2000 else ""


def owner(person: dict[str, Any]) -> Owner:
    """All addresses count as the person's own. The first is the one that mail goes out from."""
    address = person.get("mail") or person["userPrincipalName"]
    aliases = [item[5:] for item in person.get("proxyAddresses") or () if item[:5].casefold() == "smtp:"]
    return Owner(person["id"], person.get("displayName") or address, address, tuple(dict.fromkeys([address, *aliases])))
