"""Run as a process of its own, with a hostile mail as input: writes what is left of it once it is harmless.

The parser needs minutes and much memory for some mails, whose kinds nobody can list. So it is not trusted to end: the
process ends after seconds, and the portal goes on. It needs nothing of the portal.
"""

import re
import resource
import sys

TAGS = {
    "p", "br", "div", "span", "a", "b", "strong", "i", "em", "u", "ul", "ol", "li", "blockquote", "pre", "table",
    "tbody", "thead", "tr", "td", "th", "h1", "h2", "h3", "h4", "hr",
}  # fmt: skip
SCHEMES = {"https", "http", "mailto", "tel"}
SILENT = {"script", "style", "title", "noscript", "template"}
REL = "noopener nofollow noreferrer"
# What browsers leave out of an address before they read it.
IGNORED = re.compile(r"[\x00-\x20]")
SECONDS, BYTES, LARGEST = 2, 768 * 1024 * 1024, 2 * 1024 * 1024


def cleaned(html: str) -> str:
    # For the process of its own; the portal needs no more of this than its place.
    import nh3

    return nh3.clean(
        html, tags=TAGS, clean_content_tags=SILENT, attributes={"*": set(), "a": {"href"}}, attribute_filter=_kept,
        url_schemes=SCHEMES, link_rel=REL, strip_comments=True,
    )  # fmt: skip


def _kept(_tag: str, name: str, value: str) -> str | None:
    """Only addresses that say themselves where they lead: any other would lead into the portal."""
    scheme, colon, _ = IGNORED.sub("", value).partition(":")
    return value if name != "href" or (colon and scheme.lower() in SCHEMES) else None


def main() -> int:
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    made = cleaned(sys.stdin.buffer.read().decode("utf-8", "replace"))
    if len(made) > LARGEST:
        return 1
    sys.stdout.buffer.write(made.encode("utf-8", "replace"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
