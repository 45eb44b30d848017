"""A stranger applies in a real browser: with a script and without, dark, narrow, and by the keyboard alone."""

import pytest

from portal.careers import guard
from portal.mail import lane
from portal.recruitment.models import Application
from tests.careers.conftest import link_in
from tests.careers.documents import PDF
from tests.recruitment.conftest import opened

CV = {"name": "Zoë Łukasz – Lebenslauf.pdf", "mimeType": "application/pdf", "buffer": PDF}


@pytest.mark.parametrize(("javascript", "scheme", "width"), [(True, "light", 1200), (False, "dark", 360)])
def test_r63_somebody_applies_and_deletes_their_data(walk, alice, mailbox, monkeypatch, javascript, scheme, width):
    monkeypatch.setattr(guard, "QUICKEST", guard.QUICKEST * 0)
    opened(alice.user.organisation, alice, "Night nurse", description="- Nights\n- Ward 3")
    walker = walk(scheme, javascript=javascript)
    page = walker.page
    page.set_viewport_size({"width": width, "height": 800})

    def look():
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        if javascript:
            walker.look()

    page.goto(f"{walker.address}/careers/acme")
    look()
    page.get_by_role("link", name="Night nurse").press("Enter")
    page.get_by_label("Last name").fill("Łukasz")
    page.get_by_role("button", name="Send application").press("Enter")
    page.get_by_role("link", name="Choose your CV").wait_for()
    look()
    page.get_by_label("Email").fill("zoe@home.example")
    page.get_by_label("CV", exact=True).set_input_files(CV)
    page.get_by_role("button", name="Send application").press("Enter")
    page.get_by_role("heading", name="Thank you for your application").wait_for()
    lane.join(10)
    page.goto(walker.address + link_in(mailbox.messages[-1]))
    page.get_by_role("button", name="Show my application").press("Enter")
    page.get_by_role("link", name=CV["name"]).wait_for()
    look()
    page.get_by_role("link", name="Delete my data").press("Enter")
    page.get_by_role("button", name="Delete my data").press("Enter")
    page.get_by_role("heading", name="Your data is deleted").wait_for()
    assert Application.get().candidate.erased_at
    assert [line for line in walker.complaints if "422" not in line] == []
