"""A conversation with the mail server: what it may say at each point, what is then known, and how long it takes."""

import ssl

import pytest

from portal.config import settings
from portal.mail import building, sending
from portal.mail.problems import Kind, NotSent

LATER, NEVER, OURS, UNKNOWN = Kind
STAGES = ("greeting", "ehlo", "auth", "mail", "rcpt", "data", "dot")


def a_mail(recipient="wei@home.example"):
    mail = building.begin(recipient, "Your account")
    mail.write("Hello\n.\n..dots\n", "<p>Hello</p>")
    return mail


def outcome(mail=None, **options):
    """How the conversation ended, and in which words; None when the mail was taken."""
    try:
        sending.send(mail or a_mail(), **options)
    except NotSent as problem:
        return problem.kind, str(problem)
    return None


@pytest.fixture
def signs_in(rude, monkeypatch):
    rude.extensions = "AUTH PLAIN LOGIN"
    monkeypatch.setattr(settings(), "mail_url", type(settings().mail_url)(f"smtp://u:p@127.0.0.1:{rude.port}"))
    return rude


def test_a_mail_arrives_as_it_was_written(rude):
    assert outcome() is None
    assert rude.messages[0].get_body(("plain",)).get_content().split() == ["Hello", ".", "..dots"]


@pytest.mark.parametrize("stage", STAGES)
def test_what_is_refused_for_now_may_work_later(signs_in, stage):
    signs_in.says(stage, "451 4.3.0 come back later")
    if stage == "auth":
        signs_in.says(stage, "454 4.7.0 temporary authentication failure")
    kind, words = outcome()
    assert kind == LATER
    assert "45" in words


@pytest.mark.parametrize(
    ("stage", "kind", "words"),
    [
        ("greeting", OURS, "does not talk to the portal"),
        ("ehlo", OURS, "does not talk to the portal"),
        ("auth", OURS, "does not accept the portal’s sign-in"),
        ("mail", OURS, "refused the portal as the sender"),
        ("rcpt", NEVER, "refused the address"),
        ("data", NEVER, "refused the email"),
        ("dot", NEVER, "refused the email"),
    ],
)
def test_what_is_refused_for_good_is_said_to_be(signs_in, stage, kind, words):
    signs_in.says(stage, "554 5.7.1 no")
    assert outcome() == (kind, f"The mail server {words}: 554 5.7.1 no.")


def test_a_server_that_wants_a_sign_in_first_has_nothing_against_the_address(rude):
    rude.says("rcpt", "530 5.7.0 Authentication required")
    assert outcome()[0] == OURS


@pytest.mark.parametrize("how", ["drop", "stall", "drip", "no answer at all"])
@pytest.mark.parametrize("stage", STAGES)
def test_before_the_last_dot_it_was_not_sent_and_after_it_nobody_knows(signs_in, impatient_mail, stage, how):
    signs_in.says(stage, how)
    kind, words = outcome()
    assert kind == (UNKNOWN if stage == "dot" else LATER)
    assert "The mail server" in words


def test_a_wait_of_one_command_ends_before_the_whole_conversation_does(rude, monkeypatch):
    monkeypatch.setitem(sending.WAITS, "rcpt", 0.05)
    rude.says("rcpt", "drip")
    assert outcome() == (LATER, "The mail server did not answer in time.")


def test_a_server_that_talks_without_end_is_left(rude):
    rude.says("ehlo", "250-" + "x" * 500 + "\r\n" + ("250-" + "y" * 500 + "\r\n") * 300 + "250 end")
    assert outcome()[0] == LATER


def test_a_line_longer_than_the_library_reads_after_the_last_dot_is_no_refusal(rude):
    rude.says("dot", "250 " + "x" * 9_000)
    assert outcome()[0] == UNKNOWN


@pytest.mark.parametrize("answer", ["354 go on", "150 wait", "hello"])
def test_an_answer_to_the_last_dot_that_is_none_leaves_it_unknown(rude, answer):
    rude.says("dot", answer)
    assert outcome()[0] == UNKNOWN


def test_a_server_that_takes_the_mail_and_then_hangs_up_has_taken_it(rude):
    rude.says("quit", "drop")
    assert outcome() is None


def test_a_mail_that_is_taken_back_before_the_last_dot_is_not_sent(rude):
    with pytest.raises(sending.Stopped):
        outcome(before_last_dot=lambda: False)
    assert outcome() is None
    assert len(rude.raw) == 1


@pytest.mark.parametrize(
    ("url", "kind", "words"),
    [
        ("", OURS, "No mail server is set up"),
        ("smtp://127.0.0.1:{port}?starttls=1", OURS, "does not offer encryption"),
        ("smtp://me:secret@127.0.0.1:{port}", OURS, "offers no sign-in"),
        ("smtp://mail.nowhere.invalid", LATER, "name cannot be found"),
        ("smtp://127.0.0.1:1", LATER, "accepts no connections"),
        ("smtps://127.0.0.1:{port}", OURS, "could not agree on encryption"),
    ],
)
def test_what_is_wrong_with_the_set_up_has_words_of_its_own(rude, monkeypatch, url, kind, words):
    monkeypatch.setattr(settings(), "mail_url", type(settings().mail_url)(url.format(port=rude.port)))
    found = outcome()
    assert found[0] == kind
    assert words in found[1]


def test_no_sign_in_that_the_portal_knows_is_for_whoever_runs_it(signs_in):
    signs_in.extensions = "AUTH XOAUTH2"
    kind, words = outcome()
    assert (kind, "no sign-in that the portal knows" in words) == (OURS, True)


def test_a_certificate_that_is_not_trusted_is_for_whoever_runs_it(rude, monkeypatch):
    import trustme

    certificate, trusted = trustme.CA().issue_cert("127.0.0.1"), ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    certificate.configure_cert(trusted)
    rude.socket = trusted.wrap_socket(rude.socket, server_side=True)
    url = type(settings().mail_url)(f"smtps://127.0.0.1:{rude.port}")
    monkeypatch.setattr(settings(), "mail_url", url)
    kind, words = outcome()
    assert (kind, "certificate is not trusted" in words) == (OURS, True)


def test_a_domain_with_umlauts_goes_out_in_ascii_to_any_server(rude):
    # By IDNA 2008: by that of 2003 it would be another owner's domain, strasse-mueller.
    assert outcome(a_mail("info@straße-müller.example")) is None
    assert "rcpt TO:<info@xn--strae-mller-y6a49a.example>" in rude.commands
    assert rude.messages[0]["To"] == "info@xn--strae-mller-y6a49a.example"


def test_letters_before_the_at_need_a_server_that_takes_them_and_else_it_is_said(rude):
    kind, words = outcome(a_mail("jörg@home.example"))
    assert kind == NEVER
    assert "letters before the @" in words
    rude.extensions = "SMTPUTF8"
    assert outcome(a_mail("jörg@home.example")) is None
    assert rude.messages[0]["To"] == "jörg@home.example"


def test_a_probe_sends_nothing(rude):
    assert sending.probe() == "127.0.0.1"
    assert not [line for line in rude.commands if line.casefold().startswith(("rcpt", "data"))]
