"""Puts the stand-in for Google Workspace together."""

import secrets
import time
from pathlib import Path
from typing import Any

import click

from portal.sandbox import steering
from portal.sandbox.faults import Faults
from portal.sandbox.google import app, control
from portal.sandbox.google.accounts.client import Client
from portal.sandbox.google.quotas import Quotas
from portal.sandbox.google.state import State, people, seed
from portal.sandbox.journal import Journal
from portal.sandbox.keys import Signer
from portal.sandbox.made import Made

PORT = 9090
# Names that the certificate carries besides this machine's own: for clients that believe to talk to Google.
NAMES = (
    "accounts.google.com", "admin.google.com", "admin.googleapis.com", "licensing.googleapis.com",
    "oauth2.googleapis.com", "openidconnect.googleapis.com", "www.googleapis.com",
)  # fmt: skip
CLIENT_ID = "365365365365-sandbox.apps.googleusercontent.com"


def make(data: Path | None, users: int, client_id: str, client_secret: str, client_certificate: Path | None,
         redirect_uri: tuple[str, ...]) -> Made:  # fmt: skip
    """See cli.sandbox for the values."""
    if client_certificate:
        raise click.UsageError("Google knows no client certificates: --client-certificate is for microsoft-365.")
    state = State(data, lambda: seed.plant(users, time.time()))
    state.settlers.append(people.settle)
    with state.work():
        signer = Signer(state.kept("key"))
        state.keep("key", signer.pem())
    secret = client_secret or f"GOCSPX-{secrets.token_urlsafe(21)}"
    client = Client(client_id or CLIENT_ID, secret, list(redirect_uri), signer=signer)
    faults, journal, quotas = Faults(), Journal(), Quotas()
    own = control.Control(state, faults, journal, client, quotas)

    def opened(url: str) -> None:
        client.base_url = url

    return Made(
        web=app.create(state, faults, journal, client, quotas), control=steering.create(own, control.CALLS),
        opened=opened, line=lambda url: _line(state, client, url), close=state.close,
    )  # fmt: skip


def _line(state: State, client: Client, url: str) -> dict[str, Any]:
    return {
        "accounts_url": url,
        "token_url": url,
        "api_url": url,
        "licensing_url": url,
        "admin_console_url": url,
        "client_id": client.client_id,
        "client_secret": client.client_secret,
        "customers": [
            {"id": customer.id, "name": customer.name, "domain": customer.domain}
            for customer in state.customers.values()
        ],
    }
