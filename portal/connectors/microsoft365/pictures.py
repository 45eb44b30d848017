"""Pictures of people, through Graph: https://learn.microsoft.com/graph/api/resources/profilephoto"""

from portal.connectors.errors import NoMailbox, NotFound
from portal.connectors.microsoft365.client import GraphClient, user_path
from portal.connectors.microsoft365.fresh import FRESH
from portal.connectors.values import Permission
from portal.languages import gettext as _

# To write one, User.ReadWrite.All is enough; to see what was written, it is not.
# https://learn.microsoft.com/graph/api/profilephoto-get
PERMISSION = Permission(("ProfilePhoto.ReadWrite.All",), _("set pictures"), required=False, only_if_used=True)


class GraphPictures:
    """The Pictures of one tenant."""

    graph: GraphClient

    def picture(self, account_id: str) -> bytes | None:
        """https://learn.microsoft.com/graph/api/profilephoto-get: the largest size; 404 where there is none."""
        try:
            return self.graph.file(_path(account_id))
        except NoMailbox:
            return None
        except NotFound:
            # No picture; unless the account itself is gone.
            with FRESH.known(account_id):
                self.graph.get_user(account_id)
            return None

    def set_picture(self, account_id: str, jpeg: bytes) -> None:
        """https://learn.microsoft.com/graph/api/profilephoto-update"""
        with FRESH.known(account_id):
            self.graph.send_file(_path(account_id), jpeg, "image/jpeg")

    def clear_picture(self, account_id: str) -> None:
        """https://learn.microsoft.com/graph/api/profilephoto-delete"""
        try:
            self.graph.call("DELETE", _path(account_id))
        except (NoMailbox, NotFound):
            self.graph.get_user(account_id)


def _path(account_id: str) -> str:
    return f"{user_path(account_id)}/photo/$value"
