"""A column for a sentence of the portal, which is shown later to people who read other languages."""

from typing import Any

from peewee import JSONField, TextField

from portal.languages import sentences


class SentenceField(TextField):
    """Text that reads as English in the database and in Python, and in the reader's language on a page.

    longest: characters that the column takes, where it is not a text column; a sentence that is longer with what it is
    made of is kept as English alone.
    """

    def __init__(self, *arguments: Any, longest: int = 0, **options: Any):
        self.longest = longest
        super().__init__(*arguments, **options)

    def db_value(self, value: Any) -> Any:
        if not isinstance(value, sentences.Said):
            return super().db_value(value.replace(sentences.HOW, "") if isinstance(value, str) else value)
        kept = sentences.stored(value)
        return kept if not self.longest or len(kept) <= self.longest else str(value)[: self.longest]

    def python_value(self, value: Any) -> Any:
        return sentences.read(value) if value else value


class SentencesField(JSONField):
    """JSON in which some of the texts are sentences, each read as that of a SentenceField."""

    def db_value(self, value: Any) -> Any:
        return super().db_value(_each(value, _kept))

    def python_value(self, value: Any) -> Any:
        return _each(super().python_value(value), _said)


def _each(value: Any, change: Any) -> Any:
    if isinstance(value, dict):
        return {name: _each(part, change) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_each(part, change) for part in value]
    return change(value) if isinstance(value, str) else value


def _kept(text: str) -> str:
    # A sentence without values is looked up as it is.
    if isinstance(text, sentences.Said):
        kept = sentences.stored(text)
        return kept if sentences.HOW in kept else f"{kept}{sentences.HOW}"
    return text.replace(sentences.HOW, "")


def _said(text: str) -> str:
    return sentences.read(text) if sentences.HOW in text else text
