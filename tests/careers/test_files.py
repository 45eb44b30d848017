"""Which files of candidates are taken, and what becomes of their names."""

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.recruitment.file_kinds import FileRefused, FileType, clean_name, kind_of
from tests.careers.documents import REFUSED, TAKEN, refused_file


def test_r58_a_file_is_known_by_what_is_in_it():
    assert {kind: kind_of(content) for kind, content in TAKEN.items()} == {kind: kind for kind in TAKEN}


def test_a_photo_of_a_phone_with_a_trailer_is_a_photo():
    assert kind_of(TAKEN["JPEG"] + b"\0\0SEFH\x6b\0\0\0SEFT") == FileType.JPEG


@pytest.mark.parametrize("what", REFUSED)
def test_r58_what_could_be_a_program_or_two_things_at_once_is_refused_in_words(what):
    content, word = refused_file(what), REFUSED[what][1]
    with pytest.raises(FileRefused) as refused:
        kind_of(content)
    assert word in refused.value.message


def test_r32_a_name_in_any_script_is_kept_letter_for_letter():
    for name in ("Zoë Łukasz – Lebenslauf.pdf", "履歴書 (最新).PDF", "سيرة ذاتية.pdf", "Cv.final.v2.pdf"):
        assert clean_name(name, FileType.PDF) == name


def test_r58_a_name_cannot_deceive_or_break_a_line():
    assert clean_name("CV\r\nX-Evil: 1.pdf", FileType.PDF) == "CVX-Evil: 1.pdf"
    assert clean_name("cv\u202efdp.exe", FileType.PDF) == "cvfdp.exe.pdf"
    assert clean_name("C:\\secret\\../CV.jpeg", FileType.JPEG) == "CV.jpeg"
    assert clean_name("..", FileType.TXT) == "File.txt"
    assert clean_name("x" * 300 + ".docx", FileType.DOCX) == "x" * 115 + ".docx"


@settings(
    max_examples=int(os.environ.get("FUZZ", "40")), deadline=None, database=None, derandomize="FUZZ" not in os.environ
)
@given(
    st.sampled_from(list(TAKEN.values())), st.integers(0, 400), st.binary(max_size=12), st.integers(0, 40), st.text()
)
def test_r58_a_damaged_file_is_taken_or_refused_and_never_an_error(content, place, more, less, name):
    place %= len(content)
    try:
        kind = kind_of(content[:place] + more + content[place + less :])
    except FileRefused:
        return
    kept = clean_name(name, kind)
    assert 0 < len(kept) <= 120
    assert kept.isprintable() or kept.replace("\u200d", "").strip()
