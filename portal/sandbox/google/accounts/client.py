"""The registered application of the portal's operator, as Google Cloud's console has it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import NameOID

from portal.sandbox.google import unverified
from portal.sandbox.keys import Signer

ON_THIS_MACHINE = ("http://127.0.0.1", "http://localhost", "https://127.0.0.1", "https://localhost")
TOKEN_LIFE = 3599
ISSUER = "https://accounts.google.com"


@dataclass
class Client:
    """redirect_uris: the addresses that are registered; without any, all on this machine.

    testing: publishing status, in which refresh tokens hold for seven days. deleted: the client is gone.
    disabled_apis: hosts whose API nobody enabled. issuer: as id_tokens spell it. policy_comes_back: refusals of an
    administrator's policy arrive at the redirect address instead of staying on Google's page. reauth: what refreshes
    say while Google Cloud session control has ended them, "" for nothing. suspended: error and text of the
    refresh of somebody suspended. rotates: each refresh gives a new refresh token and ends the old one. unsaid: names
    that are left out of the token endpoint's answers.
    """

    client_id: str
    client_secret: str
    redirect_uris: list[str]
    name: str = "Account Portal"
    base_url: str = ""
    testing: bool = False
    deleted: bool = False
    internal: bool = False
    token_life: int = TOKEN_LIFE
    issuer: str = ISSUER
    policy_comes_back: bool = False
    reauth: str = ""
    suspended: tuple[str, str] = unverified.SUSPENDED_AT_REFRESH
    withhold_refresh: bool = False
    rotates: bool = False
    disabled_apis: set[str] = field(default_factory=set)
    unsaid: set[str] = field(default_factory=set)
    signer: Signer = field(default_factory=Signer)
    codes: dict[str, dict[str, object]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.first_secret = self.client_secret

    def reset(self) -> None:
        self.client_secret = self.first_secret
        self.testing = self.deleted = self.internal = self.policy_comes_back = self.withhold_refresh = False
        self.rotates = False
        self.token_life, self.issuer, self.reauth = TOKEN_LIFE, ISSUER, ""
        self.suspended = unverified.SUSPENDED_AT_REFRESH
        self.disabled_apis.clear()
        self.unsaid = set()
        self.codes.clear()

    def knows(self, redirect_uri: str) -> bool:
        """Whether this very address is registered."""
        if self.redirect_uris:
            return redirect_uri in self.redirect_uris
        return any(
            redirect_uri == start or redirect_uri.startswith((f"{start}:", f"{start}/")) for start in ON_THIS_MACHINE
        )

    def certificate(self, moment: float) -> str:
        """A certificate of the signing key, as PEM: the older form of the published keys."""
        key = self.signer.key
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "federated-signon.system.gserviceaccount.com")])
        now = datetime.fromtimestamp(moment, UTC)
        made = (
            x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
            .serial_number(365).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=16))
            .sign(key, hashes.SHA256())
        )  # fmt: skip
        return made.public_bytes(serialization.Encoding.PEM).decode()
