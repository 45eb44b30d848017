"""Pictures of people, through the Directory API. Google makes each one small: 96 pixels on a side.

https://developers.google.com/workspace/admin/directory/reference/rest/v1/users.photos
"""

import base64
import binascii
from abc import ABC, abstractmethod

from portal.connectors.errors import NotFound
from portal.connectors.google_workspace import standing
from portal.connectors.google_workspace.client import DirectoryClient
from portal.connectors.google_workspace.refusals import not_as_described

# Google's page names other signs for padding; others saw "=", as in Base64 itself.
PADDING = str.maketrans("*.", "==")


class GooglePictures(ABC):
    """The Pictures of one customer."""

    @property
    @abstractmethod
    def client(self) -> DirectoryClient:
        """With what the customer is asked."""

    def picture(self, account_id: str) -> bytes | None:
        """https://developers.google.com/workspace/admin/directory/reference/rest/v1/users.photos/get"""
        with standing.about(self.client, account_id):
            try:
                sent = self.client.get_photo(account_id)["photoData"]
            except NotFound as error:
                if not _is_none(error):
                    raise
                return None
        try:
            return base64.b64decode(sent.translate(PADDING), altchars=b"-_", validate=True) or None
        except (binascii.Error, ValueError) as error:
            raise not_as_described("GET", "photoData") from error

    def set_picture(self, account_id: str, jpeg: bytes) -> None:
        """https://developers.google.com/workspace/admin/directory/reference/rest/v1/users.photos/update"""
        with standing.about(self.client, account_id):
            self.client.update_photo(account_id, {"photoData": base64.urlsafe_b64encode(jpeg).decode()})

    def clear_picture(self, account_id: str) -> None:
        """https://developers.google.com/workspace/admin/directory/reference/rest/v1/users.photos/delete"""
        with standing.about(self.client, account_id):
            try:
                self.client.delete_photo(account_id)
            except NotFound as error:
                if not _is_none(error):
                    raise


def _is_none(error: NotFound) -> bool:
    """Whether it is the picture that is missing, and not the account."""
    return error.target == "picture"
