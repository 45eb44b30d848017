"""The services' own clients and others' against the sandboxes, over TLS.

They are large, so they are an extra of its own (`conformance`), and these tests are collected only when this folder
is named: `pytest tests/conformance`.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.conformance.google_workspace import Gam, Proxy, grant_of
from tests.sandbox.google.process import GoogleProcess
from tests.sandbox.process import SandboxProcess

HERE = Path(__file__).parent


def pytest_configure(config: pytest.Config) -> None:
    # Microsoft's packages warn of themselves while they are imported.
    for words in ("GetQueryParameters is deprecated", "This class is deprecated"):
        config.addinivalue_line("filterwarnings", f"ignore:{words}:DeprecationWarning")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    if HERE not in (collection_path, *collection_path.parents):
        return None
    named = (Path(str(argument).partition("::")[0]).absolute() for argument in config.invocation_params.args)
    return None if any(HERE in (path, *path.parents) for path in named) else True


@pytest.fixture(scope="session")
def tls_sandbox(tmp_path_factory):
    """A sandbox with a certificate of its own authority."""
    process = SandboxProcess.start(tmp_path_factory.mktemp("sandbox"), tls=True, users=250)
    yield process
    process.stop()


@pytest.fixture(scope="session")
def tls_google_process(tmp_path_factory):
    """A Google Workspace whose certificate carries Google's names as well."""
    process = GoogleProcess.start(tmp_path_factory.mktemp("google"), tls=True, users=250)
    yield process
    process.session.verify = True
    process.stop()


@pytest.fixture
def tls_google(tls_google_process):
    """As new."""
    tls_google_process.reset()
    return tls_google_process


@pytest.fixture
def gam(tls_google, tmp_path):
    """gam("info", "user", …) -> exit status and what it says. It believes to talk to Google."""
    proxy = Proxy(int(tls_google.api_url.rpartition(":")[2]))
    yield Gam(tls_google, proxy, tmp_path)
    proxy.stop()


@pytest.fixture
def google_credentials(tls_google):
    """google-auth's, with what Grace has granted."""
    from google.oauth2.credentials import Credentials

    answer = grant_of(tls_google)
    return Credentials(
        answer["access_token"], refresh_token=answer["refresh_token"], token_uri=f"{tls_google.token_url}/token",
        client_id=tls_google.client_id, client_secret=tls_google.client_secret,
    )  # fmt: skip


@pytest.fixture
def google_api(tls_google, google_credentials):
    """google_api("admin", "directory_v1") is Google's client, made from the description that the sandbox serves."""
    import httplib2
    from google_auth_httplib2 import AuthorizedHttp
    from googleapiclient.discovery import build

    wires = []

    def make(name: str, version: str) -> Any:
        plain = httplib2.Http(ca_certs=tls_google.ca_file, proxy_info=None)
        wires.append(plain)
        return build(
            name, version, http=AuthorizedHttp(google_credentials, http=plain), static_discovery=False,
            discoveryServiceUrl=f"{tls_google.api_url}/$discovery/rest?version={{apiVersion}}",
        )  # fmt: skip

    yield make
    for wire in wires:
        wire.close()


@pytest.fixture
def tenant(tls_sandbox):
    """A fresh Acme that has consented; its id."""
    tls_sandbox.reset()
    tls_sandbox.grant_more(
        "Acme", "Group.Read.All", "GroupMember.ReadWrite.All", "Mail.Send", "MailboxSettings.ReadWrite"
    )
    return tls_sandbox.tenants[0]["id"]


@pytest.fixture
def trusting(tls_sandbox):
    """A session that trusts the sandbox's authority and no environment."""
    with requests.Session() as session:
        session.trust_env, session.verify = False, tls_sandbox.ca_file
        yield session


@pytest.fixture
def application(tls_sandbox, tenant, trusting):
    """msal's confidential client, as any application would make it."""
    import msal

    return msal.ConfidentialClientApplication(
        tls_sandbox.client_id, client_credential=tls_sandbox.client_secret, http_client=trusting, http_cache={},
        authority=f"{tls_sandbox.login_url}/{tenant}", instance_discovery=False,
    )  # fmt: skip


@pytest.fixture
def graph(tls_sandbox, application) -> "Graph":
    return Graph(tls_sandbox, application)


class Graph:
    """Microsoft's GraphServiceClient. graph.run(lambda client: client.users.get()) returns what it returns."""

    def __init__(self, sandbox: SandboxProcess, application: Any, credential: Any = None):
        self.sandbox, self.application, self.credential = sandbox, application, credential or _Credential

    def run(self, ask: Callable[[Any], Awaitable[Any]]) -> Any:
        return asyncio.run(self._ask(ask))

    async def _ask(self, ask: Callable[[Any], Awaitable[Any]]) -> Any:
        import httpx
        from kiota_authentication_azure.azure_identity_authentication_provider import (
            AzureIdentityAuthenticationProvider,
        )
        from msgraph import GraphRequestAdapter, GraphServiceClient
        from msgraph.graph_request_adapter import options
        from msgraph_core import GraphClientFactory

        host = self.sandbox.graph_url.partition("://")[2].partition(":")[0]
        provider = AzureIdentityAuthenticationProvider(self.credential(self.application), allowed_hosts=[host])
        # No environment: neither its proxies nor its authorities have a say.
        wire = httpx.AsyncHTTPTransport(verify=_context(self.sandbox.ca_file), trust_env=False)
        plain = httpx.AsyncClient(transport=wire, trust_env=False)
        client = GraphClientFactory.create_with_default_middleware(client=plain, options=options)
        client.base_url = httpx.URL(f"{self.sandbox.graph_url}/v1.0/")
        adapter = GraphRequestAdapter(provider, client)
        adapter.base_url = f"{self.sandbox.graph_url}/v1.0"
        try:
            return await ask(GraphServiceClient(request_adapter=adapter))
        finally:
            await client.aclose()
            # Microsoft's client puts a transport of its own around the wire, and leaves the wire open.
            await wire.aclose()


class _Credential:
    """msal in the shape that Microsoft's clients want a credential in."""

    def __init__(self, application: Any):
        self.application = application

    def get_token(self, *_scopes: str, **_options: Any) -> Any:
        from azure.core.credentials import AccessToken

        answer = self.application.acquire_token_for_client(["https://graph.microsoft.com/.default"])
        return AccessToken(answer["access_token"], int(time.time()) + answer["expires_in"])

    def close(self) -> None:
        pass


def _context(ca_file: str | None) -> Any:
    import ssl

    return ssl.create_default_context(cafile=ca_file)
