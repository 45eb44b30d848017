"""The text of messages: HTML as text, the part without the quote, and the message as MIME."""

import base64
import html
import re
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from html.parser import HTMLParser

from portal.sandbox.mail.items import address_of, files_of
from portal.sandbox.state.models import MailItem

RULER = "_" * 32
# Where a quote begins: what this sandbox writes itself, and what the programs outside write.
QUOTE = re.compile(
    rf"^(?:{RULER}|-+ ?Original Message ?-+|On .{{5,200}} wrote:|Am .{{5,200}} schrieb.*:|Le .{{5,200}} a écrit ?:"
    r"|>.*)$",
    re.MULTILINE,
)
BREAKS = ("br", "p", "div", "tr", "li", "hr", "h1", "h2", "h3", "blockquote")
SILENT = ("script", "style", "head", "title")


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.silent += tag in SILENT
        if tag == "hr":
            self.parts.append(f"\n{RULER}\n")
        elif tag in BREAKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in SILENT and self.silent > 0
        if tag in BREAKS and tag not in ("br", "hr"):
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.parts.append(re.sub(r"\s+", " ", data))


def as_text(body: dict[str, str]) -> str:
    """The text of a body, whatever it is written in."""
    content = body.get("content") or ""
    if (body.get("contentType") or "text").lower() != "html":
        return content
    reader = _Text()
    reader.feed(content)
    return re.sub(r"\n{3,}", "\n\n", "".join(reader.parts)).strip()


def as_html(body: dict[str, str]) -> str:
    """The body as a document; what could run is gone, as Exchange has it.

    https://learn.microsoft.com/graph/api/resources/itembody
    """
    content = body.get("content") or ""
    if (body.get("contentType") or "text").lower() != "html":
        content = html.escape(content).replace("\n", "<br>\r\n")
    content = re.sub(r"(?is)<script.*?</script\s*>", "", content)
    if "<html" in content.lower():
        return content
    head = '<meta http-equiv="Content-Type" content="text/html; charset=utf-8">'
    return f"<html><head>\r\n{head}</head><body>{content}</body></html>"


def without_quote(text: str) -> str:
    found = QUOTE.search(text)
    return (text[: found.start()] if found else text).rstrip()


def quoted(item: MailItem) -> str:
    """The message as it stands below an answer."""
    body = item.body
    when = format_datetime(datetime.fromtimestamp(item.sent or item.received, UTC))
    to = "; ".join(address_of(one) for one in body.get("toRecipients") or ())
    lines = [RULER, f"From: {address_of(body.get('from'))}", f"Sent: {when}", f"To: {to}",
             f"Subject: {body.get('subject') or ''}", ""]  # fmt: skip
    return "\n".join([*lines, as_text(body.get("body") or {})])


def mime(item: MailItem) -> str:
    """https://learn.microsoft.com/graph/outlook-get-mime-message"""
    if item.source:
        return item.source
    message, body = EmailMessage(), item.body
    message["From"] = address_of(body.get("from"))
    message["To"] = ", ".join(address_of(one) for one in body.get("toRecipients") or ())
    message["Subject"] = " ".join((body.get("subject") or "").split())
    message["Message-ID"] = item.internet_id
    message["Date"] = format_datetime(datetime.fromtimestamp(item.sent or item.received, UTC))
    if item.references:
        message["In-Reply-To"], message["References"] = item.references[-1], " ".join(item.references)
    for header in body.get("internetMessageHeaders") or ():
        if header["name"].lower().startswith("x-"):
            message[header["name"]] = header["value"]
    message.set_content(as_text(body.get("body") or {}))
    for file in files_of(item):
        kind, _, subtype = (file.content_type or "application/octet-stream").partition("/")
        data = base64.b64decode(file.data)
        message.add_attachment(data, maintype=kind, subtype=subtype or "octet-stream", filename=file.name)
    return message.as_string()


def bounce(report_from: str, to: str, failed: str, original: MailItem) -> str:
    """A report that a mail was not delivered. https://datatracker.ietf.org/doc/html/rfc3464"""
    words = f"Your message to {failed} couldn't be delivered. The address wasn't found at its domain."
    return "\r\n".join([
        f"From: {report_from}", f"To: {to}", f"Subject: Undeliverable: {original.body.get('subject') or ''}",
        'Content-Type: multipart/report; report-type=delivery-status; boundary="report"', "MIME-Version: 1.0",
        "Auto-Submitted: auto-replied", f"In-Reply-To: {original.internet_id}",
        f"References: {original.internet_id}", "",
        "--report", "Content-Type: text/plain; charset=utf-8", "", words, "",
        "--report", "Content-Type: message/delivery-status", "",
        "Reporting-MTA: dns;SANDBOX.prod.outlook.example", "", f"Final-Recipient: rfc822;{failed}", "Action: failed",
        "Status: 5.1.1", "Diagnostic-Code: smtp;550 5.1.1 The email account that you tried to reach does not exist", "",
        "--report", "Content-Type: message/rfc822-headers", "", f"Message-ID: {original.internet_id}",
        f"Subject: {original.body.get('subject') or ''}", f"From: {to}", f"To: {failed}", "", "--report--", "",
    ])  # fmt: skip
