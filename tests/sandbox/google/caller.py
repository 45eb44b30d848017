"""A client of Google's APIs for tests: the registered application with somebody's grant."""

import base64
import hashlib
import secrets
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import requests

from tests.sandbox.google.process import PREFIX, GoogleProcess

BACK = "http://localhost/back"
SCOPES = (
    "admin.directory.user", "admin.directory.domain.readonly", "admin.directory.customer.readonly",
    "admin.directory.orgunit.readonly", "admin.directory.group.readonly", "admin.directory.group.member",
    "admin.directory.user.security", "admin.directory.rolemanagement.readonly", "admin.directory.userschema",
    "apps.licensing", "admin.reports.audit.readonly", "admin.reports.usage.readonly",
)  # fmt: skip
GRACE, SAM, URI = "grace.hopper@acme.example", "sam.second@acme.example", "uri.admin@acme.example"
DIRECTORY = "/admin/directory/v1"


class GoogleCaller:
    """caller("GET", "/users/x") asks the Directory API with the token that `sign_in` fetched."""

    def __init__(self, google: GoogleProcess):
        self.google = google
        self.session = requests.Session()
        self.session.trust_env = False
        self.token = self.refresh_token = ""

    def address(self, *scopes: str, **changes: str) -> str:
        """Where the browser is sent to sign in. changes: parameters that differ from the usual ones."""
        wanted = [f"{PREFIX}{scope}" for scope in scopes or SCOPES]
        self.verifier = secrets.token_urlsafe(48)
        digest = hashlib.sha256(self.verifier.encode()).digest()
        values = {
            "client_id": self.google.client_id, "redirect_uri": BACK, "response_type": "code", "state": "s",
            "nonce": "n", "scope": " ".join(["openid", "email", "profile", *wanted]), "access_type": "offline",
            "prompt": "consent select_account", "include_granted_scopes": "true", "code_challenge_method": "S256",
            "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="), **changes,
        }  # fmt: skip
        return f"{self.google.accounts_url}/o/oauth2/v2/auth?{urlencode(values)}"

    def redeem(self, back: str, **changes: str) -> dict[str, Any]:
        """What the token endpoint answers for the code in this address."""
        code = parse_qs(urlsplit(back).query)["code"][0]
        form = {"code": code, "redirect_uri": BACK, "code_verifier": self.verifier, **changes}
        return self.ask_token(grant_type="authorization_code", **form)

    def ask_token(self, **form: str) -> dict[str, Any]:
        own = {"client_id": self.google.client_id, "client_secret": self.google.client_secret}
        return self.session.post(f"{self.google.token_url}/token", data={**own, **form}).json()

    def sign_in(self, pick: str = GRACE, *scopes: str, untick: tuple[str, ...] = ()) -> dict[str, Any]:
        """The whole way: page, consent, code, token."""
        back = self.google.consent(self.address(*scopes), pick, untick=untick)
        answer = self.redeem(back)
        self.token, self.refresh_token = answer["access_token"], answer.get("refresh_token", "")
        return answer

    def refresh(self, **form: str) -> dict[str, Any]:
        return self.ask_token(grant_type="refresh_token", **{"refresh_token": self.refresh_token, **form})

    def __call__(self, method: str, path: str, json: Any = None, **headers: str) -> requests.Response:
        """path: of the Directory API, or whole from /admin or /apps on."""
        path = path if path.startswith(("/admin/", "/apps/", "/oauth2/", "/v1/")) else DIRECTORY + path
        token = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return self.session.request(method, self.google.api_url + path, json=json, headers={**token, **headers})

    def everyone(self, path: str, name: str = "users") -> list[dict[str, Any]]:
        """All items of a list, page by page."""
        found, token = [], ""
        while True:
            sign = "&" if "?" in path else "?"
            answer = self("GET", f"{path}{sign}pageToken={token}" if token else path).json()
            found += answer.get(name, [])
            token = answer.get("nextPageToken", "")
            if not token:
                return found

    def refused(self, method: str, path: str, json: Any = None, **headers: str) -> tuple[int, str, str]:
        """Status, reason and message of a refusal."""
        answer = self(method, path, json, **headers)
        assert answer.status_code >= 400, answer.text
        error = answer.json()["error"]
        return answer.status_code, error["errors"][0]["reason"], error["errors"][0]["message"]

    def close(self) -> None:
        self.session.close()
