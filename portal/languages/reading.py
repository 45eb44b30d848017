"""Whose language is spoken at the moment. Pages say it of their reader, mails of their receiver; else it is English."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

ENGLISH = "en"

_spoken: ContextVar[str | None] = ContextVar("spoken", default=None)
_of_reader: list[Callable[[], str]] = []


def current() -> str:
    """The key of the language that is spoken now, one of catalogues.LANGUAGES."""
    return _spoken.get() or (_of_reader[0]() if _of_reader else ENGLISH)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Say everything in this language meanwhile: the person who receives a mail is not the one who asked for it."""
    before = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(before)


def spoken_by(user: Any) -> str:
    """The key of the language in which a user of the portal reads what the portal writes without being asked."""
    return user.language or user.organisation.language or ENGLISH


def ask(of_reader: Callable[[], str]) -> None:
    """Have this function say in which language a page is."""
    _of_reader[:] = [of_reader]
