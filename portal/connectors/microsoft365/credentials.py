"""With what the portal signs in, and until when that is good.

https://learn.microsoft.com/entra/identity-platform/certificate-credentials
"""

from datetime import UTC, datetime, time

from cryptography import x509

from portal.connectors.microsoft365.settings import settings
from portal.connectors.values import Credential
from portal.languages import gettext as _

CERTIFICATE, SECRET = _("certificate"), _("client secret")
UNKNOWN = _("Expiry date unknown. Ask IT to record it.")


def credential() -> Credential:
    """The certificate and the end of its validity; else the client secret and the end that the settings state."""
    chosen = settings()
    if chosen.certificate_file is None:
        ends = chosen.client_secret_expires
        if ends is None:
            return Credential(SECRET, problem=UNKNOWN)
        return Credential(SECRET, datetime.combine(ends, time(), UTC))
    try:
        # Like msal, which signs with the first certificate of the file.
        first = x509.load_pem_x509_certificates(chosen.certificate_file.read_bytes())[0]
    except (OSError, ValueError) as error:
        return Credential(
            CERTIFICATE, problem=_("The certificate cannot be read: %(name)s.", name=type(error).__name__)
        )
    return Credential(CERTIFICATE, first.not_valid_after_utc)
