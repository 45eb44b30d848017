"""The newest file of a folder on an SFTP server, and the keys by which the portal and the server know each other."""

import base64
import hashlib

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from portal.feed_sources.base import Access, Ask, Fetched, Kind
from portal.guard import addresses
from portal.languages import gettext as _
from portal.languages import joined


def problem_with(text: str) -> str:
    """What is wrong with a server that was entered."""
    try:
        addresses.read(f"sftp://{text}", "sftp")
    except addresses.AddressRefused as problem:
        return joined(problem.message, problem.next_step)
    return ""


KIND = Kind(
    "csv-sftp", _("CSV over SFTP"), _("Reads the newest file of a folder. The portal makes a key pair for it."),
    (
        Ask("server", _("Server"), _("Such as files.example.com, or files.example.com:2222."), check=problem_with),
        Ask("user", _("User name")),
        Ask("folder", _("Folder"), _("Leave empty for the one that the user starts in."), optional=True),
        Ask("pattern", _("Name of the file"),
            _("Such as employees-*.csv; the newest one counts. Leave empty for *.csv."), optional=True),
        Ask("password", _("Password"), _("Leave empty to sign in with the portal’s key."), secret=True, optional=True),
    ),
    makes_key=True,
)  # fmt: skip


def new_key() -> tuple[str, str]:
    """A key pair: what is kept secret, and what goes into authorized_keys."""
    key = Ed25519PrivateKey.generate()
    kind = serialization.PrivateFormat.OpenSSH
    private = key.private_bytes(serialization.Encoding.PEM, kind, serialization.NoEncryption()).decode()
    encodings = serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
    return private, f"{key.public_key().public_bytes(*encodings).decode()} hr-portal"


def fingerprint(host_key: str) -> str:
    """The key of a server as people compare it: SHA256:…"""
    digest = hashlib.sha256(base64.b64decode(host_key.split()[1])).digest()
    return f"SHA256:{base64.b64encode(digest).decode().rstrip('=')}"


def fetch(access: Access) -> Fetched:
    """The newest file that fits. Raises SourceProblem, and HostKeyProblem for a server that nobody has confirmed."""
    # With its library, which is large: few processes ever fetch a file like this.
    from portal.feed_sources import sftp

    return sftp.fetch(access)
