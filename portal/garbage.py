"""How often Python looks for objects that are not used any more and refer to each other.

https://docs.python.org/3/library/gc.html
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

# Python's own first number is 700, with which it spends a fourth of its time on a large import looking in vain.
SELDOM = (20_000, 20, 20)


def look_seldom() -> None:
    """For processes of ours, which make many objects and few circles of them."""
    gc.set_threshold(*SELDOM)


@contextmanager
def loading() -> Iterator[None]:
    """What is loaded within it stays as long as the process, and is never looked through."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
