"""The next part of a long answer is on its way while the present one is worked on."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar

from portal.database import connection

Part = TypeVar("Part")


def read_ahead(parts: Iterator[Part]) -> Iterator[Part]:
    """The same parts, each asked for in a thread of its own beside whatever is done with the one before it.

    What goes wrong with a part is raised in its place, once those before it are done.
    """
    context = copy_context()

    def following() -> Part | None:
        with connection():
            return next(parts, None)

    with ThreadPoolExecutor(1, thread_name_prefix="ahead") as thread:
        waiting = thread.submit(context.run, following)
        while (part := waiting.result()) is not None:
            waiting = thread.submit(context.run, following)
            yield part
