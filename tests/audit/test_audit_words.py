"""What the audit log tells, in the language of its reader."""

import pytest
from markupsafe import escape

from portal import audit_detail, audit_words
from portal.languages import speaking


@pytest.mark.parametrize(
    ("factors", "said"),
    [
        ("password", "mit: Kennwort"),
        ("password and app", "mit: Kennwort und App"),
        ("Microsoft 365", "mit: Microsoft 365"),
    ],
)
def test_what_somebody_signed_in_with(factors, said):
    with speaking("de"):
        assert str(escape(audit_detail.plain({"factors": factors}))) == said


@pytest.mark.parametrize(
    ("stored", "said"), [("add slack", "Add Slack"), ("send messages of teams again", "Send messages of Teams again")]
)
def test_products_are_called_as_they_are_written(stored, said):
    assert str(audit_words.action(stored)) == said
