"""A rule of the portal says no. What views and commands show of it is on the exception."""

import re
from typing import Any

from portal.languages import gettext as _


class Problem(Exception):
    """Something cannot be done as asked, and nothing was changed.

    message: what is wrong, for the person who asked; a class has the words for when none are given. next_step: what
    that person can do. more: what a program is told besides, by name. The text of the exception itself is English: a
    page shows its message.
    """

    status = 409
    title: str = _("That cannot be done")
    message: str = ""
    next_step: str = ""

    def __init__(self, message: str = "", next_step: str = "", **more: Any):
        # A class of which only programs are told says it in its docstring.
        self.message = message or self.message or " ".join((self.__doc__ or "").split())
        super().__init__(str(self.message))
        self.next_step = next_step or self.next_step
        self.more = more

    @property
    def kind(self) -> str:
        """The word by which a program knows it: "nothing-to-do"."""
        return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", type(self).__name__).lower()
