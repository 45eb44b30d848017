"""Calls to addresses that somebody typed: to the very machine that was looked at, in the name that was typed.

No redirect is followed, no proxy used, no cookie kept, and the certificate must be of the name.
"""

import os
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
from requests.utils import DEFAULT_CA_BUNDLE_PATH

from portal.connectors import bounded, silence
from portal.guard.addresses import Address
from portal.guard.reaching import reach
from portal.languages import N_
from portal.languages import gettext as _
from portal.problems import Problem

# Seconds to connect, and for the whole of an answer.
CONNECT, PATIENCE = 5.0, 15.0
LARGEST = 64_000


class NoAnswer(Problem):
    message = _("The other system gave no answer.")
    status = 502
    title = _("No answer")
    next_step = _("Check that the other system runs and can be reached from the internet.")

    def __init__(self, message: str = "", next_step: str = "", *, never_sent: bool = False):
        super().__init__(message, next_step)
        self.never_sent = never_sent


@dataclass(frozen=True)
class Answer:
    """What the other system answered. body: at most so much as was asked for; cut: whether there was more.

    public: whether the machine is on the public internet. Show nobody the body of one that is not.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float
    public: bool
    cut: bool = False

    @property
    def good(self) -> bool:
        """Whether it says that all is well: a redirect does not."""
        return 200 <= self.status < 300


OF_CERTIFICATE = {
    silence.EXPIRED: N_("The certificate of %(host)s has expired."),
    silence.TOO_EARLY: N_(
        "The certificate of %(host)s is not valid yet, or the clock of the portal’s machine is wrong."
    ),
    silence.OTHER_HOST: N_("The certificate of %(host)s belongs to another address."),
    silence.OTHER_ADDRESS: N_("The certificate of %(host)s belongs to another address."),
}
UNTRUSTED = N_("The certificate of %(host)s is not trusted on this machine.")


class _Pinned(bounded.Adapter):
    """Connects to one machine, whose certificate must be of the name; the name goes with the request too."""

    def __init__(self, host: str, machine: str):
        self.host, self.machine = host, machine
        super().__init__(max_retries=0)

    def get_connection_with_tls_context(
        self, request: requests.PreparedRequest, verify: Any, proxies: Any = None, cert: Any = None
    ) -> Any:
        where, pool = self.build_connection_pool_key_attributes(request, verify, cert)
        named = {**pool, "server_hostname": self.host}
        return self.poolmanager.connection_from_host(self.machine, where["port"], scheme="https", pool_kwargs=named)


class _Session(requests.Session):
    """Of one request: it knows nothing of the environment, keeps no cookie, and an answer leads nowhere else."""

    def __init__(self, host: str, machine: str):
        super().__init__()
        self.trust_env = False
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self.mount("https://", _Pinned(host, machine))

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Nowhere. Were there a target, requests would read the whole body to look at it."""


def authorities() -> str:
    """The file or folder with the authorities whose certificates count: REQUESTS_CA_BUNDLE, or what requests brings."""
    return os.environ.get("REQUESTS_CA_BUNDLE") or DEFAULT_CA_BUNDLE_PATH


def send(
    method: str, address: Address, *, headers: Mapping[str, str] | None = None, data: bytes | None = None,
    seconds: float = PATIENCE, largest: int = LARGEST,
) -> Answer:  # fmt: skip
    """One request to an https address. seconds: for the whole of it. largest: bytes of the answer that are read.

    Raises NotPublic, and NoAnswer when none came in time.
    """
    where, began = reach(address), time.monotonic()
    for number, machine in enumerate(where.machines, 1):
        try:
            with bounded.in_time(seconds - (time.monotonic() - began)):
                response, body, cut = _once(method, address, machine, headers or {}, data, seconds, largest)
        except requests.RequestException as error:
            if not silence.never_sent(error) or number == len(where.machines):
                raise _no_answer(error, address) from error
            continue
        taken = round(time.monotonic() - began, 4)
        return Answer(response.status_code, response.headers, body, taken, where.public, cut)
    raise NoAnswer()


def _once(
    method: str, address: Address, machine: str, headers: Mapping[str, str], data: bytes | None, seconds: float,
    largest: int,
) -> tuple[requests.Response, bytes, bool]:  # fmt: skip
    """The answer, what was read of its body, and whether there is more."""
    with _Session(address.host, machine) as session:
        response = session.request(
            method, address.text, data=data, timeout=(CONNECT, seconds), allow_redirects=False, stream=True,
            verify=authorities(), headers={"Accept-Encoding": "identity", **headers, "Host": address.netloc},
        )  # fmt: skip
        with response:
            body = b""
            for part in response.iter_content(bounded.CHUNK):
                body += part
                if len(body) > largest:
                    break
        return response, body[:largest], len(body) > largest


def _no_answer(error: requests.RequestException, address: Address) -> NoAnswer:
    why = silence.reason(error, address.host)
    return NoAnswer(why.message, never_sent=why.certain)


def connect(address: Address, *, seconds: float = CONNECT) -> socket.socket:
    """A connection to an address of any scheme, without encryption of its own: for SFTP, which brings one.

    Raises NotPublic, NoAnswer.
    """
    problem: OSError | None = None
    for machine in reach(address).machines:
        try:
            return socket.create_connection((machine, address.port), timeout=seconds)
        except OSError as error:
            problem = error
    raise NoAnswer(_("%(host)s cannot be reached at the moment.", host=address.host), never_sent=True) from problem


def connect_tls(address: Address, *, seconds: float = CONNECT) -> ssl.SSLSocket:
    """A connection behind TLS whose certificate is of the name. Raises NotPublic, NoAnswer."""
    plain = connect(address, seconds=seconds)
    try:
        where = authorities()
        folder = os.path.isdir(where)
        context = ssl.create_default_context(capath=where if folder else None, cafile=None if folder else where)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context.wrap_socket(plain, server_hostname=address.host)
    except ssl.SSLCertVerificationError as error:
        plain.close()
        words = OF_CERTIFICATE.get(error.verify_code, UNTRUSTED)
        raise NoAnswer(_(words, host=address.host), never_sent=True) from error
    except OSError as error:
        plain.close()
        raise NoAnswer(
            _("The portal could not make a secure connection to %(host)s.", host=address.host), never_sent=True
        ) from error
