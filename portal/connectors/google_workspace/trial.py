"""The settings that the operator made for Google, tried before an organisation connects.

https://developers.google.com/identity/protocols/oauth2/web-server
"""

from urllib.parse import urlsplit

from portal.connectors.base import Connector
from portal.connectors.errors import BadCredentials, SignInFailed, TryLater
from portal.connectors.google_workspace import identity
from portal.connectors.google_workspace.settings import settings

# Not a code of Google's: when Google refuses it as a code, it has accepted the portal's id and secret.
NO_CODE = "a-code-that-nobody-gave"
TESTING = (
    "If sign-ins end after seven days, the application is still in Testing: publish it in the Google Cloud console, "
    "under Google Auth Platform > Audience."
)


def examine(connected: Connector | None) -> str:
    """Whether Google's services answer and take the portal's registration, as sentences. Raises ConnectorError."""
    if missing := settings().needed:
        raise BadCredentials(f"Not set: {' and '.join(missing)}.", next_step="")
    identity.discovery()
    _try_registration()
    _reach(settings().api_url)
    names = {
        urlsplit(url).hostname: None for url in (settings().accounts_url, settings().token_url, settings().api_url)
    }
    words = f"{', '.join(filter(None, names))} {'answer' if len(names) > 1 else 'answers'}."
    words += " Google takes the portal's client id and secret."
    if connected is None:
        return f"{words} No company has connected it yet."
    try:
        connected.granted()
    except BadCredentials as error:
        if not error.code.startswith("invalid_grant"):
            raise
        raise error.worded(error.message, next_step=f"{error.next_step} {TESTING}") from error
    return f"{words} The sign-in of the company that was connected last still works."


def _try_registration() -> None:
    form = {"grant_type": "authorization_code", "code": NO_CODE, "redirect_uri": "https://portal.invalid/"}
    try:
        identity.token(form)
    except SignInFailed:
        return
    except BadCredentials as error:
        if error.code == "redirect_uri_mismatch":
            return
        raise


def _reach(address: str) -> None:
    """Google has nothing to show without a token: that it says so is its answer. Raises TryLater."""
    status = identity.send("GET", f"{address}/admin/directory/v1/customers/my_customer").status_code
    if status not in (401, 403):
        raise TryLater(f"{address} answers {status}, as Google does not.", next_step="Check PORTAL_GOOGLE_API_URL.")
