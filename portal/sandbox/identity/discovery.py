"""Where everything is, and the keys of the tokens.

https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc
"""

from flask import Blueprint, Response

from portal.sandbox.identity.answers import ANY_TENANT, SignInError, identity, json_answer, tenant_or_refuse

blueprint = Blueprint("discovery", __name__)
CLAIMS = [
    "sub", "iss", "cloud_instance_name", "cloud_instance_host_name", "cloud_graph_host_name", "msgraph_host", "aud",
    "exp", "iat", "auth_time", "acr", "nonce", "preferred_username", "name", "tid", "ver", "at_hash", "c_hash", "email",
]  # fmt: skip


@blueprint.get("/<tenant>/v2.0/.well-known/openid-configuration")
def document(tenant: str) -> Response:
    named = tenant if tenant in ANY_TENANT else tenant_or_refuse(tenant).id
    base, own = identity().issuer_base, identity().base_url
    return json_answer({
        "token_endpoint": f"{base}/{named}/oauth2/v2.0/token",
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
        "jwks_uri": f"{base}/{named}/discovery/v2.0/keys",
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "issuer": f"{base}/{'{tenantid}' if named in ANY_TENANT else named}/v2.0",
        "request_uri_parameter_supported": False,
        "userinfo_endpoint": "https://graph.microsoft.com/oidc/userinfo",
        "authorization_endpoint": f"{own}/{named}/oauth2/v2.0/authorize",
        "device_authorization_endpoint": f"{base}/{named}/oauth2/v2.0/devicecode",
        "http_logout_supported": True,
        "frontchannel_logout_supported": True,
        "end_session_endpoint": f"{own}/{named}/oauth2/v2.0/logout",
        "claims_supported": CLAIMS,
        "kerberos_endpoint": f"{base}/{named}/kerberos",
        "tenant_region_scope": "EU",
        "cloud_instance_name": "microsoftonline.com",
        "cloud_graph_host_name": "graph.windows.net",
        "msgraph_host": "graph.microsoft.com",
        "rbac_url": "https://pas.windows.net",
    })  # fmt: skip


@blueprint.get("/<tenant>/discovery/v2.0/keys")
def keys(tenant: str) -> Response:
    return json_answer(identity().signer.published())


@blueprint.get("/common/discovery/instance")
def instance() -> Response:
    """Clients that do not know this host ask which cloud it belongs to: to none of Microsoft's."""
    raise SignInError(400, "invalid_instance", 50049, "Unknown or invalid instance.")


@blueprint.post("/<tenant>/oauth2/v2.0/devicecode")
def device_code(tenant: str) -> Response:
    text = "The request body must contain the following parameter: 'client_assertion' or 'client_secret'."
    raise SignInError(401, "invalid_client", 7000218, text)
