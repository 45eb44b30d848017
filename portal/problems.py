"""A rule of the portal says no. What views and commands show of it is on the exception."""

import re
from typing import Any


class Problem(Exception):
    """Something cannot be done as asked, and nothing was changed.

    message: what is wrong, for the person who asked. next_step: what that person can do. more: what a program is told
    besides, by name.
    """

    status = 409
    title = "That cannot be done"
    next_step = ""

    def __init__(self, message: str = "", next_step: str = "", **more: Any):
        super().__init__(message or " ".join((self.__doc__ or "").split()))
        self.message = str(self)
        self.next_step = next_step or self.next_step
        self.more = more

    @property
    def kind(self) -> str:
        """The word by which a program knows it: "nothing-to-do"."""
        return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", type(self).__name__).lower()
