"""What an answer may cost: no redirect is followed, and there is a limit on its size and on its time.

Each is tried at Graph and at the sign-in service, over a real connection to a server that means no good.
"""

import tracemalloc
from datetime import UTC, datetime

import pytest
import trustme

from portal.connectors import SERVICES, bounded
from portal.connectors.errors import ConnectorError, TryLater
from portal.connectors.http import SESSION
from portal.connectors.microsoft365 import login
from portal.connectors.values import NewAccount
from tests.connectors.conftest import TENANT
from tests.connectors.stubborn import always, bomb, microsoft, trickle

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
NEW = NewAccount("wei.zhang@acme.example", "Wei Zhang", "Correct-Horse-7", "marker")


def at_graph(connector):
    return connector.tenant


def at_sign_in(connector):
    return connector.granted


def writing(connector):
    return lambda: connector.create(NEW)


def beginning(connector):
    return lambda: SERVICES["microsoft-365"].begin_sign_in("http://localhost/back")


CALLS = {"Graph": at_graph, "a write": writing, "a token": at_sign_in, "a sign-in": beginning}


@pytest.fixture(params=CALLS)
def ask(request, app, leads_to, stubborn):
    """ask(answer): what the portal makes of it when this answer comes from the part of Microsoft that it asks."""

    def put(answer, **options):
        server = stubborn(answer, **options)
        if request.param in ("Graph", "a write"):
            leads_to(login=stubborn(microsoft(answer, TENANT)).url, graph=server.url)
        else:
            leads_to(login=server.url, graph=server.url)
        connector = SERVICES["microsoft-365"].connector(TENANT, patience=0.0)
        with pytest.raises(ConnectorError) as caught:
            CALLS[request.param](connector)()
        assert isinstance(caught.value, TryLater)
        assert caught.value.unknown == (request.param == "a write")
        return caught.value

    return put


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_nothing_follows_a_redirect(ask, stubborn, status):
    elsewhere = stubborn(always({"value": []}))
    ask(always({"value": []}, f"{status} Elsewhere", Location=f"{elsewhere.url}/taken"))
    assert elsewhere.asked == []


def test_the_session_itself_follows_no_redirect_even_when_told_to(stubborn):
    elsewhere = stubborn(always({}))
    server = stubborn(always({}, "307 Elsewhere", Location=elsewhere.url))
    assert SESSION.post(server.url, json={"secret": 1}, allow_redirects=True).status_code == 307
    assert SESSION.get(server.url).status_code == 307
    assert elsewhere.asked == []


@pytest.mark.parametrize("head", [0, 20, 80], ids=["from the first byte", "in the headers", "in the body"])
def test_a_trickle_has_an_end(ask, monkeypatch, head):
    monkeypatch.setattr(bounded, "LONGEST_ANSWER", 0.3)
    assert "did not answer in time" in ask(trickle(head=head), pause=0.1).message


@pytest.fixture(scope="module")
def packed():
    """A quarter of a megabyte that becomes 256."""
    return bomb(256_000_000)


@pytest.mark.parametrize("status", ["200 OK", "307 Elsewhere"])
def test_a_small_answer_that_unpacks_into_a_huge_one_is_not_unpacked(ask, packed, monkeypatch, status):
    monkeypatch.setattr(bounded, "LARGEST_ANSWER", 1_000_000)
    monkeypatch.setattr(login, "LARGEST_ANSWER", 1_000_000)
    tracemalloc.start()
    try:
        error = ask(always(packed, status, Content_Encoding="gzip", Location="/on"))
        assert tracemalloc.get_traced_memory()[1] < 16_000_000
    finally:
        tracemalloc.stop()
    assert "far too much" in error.message


@pytest.fixture
def authority(monkeypatch, tmp_path):
    """A certificate authority that this machine trusts."""
    found = trustme.CA()
    found.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "ca.pem"))
    return found


def tls(certificate):
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda authority: trustme.CA().issue_cert("127.0.0.1"), "is not trusted on this machine"),
        (lambda authority: authority.issue_cert("login.example"), "belongs to another address"),
        (
            lambda authority: authority.issue_cert("127.0.0.1", not_after=datetime(2020, 1, 1, tzinfo=UTC)),
            "has expired",
        ),
    ],
    ids=["of a stranger", "of another host", "expired"],
)
def test_a_certificate_that_is_no_good_is_said_as_what_it_is(app, leads_to, stubborn, authority, make, words):
    server = stubborn(always({}), tls=tls(make(authority)))
    for urls in ({"login": server.url}, {"login": stubborn(microsoft(always({}), TENANT)).url, "graph": server.url}):
        leads_to(**urls)
        with pytest.raises(TryLater, match=words) as caught:
            SERVICES["microsoft-365"].connector(TENANT, patience=0.0).create(NEW)
        assert not caught.value.unknown
        assert "REQUESTS_CA_BUNDLE" in caught.value.next_step
    assert server.asked == []


def test_a_certificate_that_is_good_is_taken(app, leads_to, stubborn, authority):
    server = stubborn(always({"value": []}), tls=tls(authority.issue_cert("127.0.0.1")))
    leads_to(login=stubborn(microsoft(always({}), TENANT)).url, graph=server.url)
    assert SERVICES["microsoft-365"].connector(TENANT, patience=0.0).licences() == []


def test_a_name_that_is_not_found_is_said(app, leads_to, monkeypatch):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    leads_to(login="https://login.invalid", graph="https://graph.invalid")
    with pytest.raises(TryLater, match="the name of its server is not found") as caught:
        SERVICES["microsoft-365"].connector(TENANT, patience=0.0).tenant()
    assert "check the network of the portal" in caught.value.next_step


def test_a_proxy_that_does_not_let_us_pass_is_said(app, leads_to, stubborn, monkeypatch):
    proxy = stubborn(always(b"", "407 Proxy Authentication Required"))
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, proxy.url)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    leads_to(login=stubborn(microsoft(always({}), TENANT)).url, graph="https://graph.invalid")
    with pytest.raises(TryLater, match="proxy on the way to Microsoft 365") as caught:
        SERVICES["microsoft-365"].connector(TENANT, patience=0.0).create(NEW)
    assert not caught.value.unknown
    assert proxy.asked == ["CONNECT graph.invalid:443 HTTP/1.0"]


def test_nobody_at_home_is_said(app, leads_to, stubborn):
    leads_to(login=stubborn(microsoft(always({}), TENANT)).url, graph="http://127.0.0.1:9")
    with pytest.raises(TryLater, match="Microsoft 365 cannot be reached at the moment"):
        SERVICES["microsoft-365"].connector(TENANT, patience=0.0).create(NEW)


def test_the_token_is_what_is_sent_whatever_a_netrc_says(stubborn, monkeypatch, tmp_path):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login somebody password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    heard = []
    server = stubborn(lambda request: heard.append(request) or always({})(request))
    SESSION.request("GET", server.url, headers={"Authorization": "Bearer token"})
    assert b"\r\nAuthorization: Bearer token\r\n" in heard[0]
