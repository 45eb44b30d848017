import pytest
import requests

TENANT_SCOPE = "https://graph.microsoft.com/.default"


class Caller:
    """A client of Graph with the registered application's own token."""

    def __init__(self, sandbox):
        self.sandbox = sandbox
        self.session = requests.Session()
        self.session.trust_env = False
        self.headers: dict[str, str] = {}

    def sign_in(self, tenant: str = "Acme") -> dict:
        tenant_id = next(item["id"] for item in self.sandbox.tenants if item["name"] == tenant)
        form = {
            "grant_type": "client_credentials", "client_id": self.sandbox.client_id, "scope": TENANT_SCOPE,
            "client_secret": self.sandbox.client_secret,
        }  # fmt: skip
        answer = self.session.post(f"{self.sandbox.login_url}/{tenant_id}/oauth2/v2.0/token", data=form).json()
        self.headers = {"Authorization": f"Bearer {answer.get('access_token', '')}"}
        return answer

    def __call__(self, method: str, path: str, json=None, **headers: str) -> requests.Response:
        address = path if path.startswith("http") else f"{self.sandbox.graph_url}/v1.0{path}"
        return self.session.request(method, address, json=json, headers={**self.headers, **headers})

    def everyone(self, path: str) -> list[dict]:
        """All items of a listing, following the links as they are given."""
        found, answer = [], self("GET", path).json()
        while True:
            found += answer["value"]
            if "@odata.nextLink" not in answer:
                return found
            answer = self("GET", answer["@odata.nextLink"]).json()


@pytest.fixture
def call(sandbox):
    """call("GET", "/users") as an application that Acme consented to."""
    sandbox.grant_consent("Acme")
    caller = Caller(sandbox)
    caller.sign_in()
    yield caller
    caller.session.close()


@pytest.fixture
def someone():
    """The smallest body that POST /users takes, with changes."""

    def body(name: str = "new.person", **changes):
        return {
            "accountEnabled": True, "displayName": "New Person", "mailNickname": name,
            "userPrincipalName": f"{name}@acme.example", "passwordProfile": {"password": "Correct-Horse-7"}, **changes,
        }  # fmt: skip

    return body
