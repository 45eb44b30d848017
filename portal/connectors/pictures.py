"""The picture of an account, which colleagues see, in the portal's words."""

from typing import Protocol

from portal.connectors.errors import NOT_OFFERED, NotOffered


class Pictures(Protocol):
    """What can be done with pictures. Every method may raise a ConnectorError. Each may be repeated."""

    def picture(self, account_id: str) -> bytes | None:
        """The picture as the application shows it, a JPEG; None when there is none."""

    def set_picture(self, account_id: str, jpeg: bytes) -> None:
        """Show this picture. Raises NoMailbox where the application keeps it in a mailbox and there is none."""

    def clear_picture(self, account_id: str) -> None:
        """Show none. No picture is done as well."""


class WithoutPictures:
    """The Pictures of an application that takes none of the portal; its capabilities say so, and nobody asks it."""

    def picture(self, account_id: str) -> bytes | None:
        raise NotOffered(NOT_OFFERED)

    def set_picture(self, account_id: str, jpeg: bytes) -> None:
        raise NotOffered(NOT_OFFERED)

    def clear_picture(self, account_id: str) -> None:
        raise NotOffered(NOT_OFFERED)
