"""A language that nobody speaks, made of all sentences that are marked: accented, longer, in ⟦ ⟧.

What a page shows outside of these brackets is not translated. It goes by the name of Greek, which writes days, numbers
and countries: so those that stay English are seen too.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po, write_po
from lxml.html import HtmlElement

from portal.languages import catalogues

ROOT = Path(__file__).resolve().parents[2]
LANGUAGE = "el"
OPEN, CLOSE = "⟦", "⟧"
# A placeholder, a tag or an entity: no word of the sentence.
KEPT = re.compile(r"(%%|%\(\w+\)[sd]|<[^>]*>|&\w+;)")
ACCENTS = str.maketrans("aceinosuyACEINOSUY", "àçéîñöšûýÀÇÉÎÑÖŠÛÝ")
# Of these a sentence becomes longer, as others are.
FILLING = "lorem ipsum dolor sit amet consectetur "
# A sentence ends where its block ends: brackets that were cut off count no further.
BLOCKS = {
    "address", "article", "aside", "body", "button", "caption", "dd", "details", "div", "dl", "dt", "fieldset",
    "figcaption", "footer", "form", "h1", "h2", "h3", "h4", "head", "header", "label", "legend", "li", "main", "nav",
    "ol", "option", "p", "pre", "section", "select", "summary", "table", "tbody", "td", "textarea", "tfoot", "th",
    "thead", "title", "tr", "ul",
}  # fmt: skip
UNSEEN = {"script", "style", "template"}
READ_ALOUD = ("aria-label", "title", "placeholder", "alt", "data-busy", "data-label", "hx-confirm")


def marked() -> Catalog:
    """All sentences that are marked in Python and in templates, as `make languages` finds them."""
    with (ROOT / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    found = Catalog(project="account-portal")
    for name, line, message, _, context in extract_from_dir(
        ROOT, methods, options, keywords={**DEFAULT_KEYWORDS, "N_": None}
    ):
        found.add(message, locations=[(name, line)], context=context)
    return found


def in_pseudo(text: str) -> str:
    """The text in this language."""
    words = len(KEPT.sub("", text))
    longer = (FILLING * (1 + words // len(FILLING)))[: max(2, words * 2 // 5)]
    parts = [part if KEPT.fullmatch(part) else part.translate(ACCENTS) for part in KEPT.split(text)]
    return f"{OPEN}{''.join(parts)}{'' if words < 8 else ' '}{longer.strip().translate(ACCENTS)}{CLOSE}"


def collected() -> Catalog:
    """The same sentences, as `make languages` has written them down: test_catalogues.py holds the two together."""
    with (ROOT / "portal" / "languages" / "translations" / "messages.pot").open("rb") as file:
        return read_po(file)


def write(folder: Path, language: str = LANGUAGE, say=in_pseudo) -> None:
    """The catalogue of the language as a file."""
    catalogue = Catalog(locale=language)
    for message in collected():
        if message.id and isinstance(message.id, tuple):
            one, many = map(say, message.id)
            catalogue.add(message.id, (one, *[many] * (catalogue.num_plurals - 1)), context=message.context)
        elif message.id:
            catalogue.add(message.id, say(message.id), context=message.context)
    with (folder / f"{language}.po").open("wb") as file:
        write_po(file, catalogue, width=0)


@contextmanager
def spoken(folder: Path, language: str = LANGUAGE, say=in_pseudo) -> Iterator[None]:
    """Have the portal speak this language beside English, and no other."""
    write(folder, language, say)
    before = catalogues.FOLDER
    catalogues.FOLDER = folder
    catalogues.LANGUAGES[language] = "Pseudo"
    catalogues.catalogue.cache_clear()
    try:
        yield
    finally:
        catalogues.FOLDER = before
        del catalogues.LANGUAGES[language]
        catalogues.catalogue.cache_clear()


def outside(tree: HtmlElement, brackets: str = OPEN + CLOSE) -> list[str]:
    """What a person reads or hears of a page that is in no brackets, each text once."""
    return list(dict.fromkeys(text for text in _outside(tree, brackets) if re.search(r"[a-zA-Z]", text)))


def _outside(tree: HtmlElement, brackets: str) -> Iterator[str]:
    depth = 0
    for text in _texts(tree):
        if text is None:
            depth = 0
            continue
        free, depth = _free(text, depth, brackets)
        yield " ".join(free.split())
    for tag in tree.iter():
        if isinstance(tag.tag, str):
            for name in READ_ALOUD:
                yield " ".join(_free(tag.get(name, ""), 0, brackets)[0].split())
            if tag.tag == "input" and tag.get("type") in ("submit", "button"):
                yield _free(tag.get("value", ""), 0, brackets)[0]


def _texts(tag: HtmlElement) -> Iterator[str | None]:
    """The texts in their order; None where a block begins or ends."""
    if not isinstance(tag.tag, str) or tag.tag in UNSEEN or tag.get("translate") == "no":
        return
    if tag.tag in BLOCKS:
        yield None
    yield tag.text or ""
    for child in tag:
        yield from _texts(child)
        yield child.tail or ""
    if tag.tag in BLOCKS:
        yield None


def _free(text: str, depth: int, brackets: str) -> tuple[str, int]:
    """What of the text is outside, and how deep in brackets it ends."""
    kept = []
    for part in re.split(f"([{brackets}])", text):
        if part and part in brackets:
            depth = max(0, depth + (1 if part == brackets[0] else -1))
        elif not depth:
            kept.append(part)
    return " ".join(kept), depth
