"""Where everything is, and the keys of the id_tokens.

https://accounts.google.com/.well-known/openid-configuration
"""

from flask import Blueprint, Response, abort, request

from portal.sandbox.google.accounts.answers import client, json_answer, state
from portal.sandbox.google.accounts.client import ISSUER
from portal.sandbox.google.description import DOCUMENTS, document

blueprint = Blueprint("discovery", __name__)
CACHED = "public, max-age=19800, must-revalidate, no-transform"
GOOGLES = (".googleapis.com", ".google.com")


def _base(own: str) -> str:
    """The address by which we were reached, or Google's own for who believes to be there."""
    host = request.host.partition(":")[0]
    return own if host.endswith(GOOGLES) else request.host_url.rstrip("/")


@blueprint.get("/.well-known/openid-configuration")
def configuration() -> Response:
    accounts, tokens = _base("https://accounts.google.com"), _base("https://oauth2.googleapis.com")
    return json_answer({
        "issuer": ISSUER,
        "authorization_endpoint": f"{accounts}/o/oauth2/v2/auth",
        "device_authorization_endpoint": f"{tokens}/device/code",
        "token_endpoint": f"{tokens}/token",
        "userinfo_endpoint": f"{_base('https://openidconnect.googleapis.com')}/v1/userinfo",
        "revocation_endpoint": f"{tokens}/revoke",
        "jwks_uri": f"{_base('https://www.googleapis.com')}/oauth2/v3/certs",
        "response_types_supported": [
            "code", "token", "id_token", "code token", "code id_token", "token id_token", "code token id_token", "none",
        ],
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid", "email", "profile"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "claims_supported": ["aud", "email", "email_verified", "exp", "family_name", "given_name", "iat", "iss", "name",
                             "picture", "sub"],
        "code_challenge_methods_supported": ["plain", "S256"],
        "grant_types_supported": ["authorization_code", "refresh_token",
                                  "urn:ietf:params:oauth:grant-type:device_code",
                                  "urn:ietf:params:oauth:grant-type:jwt-bearer"],
    }, cache=CACHED)  # fmt: skip


@blueprint.get("/oauth2/v3/certs")
def keys() -> Response:
    return json_answer(client().signer.published(), cache=CACHED)


@blueprint.get("/oauth2/v1/certs")
def certificates() -> Response:
    return json_answer({client().signer.key_id: client().certificate(state().clock.time())}, cache=CACHED)


@blueprint.get("/$discovery/rest")
def described_at_host() -> Response:
    """Google answers at each API's own host; here the version tells which is meant, and v1 is Licensing's."""
    version = request.args.get("version", "")
    return _described(next((key for key in DOCUMENTS if key[1] == version), ("", version)))


@blueprint.get("/discovery/v1/apis/<api>/<version>/rest")
def described(api: str, version: str) -> Response:
    return _described((api, version))


def _described(key: tuple[str, str]) -> Response:
    """A description whose addresses are ours."""
    if key not in DOCUMENTS:
        abort(404)
    found = document(DOCUMENTS[key])
    root = _base(found["rootUrl"].rstrip("/")) + "/"
    base = root + found["servicePath"]
    return json_answer({**found, "rootUrl": root, "baseUrl": base, "mtlsRootUrl": root})
