"""What a connection signs in with: the lasting sign-in of the administrator who connected it, kept encrypted.

https://developers.google.com/identity/protocols/oauth2/web-server#offline
"""

import json
from dataclasses import dataclass, field

from portal.connectors.errors import BadCredentials
from portal.connectors.google_workspace.identity_cases import AGAIN
from portal.languages import gettext as _


@dataclass(frozen=True)
class Held:
    """refresh_token: a secret. scopes: what was granted with it. person_id, email: whose it is.

    ends: the day on which Google ends it, YYYY-MM-DD; empty when it said none.
    """

    refresh_token: str = field(repr=False)
    scopes: frozenset[str]
    person_id: str
    email: str
    ends: str = ""

    def written(self) -> str:
        return json.dumps({
            "refresh_token": self.refresh_token, "scopes": sorted(self.scopes),
            "person_id": self.person_id, "email": self.email, **({"ends": self.ends} if self.ends else {}),
        })  # fmt: skip

    @classmethod
    def read(cls, text: str) -> "Held":
        """Raises BadCredentials for what the portal did not write itself."""
        try:
            found = json.loads(text)
            return cls(
                found["refresh_token"], frozenset(found["scopes"]), found["person_id"], found["email"],
                found.get("ends", ""),
            )  # fmt: skip
        except (ValueError, KeyError, TypeError) as error:
            raise BadCredentials(
                _("The portal no longer has a sign-in for Google Workspace."), permanent=False, next_step=AGAIN
            ) from error
