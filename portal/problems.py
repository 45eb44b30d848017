"""A rule of the portal says no. What views and commands show of it is on the exception."""


class Problem(Exception):
    """Something cannot be done as asked, and nothing was changed.

    message: what is wrong, for the person who asked. next_step: what that person can do.
    """

    status = 409
    title = "That cannot be done"
    next_step = ""

    def __init__(self, message: str = "", next_step: str = ""):
        super().__init__(message or (self.__doc__ or "").strip())
        self.message = str(self)
        self.next_step = next_step or self.next_step
