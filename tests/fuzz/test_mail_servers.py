"""Whatever the mail server says: no mail is lost, none is given to it twice, and the page says where it is."""

from datetime import timedelta

import pytest

from portal.config import settings
from portal.database import now
from portal.hand_over import delivery
from portal.hand_over.models import LoginMail, MailState
from portal.mail import lane
from portal.mail.trouble import MailTrouble
from tests.fuzz import mail_servers
from tests.fuzz.seeds import variants
from tests.mail.conftest import rude  # noqa: F401
from tests.provisioning.conftest import connect, tab

# What the tab says in each state.
SPOKEN = {
    MailState.SENT: ("Sent to wei@home.example",),
    MailState.UNKNOWN: ("May have been sent to wei@home.example",),
    MailState.FAILED: ("Resend sets a fresh password.",),
    MailState.SCHEDULED: ("The portal tries again on", "Your IT team must correct this."),
}  # fmt: skip


@pytest.fixture
def posting(app, cast, acme, alice, sandbox, rude, monkeypatch):  # noqa: F811
    connect(sandbox, alice.user)
    return Posting(
        app, alice, cast.employee(acme, "Wei", "Zhang", personal_email="wei@home.example"), rude, monkeypatch
    )


class Posting:
    """Wei's login mail, again and again, to a server that is rude at first and polite in the end."""

    def __init__(self, app, alice, wei, server, monkeypatch):
        self.app, self.alice, self.wei, self.server, self.monkeypatch = app, alice, wei, server, monkeypatch
        server.says("rcpt", "451 later")
        alice.get(tab(wei))
        alice.press("Action")
        alice.press("Create")
        self.new = LoginMail.select().dicts().get()
        self.ends: set[str] = set()

    def problems(self, rng) -> list[str]:
        """What was wrong with what became of the mail."""
        self._start_afresh()
        self.server.answers = mail_servers.rude(rng)
        said = str(self.server.answers)[:300]
        self.monkeypatch.setattr(settings(), "mail_deadline", 0.15)
        for _ in range(rng.randint(1, 3)):
            self._an_hour_passes()
        found = self._spoken()
        self.server.answers = {}
        self.monkeypatch.setattr(settings(), "mail_deadline", 60.0)
        for _ in range(2):
            self._an_hour_passes()
        return [f"{said}: {problem}" for problem in found + self._spoken() + self._wrong_in_the_end()]

    def _start_afresh(self):
        MailTrouble.delete().execute()
        LoginMail.update({**self.new, "lease_until": None, "not_before": None, "problem": "", "attempts": 0}).execute()
        self.server.kept.clear()

    def _an_hour_passes(self):
        over = now() - timedelta(seconds=1)
        LoginMail.update(lease_until=over).where(LoginMail.lease_until.is_null(False)).execute()
        LoginMail.update(not_before=over).where(LoginMail.not_before.is_null(False)).execute()
        MailTrouble.update(look_at=now()).execute()
        with self.app.app_context():
            delivery.look_at_server()
            lane.join()
            delivery.wake()
            lane.join()

    def _spoken(self) -> list[str]:
        state, page = LoginMail.get().state, self.alice.get(tab(self.wei))
        if any(words in page.text for words in SPOKEN.get(state, ())):
            return []
        return [f"is {state}, and the page ({page.status}) does not say so: {page.text[-1500:]}"]

    def _wrong_in_the_end(self) -> list[str]:
        login_mail = LoginMail.get()
        self.ends.add(login_mail.state)
        taken = [said for said in self.server.kept if not mail_servers.refuses(said)]
        found = [f"it was given to the server {len(taken)} times"] if len(taken) > 1 else []
        expected = {MailState.SENT: (1,), MailState.UNKNOWN: (0, 1), MailState.FAILED: (0,)}.get(login_mail.state, ())
        found += [] if len(taken) in expected else [f"ends as {login_mail.state}, and the server has {taken}"]
        return found + ([f"{login_mail.state}, and its password is kept"] if login_mail.encrypted_password else [])


def test_no_mail_is_lost_or_sent_twice_whatever_the_server_says(posting, record_property):
    found, count = [], 0
    for count, (seed, rng) in enumerate(variants(8, share=0.1), 1):  # noqa: B007
        found += [f"FUZZ_SEED={seed}: {problem}" for problem in posting.problems(rng)]
    assert not found, "\n".join(found)
    record_property("mail servers tried by fuzzing", count)
    if count > 1:
        assert posting.ends == {MailState.SENT, MailState.UNKNOWN, MailState.FAILED}
