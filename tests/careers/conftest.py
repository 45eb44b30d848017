import io
import re
from datetime import timedelta

import pytest
from urllib3 import encode_multipart_formdata

from portal import database
from portal.candidate_care import retention
from portal.mail import lane
from tests.careers.documents import PDF
from tests.cast import Person
from tests.pages import form_values
from tests.recruitment.conftest import opened

NAME = "Zoë Łukasz – Lebenslauf.pdf"


class Upload(io.BytesIO):
    """A file on the candidate's machine."""

    def __init__(self, content: bytes = PDF, name: str = NAME):
        super().__init__(content)
        self.name = name


@pytest.fixture
def nurse(acme, alice):
    """A vacancy of Acme that is open; its first question needs an answer."""
    questions = [
        {"key": "from", "label": "From when?", "kind": "line", "needed": True},
        {"key": "why", "label": "Why us?", "kind": "text", "needed": False},
    ]
    return opened(acme, alice, "Night nurse", questions=questions)


@pytest.fixture
def clock():
    """clock(seconds=5): the portal's time goes on by so much."""
    ahead = [timedelta()]

    def go_on(**values):
        ahead[0] += timedelta(**values)

    database.set_ahead(lambda: ahead[0])
    yield go_on
    database.set_ahead(timedelta)


@pytest.fixture
def zoe(app, tables, clock, mailbox):
    """A candidate at a browser, who is not signed in."""
    return Candidate(app, clock)


class Candidate(Person):
    """Somebody who applies, as a person does: the form is read before it is sent."""

    def __init__(self, app, clock):
        super().__init__(app, htmx=False)
        self.clock = clock

    def apply(self, vacancy, *, reads=10, **values):
        """Fill in the form and send it. values: labels with `_` for spaces; CV=None for none. reads: seconds."""
        self.get(f"/careers/acme/{vacancy.address}")
        return self.send(reads=reads, **values)

    def send(self, *, reads=10, **values):
        self.clock(seconds=reads)
        given = {"First_name": "Zoë", "Last_name": "Łukasz", "Email": "zoe@home.example", "From_when?": "May"}
        given |= {"CV": Upload()} | values
        fields = {name.replace("_", " "): value for name, value in given.items() if value is not None}
        return self.press("Send application", fields)

    def send_large(self, content):
        """Send the form as it is with this CV, in a body that werkzeug's client does not put into a file."""
        self.clock(seconds=10)
        fields = form_values(self.page.first("#apply-form"))
        body, kind = encode_multipart_formdata([*fields, ("cv", (NAME, content, "application/pdf"))])
        return self.post(self.page.url, body, content_type=kind)

    def open_own_page(self, message):
        """Follow the link in an email, and press the button behind it."""
        self.get(link_in(message))
        return self.press("Show my application")


def link_in(message):
    text = message.get_body(("plain",)).get_content()
    return re.search(r"http://[^/\s]+(/application\?token=\S+)", text)[1]


def send_mails():
    """Wait for what a page has begun to send."""
    lane.join(10)


@pytest.fixture
def hour(app):
    """hour(): what the worker does each hour."""

    def work():
        with app.app_context():
            retention.keep_up()
        lane.join(10)

    return work
