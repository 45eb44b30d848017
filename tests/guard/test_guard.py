import pytest

from portal.guard import addresses, calls, reaching
from portal.guard.addresses import AddressRefused
from portal.guard.calls import NoAnswer
from portal.guard.reaching import NotPublic, is_public
from tests.receiver import Receiver, Reply

LOOPBACK = "127.0.0.1 127.0.0.2 127.1.2.3 127.255.255.254 ::1 ::ffff:127.0.0.1 ::ffff:7f00:1 ::127.0.0.1 0.0.0.0 ::"
PRIVATE = (
    "10.0.0.1 10.255.255.255 172.16.0.1 172.31.255.254 192.168.0.1 192.168.255.255 ::ffff:10.0.0.1 "
    "::ffff:192.168.1.1 fc00::1 fd00::1 fdff:ffff::1 fec0::1 100.64.0.1 100.127.255.254 ::ffff:100.64.0.1"
)
LINK = "169.254.0.1 169.254.169.254 169.254.170.2 ::ffff:169.254.169.254 fe80::1 fe80::a9fe:a9fe fd00:ec2::254"
WRAPPED = "64:ff9b::a00:1 64:ff9b::7f00:1 64:ff9b:1::1 2002:a00:1::1 2002:7f00:1::1 2001::1 2001:0:a00:1::1"
MANY = "224.0.0.1 239.255.255.250 ff02::1 ff0e::1 255.255.255.255 240.0.0.1 ::ffff:224.0.0.1"
PAPER = (
    "192.0.0.1 192.0.0.8 192.0.0.9 192.0.2.1 198.18.0.1 198.51.100.1 203.0.113.1 2001:db8::1 100::1 0.1.2.3 2001:2::1 "
    "3fff::1 192.88.99.1"
)
BAD = [each for group in (LOOPBACK, PRIVATE, LINK, WRAPPED, MANY, PAPER) for each in group.split()]
# The spellings of a number that a name server is not even asked about.
SPELT = "127.0.0.1 127.1 2130706433 0x7f000001 0x7f.1 017700000001 127.0.0.1. [::1] [::ffff:10.0.0.1] 169.254.169.254"


@pytest.fixture
def receiver(authority):
    with Receiver(authority, "hooks.example.com", host="127.0.0.2") as listening:
        yield listening


def ways(host):
    """Each way in which the portal calls an address: webhooks and Teams, feeds by HTTPS and SFTP, syslog."""
    yield lambda: calls.send("POST", addresses.read(f"https://{host}/"), data=b"x")
    yield lambda: calls.send("GET", addresses.read(f"https://{host}:8443/employees.csv"))
    yield lambda: calls.connect(addresses.read(f"sftp://{host}/", "sftp"))
    yield lambda: calls.connect_tls(addresses.read(f"tls://{host}", "tls"))


def test_o27_no_call_goes_to_an_address_inside_and_all_are_refused_in_the_same_words(names):
    said = set()
    for number in BAD:
        for found in ([number], ["8.8.8.8", number]):
            names["inside.example.com"] = [found]
            for way in ways("inside.example.com"):
                with pytest.raises(NotPublic) as refused:
                    way()
                said.add((refused.value.message, refused.value.next_step))
    names["gone.example.com"] = [[]]
    with pytest.raises(NotPublic) as refused:
        calls.send("POST", addresses.read("https://gone.example.com/"))
    assert said == {(refused.value.message, refused.value.next_step)}
    assert len(BAD) + len(SPELT.split()) >= 60
    assert all(map(is_public, ("8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8")))


@pytest.mark.parametrize("spelt", SPELT.split())
def test_o27_a_number_is_no_name_however_it_is_spelt(spelt):
    with pytest.raises(AddressRefused, match="number"):
        addresses.read(f"https://{spelt}/")


def test_what_may_not_be_entered_as_an_address_says_why():
    wrong = {
        "http://a.example.com/": "https://", "ftp://a.example.com": "https://", "a.example.com": "https://",
        "https://me:secret@a.example.com/": "password", "https://a.example.com@127.0.0.1/": "password",
        "https://a.example.com:22/": "port", "https://a.example.com:0/": "port", "https://": "server",
        "https://a.example.com\\@b.example.com/": "character", "https://a.exa mple.com/": "space",
        "https://-a.example.com/": "server", "https://a..example.com/": "server", "https://a/" + "b" * 2000: "2000",
        "https://a.example.com:99999/": "address",
    }  # fmt: skip
    for text, word in wrong.items():
        with pytest.raises(AddressRefused, match=word):
            addresses.read(text)
    good = addresses.read(" HTTPS://Bücher.example.COM.:8443/a?b=c#d ")
    assert good.text == "https://xn--bcher-kva.example.com:8443/a?b=c"


def test_o27_a_name_that_leads_elsewhere_a_moment_later_is_called_where_it_was_looked_at(names, receiver, allowed):
    allowed("127.0.0.2/32")
    names["hooks.example.com"] = [["127.0.0.2"], ["127.0.0.1"]]
    address = addresses.read(f"https://hooks.example.com:{receiver.port}/hook")
    answer = calls.send("POST", address, data=b"{}")
    assert (answer.status, answer.public) == (204, False)
    assert names.asked == ["hooks.example.com"]
    got = receiver.got[0]
    assert (got.name, got.headers["Host"]) == ("hooks.example.com", f"hooks.example.com:{receiver.port}")
    with pytest.raises(NotPublic):
        calls.send("POST", address, data=b"{}")


def test_what_the_operator_allows_is_called_by_name_or_network_and_nothing_beside_it(names, receiver, allowed):
    names.update({"hooks.example.com": [["127.0.0.2"]], "other.example.com": [["127.0.0.2"]]})
    allowed("hooks.example.com")
    assert calls.send("POST", addresses.read(f"https://hooks.example.com:{receiver.port}/")).good
    with pytest.raises(NotPublic):
        reaching.reach(addresses.read("https://other.example.com/"))
    allowed("hooks.example.com 127.0.0.0/8")
    with pytest.raises(NoAnswer, match="certificate"):
        calls.send("POST", addresses.read(f"https://other.example.com:{receiver.port}/"))
    with pytest.raises(NoAnswer, match="certificate of other"):
        calls.connect_tls(addresses.read(f"tls://other.example.com:{receiver.port}", "tls"))


def test_a_redirect_is_an_answer_and_so_much_of_a_body_is_read(names, receiver, allowed, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    allowed("127.0.0.2")
    names["hooks.example.com"] = [["127.0.0.2"]]
    receiver.replies = [Reply(302, {"Location": "/elsewhere"}, b"x" * 500)]
    answer = calls.send("POST", addresses.read(f"https://hooks.example.com:{receiver.port}/"), largest=100)
    assert (answer.status, answer.good, len(answer.body), answer.cut) == (302, False, 100, True)
    assert len(receiver.got) == 1
    receiver.replies = [Reply(hangs=True)]
    with pytest.raises(NoAnswer, match="in time"):
        calls.send("POST", addresses.read(f"https://hooks.example.com:{receiver.port}/"), seconds=0.2)
