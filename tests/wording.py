"""Words that the portal does not use, and what to write instead: one on each line of forbidden-words.csv.

`word` is a pattern for whole words; with a capital letter in it, case counts. `where` says what the rule covers:

- `HR pages`: emails, and all pages except those of an IT administrator
- `pages`: every page, email and message, and the documents
- `everywhere`: all of these, and docstrings and comments
"""

import csv
import re
from dataclasses import dataclass
from email.message import EmailMessage
from functools import lru_cache
from pathlib import Path

from lxml.html import HtmlElement

from tests.pages import tree_of

HR_PAGES, PAGES, EVERYWHERE = "HR pages", "pages", "everywhere"
# Only an IT administrator needs these: they are about the tenant itself.
IT_PAGES = ("/settings/add-ons",)
SPOKEN = frozenset(("alt", "aria-label", "placeholder", "title"))
NOT_PROSE = frozenset(("code", "pre", "script", "style", "template", "textarea"))
WITHIN_A_SENTENCE = frozenset(("a", "abbr", "b", "em", "i", "mark", "small", "span", "strong", "time", "u"))


@dataclass(frozen=True)
class Word:
    word: str
    better: str
    where: str
    why: str

    @property
    def pattern(self) -> str:
        pattern = rf"\b(?:{self.word})(?!\w)"
        return pattern if re.search("[A-Z]", self.word) else f"(?i:{pattern})"


def _read() -> list[Word]:
    with (Path(__file__).parent / "forbidden-words.csv").open(encoding="utf-8", newline="") as file:
        return [Word(**row) for row in csv.DictReader(file)]


WORDS = _read()


def _any_of(*where: str) -> re.Pattern[str]:
    return re.compile("|".join(word.pattern for word in WORDS if word.where in where))


_FORBIDDEN = {
    EVERYWHERE: _any_of(EVERYWHERE),
    PAGES: _any_of(EVERYWHERE, PAGES),
    HR_PAGES: _any_of(EVERYWHERE, PAGES, HR_PAGES),
}


def problems(sentences: list[str], where: str) -> list[str]:
    """What is wrong with these sentences in such a place: the word, the sentence, and what to write instead."""
    return [problem for sentence in sentences for problem in _in_sentence(sentence, where)]


@lru_cache(maxsize=50_000)
def _in_sentence(sentence: str, where: str) -> tuple[str, ...]:
    """The same of one sentence: most of them are on many pages."""
    return tuple(_problem(found[0], sentence) for found in _FORBIDDEN[where].finditer(sentence))


def _problem(found: str, sentence: str) -> str:
    word = next(word for word in WORDS if re.fullmatch(word.pattern, found))
    return f"{found!r} in “{sentence}”: write {word.better} ({word.why})"


def on_page(tree: HtmlElement, path: str) -> list[str]:
    """What is wrong with the words of the page or fragment at this address."""
    return problems(sentences_of(tree), PAGES if path.startswith(IT_PAGES) else HR_PAGES)


def in_mail(message: EmailMessage) -> list[str]:
    """What is wrong with the words of an email: its subject, its text and its HTML."""
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    sentences = [str(message["Subject"]), *(text.get_content().split("\n") if text else [])]
    read = sentences_of(tree_of(html.get_content())) if html else []
    return problems([*sentences, *read], HR_PAGES)


def sentences_of(tree: HtmlElement) -> list[str]:
    """What a person reads or hears of a page: each paragraph, cell and label, and the attributes that are spoken."""
    read: list[str] = [""]
    spoken: list[str] = []
    _gather(tree, read, spoken)
    return [text for part in (*read, *spoken) if (text := " ".join(part.split()))]


def _gather(tag: HtmlElement, read: list[str], spoken: list[str]) -> None:
    if text := tag.text:
        read[-1] += text
    for child in tag:
        kind = child.tag
        # A comment's tag is a function.
        if isinstance(kind, str) and kind not in NOT_PROSE:
            spoken += [child.get(name) for name in sorted(SPOKEN.intersection(child.keys()))]
            apart = kind not in WITHIN_A_SENTENCE
            if apart:
                read.append("")
            _gather(child, read, spoken)
            if apart:
                read.append("")
        if text := child.tail:
            read[-1] += text
