"""A client of Graph for tests: the registered application with its own token."""

from typing import Any

import requests

from tests.sandbox.process import SandboxProcess

SCOPE = "https://graph.microsoft.com/.default"


class Caller:
    """caller("GET", "/users") asks with the token that `sign_in` fetched."""

    def __init__(self, sandbox: SandboxProcess):
        self.sandbox = sandbox
        self.session = requests.Session()
        self.session.trust_env = False
        self.token = ""

    def sign_in(self, tenant: str = "Acme", **changes: str) -> dict[str, Any]:
        """What the token endpoint answers. changes: form fields that differ from the usual ones."""
        tenant_id = next(item["id"] for item in self.sandbox.tenants if item["name"] == tenant)
        form = {
            "grant_type": "client_credentials", "client_id": self.sandbox.client_id, "scope": SCOPE,
            "client_secret": self.sandbox.client_secret, **changes,
        }  # fmt: skip
        answer = self.session.post(f"{self.sandbox.login_url}/{tenant_id}/oauth2/v2.0/token", data=form).json()
        self.token = answer.get("access_token", "")
        return answer

    def __call__(self, method: str, path: str, json: Any = None, **headers: str) -> requests.Response:
        address = path if path.startswith("http") else f"{self.sandbox.graph_url}/v1.0{path}"
        token = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        body = {"data": json} if isinstance(json, bytes) else {"json": json}
        return self.session.request(method, address, headers={**token, **headers}, **body)

    def everyone(self, path: str, **headers: str) -> list[dict[str, Any]]:
        """All items of a listing, following the links as they are given."""
        answer = self("GET", path, **headers).json()
        found = answer["value"]
        while "@odata.nextLink" in answer:
            answer = self("GET", answer["@odata.nextLink"], **headers).json()
            found += answer["value"]
        return found

    def refused(self, method: str, path: str, json: Any = None, **headers: str) -> tuple[int, str, str]:
        """Status, code and message of a refusal."""
        answer = self(method, path, json, **headers)
        assert answer.status_code >= 400, answer.text
        error = answer.json()["error"]
        return answer.status_code, error["code"], error["message"]

    def close(self) -> None:
        self.session.close()
