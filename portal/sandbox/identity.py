"""The identity platform: discovery, sign-in page, consent page, tokens.

https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow
https://learn.microsoft.com/entra/identity-platform/v2-admin-consent
"""

from dataclasses import dataclass, field
from urllib.parse import urlencode

from flask import Blueprint, current_app, jsonify, redirect, render_template, request, session

from portal.sandbox.state import State, Tenant, new_id
from portal.sandbox.tokens import Signer, fresh_code

PERMISSIONS = [
    "User.ReadWrite.All", "User.Read.All", "User.EnableDisableAccount.All", "User-PasswordProfile.ReadWrite.All",
    "User.RevokeSessions.All", "User.DeleteRestore.All", "LicenseAssignment.ReadWrite.All",
    "LicenseAssignment.Read.All", "Organization.Read.All", "Domain.Read.All", "Group.Read.All",
    "GroupMember.ReadWrite.All", "Directory.Read.All",
    "Mail.Send", "MailboxSettings.ReadWrite", "UserAuthMethod-TAP.ReadWrite.All",
]  # fmt: skip
CODE_LIFE, TOKEN_LIFE = 600, 3599
ANY_TENANT = ("organizations", "common")
STAND_IN = "https://entra.invalid"

blueprint = Blueprint("identity", __name__)


@dataclass
class Identity:
    """The registered application, the codes under way, and the key."""

    client_id: str
    client_secret: str
    redirect_uris: list[str]
    base_url: str
    secret_expired: bool = False
    codes: dict[str, dict] = field(default_factory=dict)
    signer: Signer = field(default_factory=Signer)

    @property
    def issuer_base(self) -> str:
        """Plain http cannot be an issuer for msal, so it is named under a reserved https name."""
        return STAND_IN if self.base_url.startswith("http://") else self.base_url

    def knows(self, redirect_uri: str) -> bool:
        local = redirect_uri.startswith(
            ("http://127.0.0.1", "http://localhost", "https://127.0.0.1", "https://localhost")
        )
        return redirect_uri in self.redirect_uris or (not self.redirect_uris and local)


class SignInError(Exception):
    """The token endpoint says no. number: the AADSTS code."""

    def __init__(self, status: int, error: str, number: int, text: str):
        super().__init__(text)
        self.status, self.error, self.number, self.text = status, error, number, text


def identity() -> Identity:
    return current_app.extensions["identity"]


def state() -> State:
    return current_app.extensions["state"]


def tenant_or_refuse(name: str) -> Tenant:
    try:
        return state().tenant_named(name)
    except KeyError:
        raise SignInError(400, "invalid_tenant", 90002, f"Tenant '{name}' not found.") from None


@blueprint.app_errorhandler(SignInError)
def refuse(error: SignInError):
    trace, date = new_id(), state().clock.now().replace("T", " ")
    text = f"AADSTS{error.number}: {error.text}\r\nTrace ID: {trace}\r\nCorrelation ID: {trace}\r\nTimestamp: {date}"
    body = {
        "error": error.error, "error_description": text, "error_codes": [error.number], "timestamp": date,
        "trace_id": trace, "correlation_id": trace, "error_uri": f"https://login.microsoftonline.com/error?code={error.number}",
    }  # fmt: skip
    return jsonify(body), error.status


@blueprint.get("/<tenant>/v2.0/.well-known/openid-configuration")
def discovery(tenant: str):
    named = tenant if tenant in ANY_TENANT else tenant_or_refuse(tenant).id
    base, own = identity().issuer_base, identity().base_url
    return jsonify(
        issuer=f"{base}/{'{tenantid}' if named in ANY_TENANT else named}/v2.0",
        authorization_endpoint=f"{own}/{named}/oauth2/v2.0/authorize",
        token_endpoint=f"{base}/{named}/oauth2/v2.0/token",
        jwks_uri=f"{base}/{named}/discovery/v2.0/keys",
        end_session_endpoint=f"{own}/{named}/oauth2/v2.0/logout",
        device_authorization_endpoint=f"{base}/{named}/oauth2/v2.0/devicecode",
        userinfo_endpoint="https://graph.microsoft.com/oidc/userinfo",
        response_modes_supported=["query", "fragment", "form_post"],
        response_types_supported=["code", "id_token", "code id_token", "id_token token"],
        scopes_supported=["openid", "profile", "email", "offline_access"],
        subject_types_supported=["pairwise"],
        id_token_signing_alg_values_supported=["RS256"],
        token_endpoint_auth_methods_supported=["client_secret_post", "private_key_jwt", "client_secret_basic"],
        claims_supported=[
            "sub",
            "iss",
            "aud",
            "exp",
            "iat",
            "nonce",
            "preferred_username",
            "name",
            "tid",
            "oid",
            "email",
        ],
        request_uri_parameter_supported=False,
        http_logout_supported=True,
        frontchannel_logout_supported=True,
        tenant_region_scope="EU",
        cloud_instance_name="microsoftonline.com",
        cloud_graph_host_name="graph.windows.net",
        msgraph_host="graph.microsoft.com",
    )


@blueprint.get("/<tenant>/discovery/v2.0/keys")
def keys(tenant: str):
    return jsonify(identity().signer.keys())


def _check_client(redirect_uri: str) -> str | None:
    if request.args.get("client_id") != identity().client_id:
        return "AADSTS700016: Application was not found in the directory."
    if not identity().knows(redirect_uri):
        return "AADSTS50011: The redirect URI specified in the request does not match the ones configured."
    return None


def _people(tenant: str) -> list[tuple[Tenant, list[dict]]]:
    chosen = list(state().tenants.values()) if tenant in ANY_TENANT else [tenant_or_refuse(tenant)]
    return [(item, [user for user in item.live() if user["userType"] == "Member"][:12]) for item in chosen]


@blueprint.get("/<tenant>/oauth2/v2.0/authorize")
def authorize(tenant: str):
    problem = _check_client(request.args.get("redirect_uri", ""))
    if problem:
        return render_template(
            "sandbox/message.html", title="Sorry, but we’re having trouble signing you in", text=problem
        ), 400
    return _sign_in_page(tenant)


def _sign_in_page(tenant: str, problem: str = "", status: int = 200, changing: str = ""):
    return (
        render_template("sandbox/sign_in.html", people=_people(tenant), problem=problem, changing=changing,
                        action=request.full_path),
        status,
    )  # fmt: skip


@blueprint.post("/<tenant>/oauth2/v2.0/authorize")
def signed_in(tenant: str):
    person = _person_of_form(tenant)
    if isinstance(person, str):
        return _sign_in_page(tenant, person, 200, request.form.get("username", "") if "change" in person else "")
    home, user = person
    session["person"] = [home.id, user["id"]]
    code = fresh_code()
    identity().codes[code] = {
        "tenant": home.id, "user": user["id"], "at": state().clock.time(),
        **{name: request.args.get(name, "") for name in ("redirect_uri", "nonce", "code_challenge", "scope")},
    }  # fmt: skip
    return _back({"code": code, "state": request.args.get("state", ""), "session_state": new_id()})


def _person_of_form(tenant: str) -> tuple[Tenant, dict] | str:
    """Who signed in, or why not."""
    name = request.form.get("pick") or request.form.get("username", "")
    for home, _ in _people(tenant):
        user = home.find(name)
        if user is None:
            continue
        if not user["accountEnabled"]:
            return "AADSTS50057: Your account has been locked. Contact your support person to unlock it."
        if not request.form.get("pick"):
            if request.form.get("password") != user["_password"]:
                return "AADSTS50126: Your account or password is incorrect."
            if user["_mustChange"]:
                fresh = request.form.get("new_password", "")
                if not fresh or fresh == user["_password"]:
                    return "You need to change your password because this is the first time you are signing in."
                user["_password"], user["_mustChange"] = fresh, False
                state().keep(home, user)
        return home, user
    return "We couldn’t find an account with that username."


def _back(answer: dict[str, str]):
    redirect_uri = request.args["redirect_uri"]
    if request.args.get("response_mode") == "form_post":
        return render_template("sandbox/form_post.html", action=redirect_uri, values=answer)
    return redirect(f"{redirect_uri}{'&' if '?' in redirect_uri else '?'}{urlencode(answer)}")


@blueprint.get("/<tenant>/v2.0/adminconsent")
@blueprint.get("/<tenant>/adminconsent")
def ask_consent(tenant: str):
    problem = _check_client(request.args.get("redirect_uri", ""))
    if problem:
        return render_template(
            "sandbox/message.html", title="Sorry, but we’re having trouble signing you in", text=problem
        ), 400
    home, user = _consenting(tenant)
    if user is None:
        return _sign_in_page(tenant)
    return render_template(
        "sandbox/consent.html", tenant=home, user=user, permissions=PERMISSIONS, action=request.full_path,
        allowed="Global Administrator" in user["_roles"],
    )  # fmt: skip


def _consenting(tenant: str) -> tuple[Tenant | None, dict | None]:
    """The signed-in person, if they belong to the tenant that is asked."""
    home_id, user_id = session.get("person", (None, None))
    home = state().tenants.get(home_id or "")
    if home is None or (tenant not in ANY_TENANT and tenant_or_refuse(tenant).id != home.id):
        return None, None
    return home, home.find(user_id)


@blueprint.post("/<tenant>/v2.0/adminconsent")
@blueprint.post("/<tenant>/adminconsent")
def consent(tenant: str):
    if "answer" not in request.form:
        person = _person_of_form(tenant)
        if isinstance(person, str):
            return _sign_in_page(tenant, person)
        session["person"] = [person[0].id, person[1]["id"]]
        return redirect(request.full_path, 303)
    home, user = _consenting(tenant)
    if home is None or user is None:
        return redirect(request.full_path, 303)
    if request.form["answer"] != "accept" or "Global Administrator" not in user["_roles"]:
        text = "AADSTS65004: User declined to consent to access the app."
        return _back({"error": "access_denied", "error_description": text, "state": request.args.get("state", "")})
    with state().lock:
        home.granted, home.known = sorted(PERMISSIONS), True
        state().keep_tenant(home)
    answer = {"admin_consent": "True", "tenant": home.id, "state": request.args.get("state", "")}
    return _back({**answer, "scope": request.args["scope"]} if "scope" in request.args else answer)
