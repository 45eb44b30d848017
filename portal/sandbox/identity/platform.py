"""The registered application, and what the identity platform remembers."""

import base64
import json
from dataclasses import dataclass, field
from typing import Any

import jwt
from cryptography import x509

from portal.sandbox.clock import read
from portal.sandbox.keys import Signer
from portal.sandbox.refusals import unauthorised
from portal.sandbox.state import State, Tenant, people

STAND_IN = "https://entra.invalid"
GRAPH = "https://graph.microsoft.com"
GRAPHS = (
    GRAPH, "https://graph.microsoft.us", "https://dod-graph.microsoft.us", "https://microsoftgraph.chinacloudapi.cn",
)  # fmt: skip
TOKEN_LIFE = 3599
ON_THIS_MACHINE = ("http://127.0.0.1", "http://localhost", "https://127.0.0.1", "https://localhost")


@dataclass
class Identity:
    """redirect_uris: the addresses that are registered; without any, all on this machine."""

    client_id: str
    client_secret: str
    redirect_uris: list[str]
    base_url: str = ""
    secret_expired: bool = False
    token_life: int = TOKEN_LIFE
    certificate: Any = None
    signer: Signer = field(default_factory=Signer)
    codes: dict[str, dict[str, Any]] = field(default_factory=dict)
    # Person -> the number of the rule that refuses them tokens: a key of identity.scopes.RULES.
    refusing: dict[str, int] = field(default_factory=dict)

    @property
    def issuer_base(self) -> str:
        """Plain http cannot be an issuer for Microsoft's clients, so it is named under a reserved https name."""
        return STAND_IN if self.base_url.startswith("http://") else self.base_url

    def reset(self) -> None:
        self.secret_expired, self.token_life, self.certificate = False, TOKEN_LIFE, None
        self.codes.clear()
        self.refusing.clear()

    def knows(self, redirect_uri: str) -> bool:
        if self.redirect_uris:
            return redirect_uri in self.redirect_uris
        return any(
            redirect_uri == start or redirect_uri.startswith((f"{start}:", f"{start}/")) for start in ON_THIS_MACHINE
        )

    def serves(self, scope: str) -> bool:
        """True for <Graph>/.default, at Microsoft or here."""
        resource = scope.removesuffix("/.default").rstrip("/")
        return scope.endswith("/.default") and resource in (*GRAPHS, self.base_url, STAND_IN)

    def register(self, pem: str) -> None:
        """Take a certificate for client assertions. Raises ValueError."""
        self.certificate = x509.load_pem_x509_certificate(pem.encode())

    def check_token(self, state: State, token: str) -> dict[str, Any]:
        """The claims of a token for Graph, the application's own or one of a person. Raises Refusal.

        https://learn.microsoft.com/graph/resolve-auth-errors
        """
        if not token:
            raise unauthorised("Access token is empty.")
        try:
            claims = self.signer.read(token)
        except jwt.InvalidTokenError:
            raise unauthorised("Access token validation failure. Invalid signature.") from None
        if claims.get("aud") not in (*GRAPHS, self.base_url):
            raise unauthorised("Access token validation failure. Invalid audience.")
        if claims["exp"] <= state.clock.time():
            raise unauthorised("Lifetime validation failed, the token is expired.")
        tenant = state.tenants.get(claims["tid"])
        if tenant is None:
            raise unauthorised("Access token validation failure. Invalid issuer.")
        if claims["iat"] < tenant.tokens_valid_from:
            raise unauthorised(REVOKED, challenge_for(tenant.tokens_valid_from))
        if "scp" in claims:
            _check_person(tenant, claims)
        return claims


def _check_person(tenant: Tenant, claims: dict[str, Any]) -> None:
    """A client that says it can take a challenge is told within minutes that the person's sessions ended.

    https://learn.microsoft.com/entra/identity/conditional-access/concept-continuous-access-evaluation
    """
    user = people.find(tenant, claims["oid"])
    valid_from = read(user.body["signInSessionsValidFromDateTime"]) if user else 0.0
    gone = user is None or not user.enabled
    if "cp1" in claims.get("xms_cc", ()) and (gone or claims["iat"] < valid_from - 1):
        raise unauthorised(REVOKED, challenge_for(valid_from))
    if gone:
        raise unauthorised("Access token validation failure. The user account is disabled or deleted.")


REVOKED = (
    "Continuous access evaluation resulted in challenge with result: InteractionRequired and code: "
    "TokenIssuedBeforeRevocationTimestamp"
)


def challenge_for(moment: float) -> str:
    """Asks for a newer token. https://learn.microsoft.com/entra/identity-platform/claims-challenge"""
    claims = {"access_token": {"nbf": {"essential": True, "value": str(int(moment))}}}
    coded = base64.b64encode(json.dumps(claims).encode()).decode()
    return f'error="insufficient_claims", claims="{coded}"'
