"""Pages are compressed as their browser takes them, and are the same page afterwards."""

import gzip
import sys

import pytest

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

READ = {"zstd": zstd.decompress, "gzip": gzip.decompress, None: bytes}


def asked(app, header):
    return app.test_client().get("/login", headers={"Accept-Encoding": header} if header else {})


@pytest.mark.parametrize(
    ("header", "way"),
    [
        ("gzip, deflate, br, zstd", "zstd"), ("gzip, deflate, br", "gzip"), ("zstd;q=0.2, gzip;q=0.7", "gzip"),
        ("ZSTD", "zstd"), ("*", "zstd"), ("zstd;q=0, gzip", "gzip"), ("identity", None), ("br", None), ("", None),
        ("gzip;q=x, br", "gzip"), ("," * 5_000 + "zstd", "zstd"),
    ],
)  # fmt: skip
def test_a_page_goes_as_its_browser_likes_it_best(app, header, way):
    answer = asked(app, header)
    assert answer.headers.get("Content-Encoding") == way
    assert answer.content_length == len(answer.data)
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert b"<title>" in READ[way](answer.data)


@pytest.mark.parametrize("path", ["/healthz", "/static/portal.js"])
def test_what_is_no_page_or_is_compressed_already_goes_as_it_is(app, path):
    with app.test_client().get(path, headers={"Accept-Encoding": "zstd"}) as answer:
        assert answer.status_code == 200
        assert answer.headers.get("Content-Encoding") is None
