"""The photo of an employee: taken in any usual form, kept in one, and shown to nobody else."""

import io
import os
import re
import struct
import zlib
from datetime import date

import pytest
from PIL import Image

from portal.people import photos, pictures
from portal.people.photos import Photo
from tests.people.conftest import LIST

FIELD = "Picture (JPEG, PNG, WebP or GIF)"


def picture(size=(900, 700), kind="JPEG", mode="RGB", **how) -> io.BytesIO:
    file = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert(mode).save(file, kind, **how)
    file.seek(0)
    return file


def bomb(side: int) -> io.BytesIO:
    """A PNG of few bytes that says that it has so many pixels on each side."""
    size = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    parts = [(b"IHDR", size), (b"IDAT", zlib.compress(b"")), (b"IEND", b"")]
    content = b"\x89PNG\r\n\x1a\n"
    for name, data in parts:
        content += struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    return io.BytesIO(content)


def again_and_again() -> io.BytesIO:
    """A JPEG that goes over its pixels very often."""
    content = picture((200, 200), progressive=True).getvalue()
    begin = content.rindex(pictures.SCAN)
    return io.BytesIO(content[:begin] + content[begin:-2] * pictures.MOST_SCANS + content[-2:])


@pytest.fixture
def wei(cast, acme):
    return cast.employee(acme, "Wei", "Zhang")


def upload(alice, wei, file):
    alice.get(f"{LIST}/{wei.id}/photo")
    return alice.press("Save", {FIELD: file})


def shown(page) -> str:
    image = page.soup.select_one("h1 img, td img")
    return image["src"] if image else ""


@pytest.mark.parametrize(
    ("kind", "mode", "size"),
    [("JPEG", "RGB", (4000, 3000)), ("JPEG", "CMYK", (700, 900)), ("PNG", "RGBA", (100, 2000)), ("PNG", "P", (98, 98)),
     ("WEBP", "RGB", (648, 648)), ("GIF", "L", (97, 96))],
)  # fmt: skip
def test_any_usual_picture_becomes_a_square_jpeg_under_100_kb(wei, kind, mode, size):
    photos.save(wei, picture(size, kind, mode), by="test")
    content = photos.of(wei)
    kept = Image.open(io.BytesIO(content))
    assert (kept.format, kept.size, kept.mode) == ("JPEG", (648, 648), "RGB")
    assert len(content) < 100_000
    assert Image.open(io.BytesIO(photos.of(wei, small=True))).size == (96, 96)


def test_grey_of_sixteen_bits_keeps_its_shades(wei):
    file = io.BytesIO()
    Image.frombytes("I;16", (256, 256), bytes(range(256)) * 512).save(file, "PNG")
    file.seek(0)
    photos.save(wei, file, by="test")
    kept = Image.open(io.BytesIO(photos.of(wei))).convert("L")
    assert 100 < sum(kept.histogram()[level] * level for level in range(256)) / 648**2 < 155


def test_noise_is_small_too(wei):
    noise = io.BytesIO()
    Image.frombytes("RGB", (800, 800), os.urandom(800 * 800 * 3)).save(noise, "PNG")
    noise.seek(0)
    photos.save(wei, noise, by="test")
    assert len(photos.of(wei)) < 100_000


def test_what_the_camera_wrote_is_gone_and_the_picture_is_upright(wei):
    marks = Image.Exif()
    marks[0x0112], marks[0x010F] = 6, "Camera of Wei"
    flag = Image.new("RGB", (800, 800), "blue")
    flag.paste("red", (0, 0, 800, 400))
    file = io.BytesIO()
    flag.save(file, "JPEG", exif=marks, comment=b"taken at home")
    assert b"Camera of Wei" in file.getvalue()
    file.seek(0)
    photos.save(wei, file, by="test")
    content = photos.of(wei)
    assert not re.search(rb"Camera|Exif|at home", content)
    right = Image.open(io.BytesIO(content)).getpixel((600, 324))
    assert right[0] > 200 > right[2]


def test_a_photo_is_on_the_page_and_in_the_list_with_an_address_that_changes_with_it(alice, wei):
    page = upload(alice, wei, picture())
    assert "The photo has been saved." in page.text
    first = shown(page)
    answer = alice.client.get(first)
    assert (answer.status_code, answer.content_type) == (200, "image/jpeg")
    assert answer.headers["Cache-Control"] == "private, max-age=3600"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert shown(alice.get(LIST)) == first
    second = shown(upload(alice, wei, picture((300, 900))))
    assert second != first
    assert alice.client.get(first).status_code == 404
    assert Photo.select().count() == 1


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (io.BytesIO(b"%PDF-1.7 no picture"), "This is not a picture that the portal can read. Save it as JPEG or PNG"),
        (io.BytesIO(b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"), "not a picture"),
        (io.BytesIO(picture().getvalue()[:900]), "The picture is damaged."),
        (io.BytesIO(b"\0" * 200_001), "The file is larger than 10 MB."),
        (io.BytesIO(b""), "The file is empty."),
        (picture((95, 400)), "The picture has only 95 × 400 pixels. Choose one with at least 96 on each side."),
        (again_and_again(), "The picture is more complicated than a photo."),
        (bomb(6_000), "The picture has too many pixels."),
        (bomb(12_000), "The picture has too many pixels."),
        (bomb(30_000), "The picture has too many pixels."),
    ],
    ids=["pdf", "svg", "cut off", "too large", "empty", "too small", "scans", "bomb", "warned of", "refused"],
)
def test_what_is_no_photo_is_refused_with_what_to_do_and_the_one_before_stays(alice, wei, file, words, monkeypatch):
    monkeypatch.setattr(pictures, "MOST_READ", 200_000)
    photos.save(wei, picture(), by="test")
    before = photos.of(wei)
    file.seek(0)
    page = upload(alice, wei, file)
    assert page.status == 422
    assert words in page.text
    assert photos.of(wei) == before


def test_nothing_chosen_is_said(alice, wei):
    alice.get(f"{LIST}/{wei.id}/photo")
    page = alice.press("Save")
    assert (page.status, "Choose a picture." in page.text) == (422, True)


def test_a_removed_photo_leaves_the_initials(alice, wei):
    upload(alice, wei, picture())
    alice.get(f"{LIST}/{wei.id}/photo")
    page = alice.press("Remove photo")
    assert shown(page) == ""
    assert "WZ" in page.soup.h1.get_text().replace("\u200c", "")
    assert photos.of(wei) is None


def test_others_do_not_see_it(alice, wei, mallory, carol):
    address = shown(upload(alice, wei, picture()))
    assert mallory.client.get(address).status_code == 404
    assert carol.client.get(address).status_code in (403, 404)


def test_it_is_erased_with_the_person(alice, wei, tables):
    wei.end_date = date(2020, 1, 31)
    wei.save()
    address = shown(upload(alice, wei, picture()))
    alice.get(f"{LIST}/{wei.id}/erase")
    alice.press("Confirm")
    assert Photo.select().count() == 0
    assert alice.client.get(address).status_code == 404


def test_an_edited_record_keeps_the_photo(alice, wei):
    address = shown(upload(alice, wei, picture()))
    alice.get(f"{LIST}/{wei.id}/edit")
    assert shown(alice.press("Save", {"Job title": "Buyer"})) == address
