"""Why no answer came, in words. Each reason says what is wrong on the way, and who can correct it."""

import ssl
from dataclasses import dataclass
from typing import Any

import requests
from urllib3.exceptions import NameResolutionError, NewConnectionError

from portal.connectors.bounded import TooLarge
from portal.languages import N_
from portal.languages import gettext as _

WAIT = _("There is nothing to do: the portal tries again.")
NETWORK = _("Ask your IT team to check the network of the portal. The portal tries again meanwhile.")
# https://docs.openssl.org/master/man3/X509_STORE_CTX_get_error/
EXPIRED, TOO_EARLY, OTHER_HOST, OTHER_ADDRESS = 10, 9, 62, 64
OF_CERTIFICATE = {
    EXPIRED: N_("%(name)s was not asked: the certificate of its server has expired."),
    TOO_EARLY: N_(
        "%(name)s was not asked: the certificate of its server is not valid yet, or the clock of the "
        "portal’s machine is wrong."
    ),
    OTHER_HOST: N_("%(name)s was not asked: the certificate of its server belongs to another address."),
    OTHER_ADDRESS: N_("%(name)s was not asked: the certificate of its server belongs to another address."),
}
UNTRUSTED = N_("%(name)s was not asked: the certificate of its server is not trusted on this machine.")


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
        next_step = _(
            "Ask your IT team to check REQUESTS_CA_BUNDLE, the clock and the network of the portal’s machine."
        )
        return Silence(
            _(words, name=name),
            next_step,
            "certificate",
            True,
            True,
        )
    code = type(error).__name__
    if isinstance(error, requests.exceptions.ProxyError):
        return Silence(
            _("The proxy on the way to %(name)s did not let the request pass.", name=name), NETWORK, "proxy", True
        )
    if isinstance(inner, NameResolutionError):
        return Silence(
            _("%(name)s cannot be reached: the name of its server is not found.", name=name), NETWORK, "DNS", True
        )
    if never_sent(error):
        return Silence(_("%(name)s cannot be reached at the moment.", name=name), WAIT, code, True)
    if isinstance(error, TooLarge):
        return Silence(
            _("%(name)s answered with far too much, so the portal stopped reading.", name=name),
            WAIT,
            "too large",
            False,
            True,
        )
    if isinstance(error, requests.exceptions.SSLError):
        return Silence(_("The portal could not make a secure connection to %(name)s.", name=name), NETWORK, code)
    if isinstance(error, requests.exceptions.ContentDecodingError):
        return Silence(_("%(name)s is not answering properly at the moment.", name=name), WAIT, code)
    return Silence(_("%(name)s did not answer in time.", name=name), WAIT, code)


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
