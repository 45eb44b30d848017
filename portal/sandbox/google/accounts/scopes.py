"""What an application may ask for.

https://developers.google.com/identity/protocols/oauth2/scopes
"""

from functools import lru_cache

from portal.sandbox.google.description import DOCUMENTS, document

PREFIX = "https://www.googleapis.com/auth/"
# Short names of sign-in scopes, and the names under which they are granted.
SIGN_IN = {
    "openid": "openid", "email": f"{PREFIX}userinfo.email", "profile": f"{PREFIX}userinfo.profile",
    f"{PREFIX}userinfo.email": f"{PREFIX}userinfo.email", f"{PREFIX}userinfo.profile": f"{PREFIX}userinfo.profile",
}  # fmt: skip
GRANTED_SIGN_IN = frozenset(SIGN_IN.values())
ALSO = {
    f"{PREFIX}cloud-platform": "See, edit, configure, and delete your Google Cloud data",
    f"{PREFIX}admin.directory.user.readonly": "See info about users on your domain",
    f"{PREFIX}admin.directory.resource.calendar": "View and manage the provisioning of calendar resources",
    f"{PREFIX}cloud-identity.groups": "See, change, create, and delete any Cloud Identity Groups",
    f"{PREFIX}gmail.settings.basic": "See, edit, create, or change your email settings and filters in Gmail",
    f"{PREFIX}calendar": "See, edit, share, and permanently delete all the calendars you can access",
    f"{PREFIX}drive": "See, edit, create, and delete all of your Google Drive files",
}  # fmt: skip


@lru_cache(maxsize=1)
def known() -> dict[str, str]:
    """Each scope that is no sign-in scope, and what the consent page says of it."""
    found = dict(ALSO)
    for name in DOCUMENTS.values():
        scopes = document(name)["auth"]["oauth2"]["scopes"]
        found.update({scope: node["description"] for scope, node in scopes.items()})
    return {scope: words for scope, words in found.items() if scope not in SIGN_IN}


def read(text: str) -> list[str]:
    """The scopes of a request, by the names under which they are granted, in its order. Raises KeyError."""
    found = []
    for scope in dict.fromkeys(text.split()):
        if scope not in SIGN_IN and scope not in known():
            raise KeyError(scope)
        found.append(SIGN_IN.get(scope, scope))
    return list(dict.fromkeys(found))
