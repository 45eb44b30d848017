"""Why no answer came, in words. Each reason says what is wrong on the way, and who can correct it."""

import ssl
from dataclasses import dataclass
from typing import Any

import requests
from urllib3.exceptions import NameResolutionError, NewConnectionError

from portal.connectors.bounded import TooLarge

WAIT = "Nothing to do: the portal tries again."
NETWORK = "Ask your IT team to check the network of the portal. The portal tries again meanwhile."
# https://docs.openssl.org/master/man3/X509_STORE_CTX_get_error/
EXPIRED, TOO_EARLY, OTHER_HOST, OTHER_ADDRESS = 10, 9, 62, 64
OF_CERTIFICATE = {
    EXPIRED: "has expired",
    TOO_EARLY: "is not valid yet: the clock of the portal’s machine may be wrong",
    OTHER_HOST: "belongs to another address",
    OTHER_ADDRESS: "belongs to another address",
}
UNTRUSTED = "is not trusted on this machine"


@dataclass(frozen=True)
class Silence:
    """message, next_step: for a person. code: for the small print. certain: the request was certainly not carried out.

    hopeless: asking again at once would end the same way.
    """

    message: str
    next_step: str
    code: str
    certain: bool = False
    hopeless: bool = False


def reason(error: requests.RequestException, name: str) -> Silence:
    """Why the application of this name gave no answer that can be used."""
    inner = _reason(error)
    if (refused := _certificate_error(error)) is not None:
        words = OF_CERTIFICATE.get(refused.verify_code, UNTRUSTED)
        next_step = "Ask your IT team to check REQUESTS_CA_BUNDLE, the clock and the network of the portal’s machine."
        return Silence(
            f"{name} was not asked: the certificate of its server {words}.", next_step, "certificate", True, True
        )
    code = type(error).__name__
    if isinstance(error, requests.exceptions.ProxyError):
        return Silence(f"The proxy on the way to {name} did not let the request pass.", NETWORK, "proxy", True)
    if isinstance(inner, NameResolutionError):
        return Silence(f"{name} cannot be reached: the name of its server is not found.", NETWORK, "DNS", True)
    if never_sent(error):
        return Silence(f"{name} cannot be reached at the moment.", WAIT, code, True)
    if isinstance(error, TooLarge):
        return Silence(
            f"{name} answered with far too much, so the portal stopped reading.", WAIT, "too large", False, True
        )
    if isinstance(error, requests.exceptions.SSLError):
        return Silence(f"No secure connection to {name} came about.", NETWORK, code)
    if isinstance(error, requests.exceptions.ContentDecodingError):
        return Silence(f"{name} is not answering properly at the moment.", WAIT, code)
    return Silence(f"{name} did not answer in time.", WAIT, code)


def never_sent(error: requests.RequestException) -> bool:
    """True when no connection came about, so that the request cannot have been carried out."""
    if isinstance(error, requests.ConnectTimeout | requests.exceptions.ProxyError):
        return True
    return isinstance(_reason(error), NewConnectionError) or _certificate_error(error) is not None


def _certificate_error(error: requests.RequestException) -> ssl.SSLCertVerificationError | None:
    inner = _reason(error)
    found = (item for item in (inner, *getattr(inner, "args", ())) if isinstance(item, ssl.SSLCertVerificationError))
    return next(found, None)


def _reason(error: requests.RequestException) -> Any:
    inner = error.args[0] if error.args else None
    return getattr(inner, "reason", inner)
