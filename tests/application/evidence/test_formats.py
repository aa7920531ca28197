"""Of a file without metadata nothing is shown but its picture; what is none is refused."""

from io import BytesIO

import pytest
from PIL import Image
from pypdf import PdfReader

from application.evidence.formats import format_of, shown_copy
from domain.refusal import Invalid
from tests.support.pictures import AUTHOR, MAKE, document, picture


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_picture_is_shown_without_what_it_tells_and_as_it_was_held(form: str) -> None:
    original = picture(form, size=(40, 20), turned=True)
    assert MAKE.encode() in original

    shown = shown_copy(original)

    assert MAKE.encode() not in shown
    with Image.open(BytesIO(shown)) as opened:
        assert (opened.format, opened.size, dict(opened.getexif())) == (form, (20, 40), {})
        red, _, blue = opened.convert("RGB").getpixel((10, 5))
        assert (red > 200, blue < 50) == (True, True)
    assert format_of(shown).media == f"image/{form.lower()}"


def test_a_document_is_shown_without_its_author() -> None:
    original = document()
    assert PdfReader(BytesIO(original)).metadata["/Author"] == AUTHOR

    shown = PdfReader(BytesIO(shown_copy(original)))

    assert (len(shown.pages), AUTHOR in str(shown.metadata), MAKE in str(shown.metadata)) == (1, False, False)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "evidence_type"),
        (b"GIF89a\x01\x00\x01\x00", "evidence_type"),
        (b"<svg onload='alert(1)'/>", "evidence_type"),
        (picture("JPEG")[:60], "evidence_unreadable"),
        (b"%PDF-1.7\nnothing of the kind", "evidence_unreadable"),
        (b"\xff\xd8\xff\xe0" + picture("PNG"), "evidence_unreadable"),
    ],
)
def test_what_is_no_evidence_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        shown_copy(data)
    assert refused.value.reason.code == code


def test_a_small_file_of_a_huge_picture_is_refused() -> None:
    written = BytesIO()
    Image.new("1", (30_000, 30_000)).save(written, format="PNG", optimize=True)
    assert len(written.getvalue()) < 200_000

    with pytest.raises(Invalid, match="evidence_unreadable"):
        shown_copy(written.getvalue())
