"""A client of Graph for tests that asks in the name of a person: it signs them in, with scopes."""

from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.sandbox.caller import Caller

BACK = "http://localhost/callback"
VERIFIER = "a-verifier-of-forty-three-characters-or-more-0"
OF_RECRUITER = "Mail.Send Mail.ReadWrite User.Read offline_access openid profile"


class PersonCaller(Caller):
    """caller("GET", "/me/messages") asks for the person that `sign_in_as` signed in."""

    def authorize_url(self, scope: str, *, tenant: str = "Acme") -> str:
        tenant_id = next(item["id"] for item in self.sandbox.tenants if item["name"] == tenant)
        challenge = urlsafe_b64encode(sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
        values = {"client_id": self.sandbox.client_id, "redirect_uri": BACK, "state": "s1", "response_type": "code",
                  "scope": scope, "code_challenge": challenge, "code_challenge_method": "S256"}  # fmt: skip
        return f"{self.sandbox.login_url}/{tenant_id}/oauth2/v2.0/authorize?{urlencode(values)}"

    def press(self, url: str, **form: str) -> dict[str, str]:
        """What comes back with the browser; a page that is shown instead is under "page"."""
        answer = self.session.post(url, data=form, allow_redirects=False)
        if not answer.is_redirect:
            return {"page": answer.text}
        query = parse_qs(urlsplit(answer.headers["Location"]).query)
        return {name: values[0] for name, values in query.items()}

    def redeem(self, **form: str) -> dict[str, Any]:
        """What the token endpoint answers; its access token is used from now on."""
        values = {"client_id": self.sandbox.client_id, "client_secret": self.sandbox.client_secret, **form}
        url = f"{self.sandbox.login_url}/{self.sandbox.tenants[0]['id']}/oauth2/v2.0/token"
        answer = self.session.post(url, data=values).json()
        self.token = answer.get("access_token", self.token)
        return answer

    def sign_in_as(self, username: str, scope: str = OF_RECRUITER) -> dict[str, Any]:
        """The tokens of a person whose organisation has agreed."""
        code = self.press(self.authorize_url(scope), pick=username)["code"]
        return self.redeem(grant_type="authorization_code", code=code, redirect_uri=BACK, code_verifier=VERIFIER)

    def refresh(self, token: str, **form: str) -> dict[str, Any]:
        return self.redeem(grant_type="refresh_token", refresh_token=token, **form)
