"""A page of the portal as the tests see it: what it says, its buttons by their labels, its fields.

Every page of every test is read here, so lxml reads it: a tenth of the time. A test that looks closer takes `soup`.
"""

import csv
import io
import re
from collections.abc import Iterator
from functools import cached_property, lru_cache
from typing import Any

from bs4 import BeautifulSoup, Tag
from lxml import etree
from lxml import html as lxml_html
from lxml.cssselect import CSSSelector
from lxml.html import HtmlElement

FIELDS = ("input", "select", "textarea")
UNSEEN = ("script", "style", "template")
# Every element is of one class: to ask Python for the class of each takes longer than to read the page.
PARSER = etree.HTMLParser()
PARSER.set_element_class_lookup(
    etree.ElementDefaultClassLookup(element=lxml_html.HtmlElement, comment=lxml_html.HtmlComment)
)


class Page:
    """An answer of the portal; or a page that a fragment was put into, which then has a tree and no HTML of its own."""

    def __init__(self, url: str, status: int, html: str, headers: Any, tree: HtmlElement | None = None):
        self.url, self.status, self.headers = url, status, headers
        if tree is None:
            self.html = html
        else:
            self.tree = tree

    @cached_property
    def html(self) -> str:
        return str(lxml_html.tostring(self.tree, encoding="unicode"))

    @cached_property
    def tree(self) -> HtmlElement:
        return tree_of(self.html)

    @cached_property
    def soup(self) -> BeautifulSoup:
        return BeautifulSoup(self.html, "html.parser")

    @property
    def text(self) -> str:
        return words(self.tree)

    @property
    def title(self) -> str:
        return words(self.tree.find(".//h1"))

    @property
    def lines(self) -> list[list[str]]:
        """The lines of a CSV file that was downloaded. Excel reads UTF-8 only behind a byte order mark."""
        assert self.html.startswith("\ufeff")
        return list(csv.reader(io.StringIO(self.html[1:])))

    @property
    def rows(self) -> list[dict[str, str]]:
        """The same by the names in the first line."""
        names, *rest = self.lines
        return [dict(zip(names, line, strict=True)) for line in rest]

    @property
    def csrf_token(self) -> str | None:
        found = self.tree.find(".//input[@name='csrf_token']")
        return None if found is None else found.get("value")

    def alerts(self) -> list[str]:
        return [said for tag in self.tree.xpath(".//*[@role='alert' or @role='status']") if (said := words(tag))]

    def first(self, selector: str) -> HtmlElement | None:
        """The first element that this CSS selector means."""
        return first(self.tree, selector)

    def has_button(self, label: str) -> bool:
        return any(label_of(tag) == label for tag in buttons(self.tree))

    def field(self, label: str) -> HtmlElement:
        """The input with this visible label."""
        return control(self.tree, label)

    def value(self, label: str) -> str:
        found = self.field(label)
        if found.tag == "select":
            options = list(found.iter("option"))
            chosen = next((option for option in options if "selected" in option.attrib), next(iter(options), None))
            return "" if chosen is None else value_of(chosen)
        return words(found) if found.tag == "textarea" else found.get("value", "")


def tree_of(html: str) -> HtmlElement:
    """A page, or a fragment within an element of its own."""
    if "<html" in html:
        return lxml_html.document_fromstring(html, parser=PARSER)
    return lxml_html.fragment_fromstring(html, create_parent="fragment")


def words(tag: HtmlElement | Tag | None) -> str:
    """What a person reads of it."""
    if tag is None:
        return ""
    if isinstance(tag, Tag):
        return re.sub(r"\s+", " ", tag.get_text(" ", strip=True))
    return " ".join(" ".join(_texts(tag)).split())


def _texts(tag: HtmlElement) -> list[str]:
    # Without going into the children of what is unseen; a comment's tag is a function.
    found = [tag.text or ""]
    for child in tag:
        if isinstance(child.tag, str) and child.tag not in UNSEEN:
            found += _texts(child)
        found.append(child.tail or "")
    return found


@lru_cache(maxsize=1_000)
def _selector(text: str) -> CSSSelector:
    return CSSSelector(text, translator="html")


def first(tree: HtmlElement, selector: str) -> HtmlElement | None:
    """The first element in the tree that this CSS selector means."""
    return next(iter(_selector(selector)(tree)), None)


def by_id(tag: HtmlElement, name: str | None) -> HtmlElement | None:
    """The element of the same page with this id."""
    found = tag.getroottree().xpath("//*[@id=$name]", name=name) if name else []
    return found[0] if found else None


def buttons(scope: HtmlElement) -> list[HtmlElement]:
    return [tag for tag in scope.iter() if tag.tag in ("button", "a") or tag.get("role") == "switch"]


def label_of(tag: HtmlElement) -> str:
    # A switch is known by what everybody sees beside it; screen readers are told more.
    named_by = f"{tag.get('id')}-label" if tag.get("role") == "switch" else tag.get("aria-labelledby")
    if named_by:
        return words(by_id(tag, named_by))
    return str(tag.get("aria-label") or words(tag))


def control(scope: HtmlElement, label: str) -> HtmlElement:
    """The field with this visible label, or with this one for screen readers."""
    for tag in scope.iter("label"):
        text = re.sub(r"\s*\*$|\s*\(optional\)$", "", words(tag))
        if text == label or text.startswith(label + " "):
            found = next(_fields(scope, tag), None)
            if found is not None:
                return found
    found = next((tag for tag in scope.iter(*FIELDS) if tag.get("aria-label") == label), None)
    assert found is not None, f"no field {label!r} in: {words(scope)[:2000]}"
    return found


def _fields(scope: HtmlElement, label: HtmlElement) -> Iterator[HtmlElement]:
    if label.get("for"):
        yield from scope.xpath(".//*[@id=$name]", name=label.get("for"))
    else:
        yield from label.iter(*FIELDS)


def value_of(option: HtmlElement) -> str:
    return str(option.get("value", words(option)))


def form_values(form: HtmlElement, button: HtmlElement | None = None) -> list[tuple[str, str]]:
    """What a browser would send for the form as it is."""
    values: list[tuple[str, str]] = []
    for tag in fields_of(form):
        name, kind = tag.get("name"), tag.get("type")
        if not name or "disabled" in tag.attrib or kind in ("submit", "button", "file"):
            continue
        if kind in ("checkbox", "radio"):
            if "checked" in tag.attrib:
                values.append((name, tag.get("value", "on")))
        elif tag.tag == "select":
            options = list(tag.iter("option"))
            chosen = [option for option in options if "selected" in option.attrib]
            if not chosen and "multiple" not in tag.attrib:
                chosen = options[:1]
            values += [(name, value_of(option)) for option in chosen]
        else:
            values.append((name, tag.text_content() if tag.tag == "textarea" else tag.get("value", "")))
    if button is not None and button.get("name"):
        values.append((button.get("name"), button.get("value", "")))
    return values


def fields_of(form: HtmlElement) -> list[HtmlElement]:
    """The form's fields, also those elsewhere in the page that say they belong to it."""
    name = form.get("id")
    inside = [tag for tag in form.iter(*FIELDS) if tag.get("form") in (None, name)]
    if not name:
        return inside
    others = form.getroottree().getroot().iter(*FIELDS)
    return inside + [tag for tag in others if tag.get("form") == name and form not in tag.iterancestors()]


def put(spot: HtmlElement, fragment: HtmlElement, *, inside: bool) -> None:
    """Put the fragment's children into the spot, or where it was."""
    if inside:
        del spot[:]
        spot.text = fragment.text
        spot.extend(list(fragment))
        return
    parent = spot.getparent()
    at, children = parent.index(spot), list(fragment)
    spot.drop_tree()
    for offset, child in enumerate(children):
        parent.insert(at + offset, child)
