"""Pages in a language that nobody speaks: what is not translated is outside of its brackets."""

import pytest

from tests.languages import pseudo
from tests.pages import tree_of


@pytest.fixture
def spoken(tmp_path):
    with pseudo.spoken(tmp_path):
        yield


def test_a_sentence_keeps_what_is_filled_in_and_is_longer():
    said = pseudo.in_pseudo("<b>%(name)s</b> is back since %(day)s &amp; 100%% well.")
    assert said.startswith("⟦<b>%(name)s</b> îš bàçk")
    assert "&amp; 100%% wéll. lö" in said
    assert len(said) > 1.3 * len("<b>%(name)s</b> is back since %(day)s.")


def test_what_stands_outside_of_the_brackets_is_found():
    page = """<body><p>⟦Åsk <a href="/">Ada</a> fïrst⟧ now</p><p>⟦Cut o</p><p>Then <b>bold</b> 7</p>
    <input aria-label="Loud" value="data"><input type="submit" value="⟦Sàvé⟧"><script>code</script></body>"""
    assert pseudo.outside(tree_of(f"<html>{page}</html>")) == ["now", "Then", "bold", "Loud"]


def test_a_page_is_in_the_language_that_the_browser_asks_for(app, tables, spoken):
    page = app.test_client().get("/login", headers={"Accept-Language": f"{pseudo.LANGUAGE}, en;q=0.5"})
    assert page.headers["Content-Language"] == pseudo.LANGUAGE
    assert "Accept-Language" in page.headers["Vary"]
    assert pseudo.in_pseudo("Skip to the content") in page.text
