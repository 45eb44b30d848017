"""Client assertions: the application proves itself by its certificate.

https://learn.microsoft.com/entra/identity-platform/certificate-credentials
"""

import jwt

from portal.sandbox.identity.answers import SignInError, identity, state

KIND = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LEEWAY = 300


def check_assertion(assertion: str, tenant: str) -> None:
    """Raises SignInError unless the assertion is fresh, for us, and signed with the registered certificate."""
    certificate, client_id = identity().certificate, identity().client_id
    if certificate is None:
        text = f"Client assertion failed signature validation: no certificate is registered for app '{client_id}'."
        raise SignInError(401, "invalid_client", 700027, text)
    try:
        claims = jwt.decode(
            assertion, certificate.public_key(), algorithms=["PS256", "RS256"],
            options={"verify_aud": False, "verify_exp": False, "verify_nbf": False, "verify_iat": False},
        )  # fmt: skip
    except jwt.InvalidTokenError:
        raise SignInError(401, "invalid_client", 700027, "Client assertion failed signature validation.") from None
    bases = (identity().issuer_base, identity().base_url)
    audiences = {
        f"{base}/{name}{end}" for base in bases for name in _names(tenant) for end in ("/oauth2/v2.0/token", "/v2.0")
    }
    if claims.get("aud") not in audiences:
        raise SignInError(
            401, "invalid_client", 50027, "JWT token is invalid or malformed: the audience is not this endpoint."
        )
    if claims.get("iss") != client_id or claims.get("sub") != client_id:
        raise SignInError(
            401,
            "invalid_client",
            700021,
            "Client assertion application identifier doesn't match 'client_id' parameter.",
        )
    moment = state().clock.time()
    if not claims.get("exp") or claims["exp"] < moment - LEEWAY or claims.get("nbf", 0) > moment + LEEWAY:
        raise SignInError(401, "invalid_client", 700024, "Client assertion is not within its valid time range.")


def _names(tenant: str) -> set[str]:
    """The tenant as it may be named in the audience."""
    found = {tenant}
    try:
        home = state().tenant_named(tenant)
    except KeyError:
        return found
    return found | {home.id, *(domain["id"] for domain in home.domains)}
