"""What any mail leaves on a page is harmless, and a report that is none breaks nothing."""

from bs4 import BeautifulSoup

from portal.connectors import delivery_reports
from portal.reading import cleaning, words
from tests.fuzz.seeds import variants

PIECES = (
    "<script>", "</script>", "<svg onload=a>", "<math><mtext>", "<style>", "</style>", "<!--", "-->", "<![CDATA[",
    "]]>", "<a href='java\tscript:a'>", "<a href='/logout'>", "<a href=//evil>", "<a href=https://x.example>", "</a>",
    "<img src=x>", "<p onclick=a>", "</p>", "<table><tr><td>", "</table>", "<form action=x>", "<template>",
    "<noscript><p title='", "</noscript>", "<iframe srcdoc='<p>'>", "<b>", "</b>", "&lt;script&gt;", "&#x0;",
    "\0", "\u202e", "\ud800",
    "x", "'", '"', ">",
    "<mglyph>", "<title>", "</title>", "<base href=//evil>", "<p style=a class=b id=c hx-get=/logout>",
    "https://x.example/<b>",
)  # fmt: skip
HEADS = (
    b"Content-Type: multipart/report; boundary=b\r\n", b"\r\n", b"--b\r\n", b"--b--\r\n", b"Message-ID: <a@b>\r\n",
    b"Content-Type: message/delivery-status\r\n", b"Content-Type: message/rfc822\r\n", b"Status: 5.1.1\r\n",
    b"\xff\0\n",
    b"Final-Recipient: rfc822;a@b\r\n", b"Action: failed\r\n", b"Content-Transfer-Encoding: base64\r\n",
    b"charset=x;\r\n",
)  # fmt: skip


def test_what_is_shown_of_a_mail_is_harmless_whatever_is_in_it():
    for seed, rng in variants(60, 0.5):
        text = "".join(rng.choice(PIECES) for _ in range(rng.randrange(1, 40)))
        kept = cleaning.cleaned(words.UNSEEN.sub("", text))
        for shown, tags in ((kept, cleaning.TAGS), (words.linked(words.clean_text(text)), {"a", "span"})):
            for tag in BeautifulSoup(f"<div>{shown}</div>", "html.parser").div.find_all(True):
                assert tag.name in tags, (seed, text)
                assert set(tag.attrs) <= {"href", "rel", "target", "class"}, (seed, text)
                assert str(tag.get("href", "https:")).split(":")[0].strip().lower() in cleaning.SCHEMES, (seed, text)


def test_no_mail_breaks_the_reading_of_reports():
    for _, rng in variants(60, 0.5):
        delivery_reports.read(b"".join(rng.choice(HEADS) for _ in range(rng.randrange(1, 60))))
