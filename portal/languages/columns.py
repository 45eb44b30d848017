"""A column for a sentence of the portal, which is shown later to people who read other languages."""

from typing import Any

from peewee import TextField

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
            return super().db_value(value)
        kept = sentences.stored(value)
        return kept if not self.longest or len(kept) <= self.longest else str(value)[: self.longest]

    def python_value(self, value: Any) -> Any:
        return sentences.read(value) if value else value
