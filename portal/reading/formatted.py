"""A mail with its formatting: what is left of it once everything is gone that could load, run, hide or deceive."""

import re
import subprocess
import sys
from html import escape
from html.parser import HTMLParser

from markupsafe import Markup

from portal.reading import cleaning
from portal.reading.words import UNSEEN, host_of

LARGEST, DEEPEST = 256 * 1024, 500
# Seconds until the process that cleans is stopped, in case it does not stop itself.
PATIENCE = 5
# Tags that hold nothing, or that the next of their kind ends.
FLAT = {
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr",
    "p", "li", "td", "th", "tr", "dt", "dd", "option",
}  # fmt: skip
TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:]*)")


class TooMuch(Exception):
    """The mail is larger or more tangled than the portal shows."""


def cleaned(html: str) -> Markup:
    """The mail as HTML that can be put into a page. Raises TooMuch."""
    source = UNSEEN.sub("", html).encode("utf-8", "replace")
    if len(source) > LARGEST or depth(html) > DEEPEST:
        raise TooMuch()
    command = [sys.executable, "-I", cleaning.__file__]
    try:
        done = subprocess.run(command, input=source, capture_output=True, timeout=PATIENCE, check=True, env={})
    except (subprocess.SubprocessError, OSError) as error:
        raise TooMuch() from error
    writer = _WithHosts()
    writer.feed(done.stdout.decode())
    writer.close()
    return Markup("".join(writer.parts))  # noqa: S704


def depth(html: str) -> int:
    """How deep parts lie within each other, at the most."""
    now = deepest = 0
    for end, name in TAG.findall(html):
        if name.lower() not in FLAT:
            now = max(0, now + (-1 if end else 1))
            deepest = max(deepest, now)
    return deepest


class _WithHosts(HTMLParser):
    """Writes clean HTML again, with the host behind each link."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.parts: list[str] = []
        self.host = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        shown = "".join(f' {name}="{escape(value or "")}"' for name, value in attrs)
        if tag == "a":
            address = dict(attrs).get("href") or ""
            self.host = host_of(address) or address.partition(":")[0]
            shown += ' target="_blank"'
        self.parts.append(f"<{tag}{shown}>")

    def handle_endtag(self, tag: str) -> None:
        self.parts.append(f"</{tag}>")
        if tag == "a" and self.host:
            self.parts.append(f' <span class="link-host">({escape(self.host)})</span>')

    def handle_data(self, data: str) -> None:
        self.parts.append(escape(data, quote=False))

    def handle_entityref(self, name: str) -> None:
        self.parts.append(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.parts.append(f"&#{name};")
