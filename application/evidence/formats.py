"""What files are taken as evidence, and the copy of one that is shown: without its metadata."""

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from types import MappingProxyType

from domain.refusal import Fault, Invalid, Reason, refuses

# A sheet of paper scanned at 600 dpi has 35 million.
MOST_PIXELS = 50_000_000
NOT_EVIDENCE = Reason(
    code="evidence_type",
    zh="只接受 JPEG、PNG、WebP 图片或 PDF 文件",
    en="Evidence is a picture (JPEG, PNG, WebP) or a PDF.",
)
UNREADABLE_EVIDENCE = Reason(
    code="evidence_unreadable",
    zh="文件已损坏、加密或过大，无法打开",
    en="The file is broken, encrypted or too large to be opened.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A format of files: its media type, the ending of its names, and how a copy without metadata is made."""

    media: str
    ending: str
    stripped: Callable[[bytes], bytes]


@refuses(NOT_EVIDENCE)
def format_of(data: bytes) -> Format:
    """Return the format of a file by its first bytes. Raises `Invalid` where it is none that is taken."""
    for begins, at, found in _SIGNS:
        if data[at : at + len(begins)] == begins:
            return _FORMATS[found]
    raise Invalid(Fault(reason=NOT_EVIDENCE))


@refuses(UNREADABLE_EVIDENCE)
def shown_copy(data: bytes) -> bytes:
    """Return a copy without metadata: no place, device, author or thumbnail. Raises `Invalid`."""
    try:
        return format_of(data).stripped(data)
    except Invalid:
        raise
    except Exception:  # noqa: BLE001  each library has its own words for what is broken
        raise Invalid(Fault(reason=UNREADABLE_EVIDENCE)) from None


def _picture(data: bytes, *, name: str) -> bytes:
    """Draw a picture anew, turned as its metadata say, in colours or shades."""
    from PIL import Image, ImageOps

    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        with Image.open(BytesIO(data), formats=[name]) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise Invalid(Fault(reason=UNREADABLE_EVIDENCE))
            turned = ImageOps.exif_transpose(opened)
            drawn = Image.new("RGBA" if turned.has_transparency_data else "RGB", turned.size)
            drawn.paste(turned.convert(drawn.mode))
    if name == "JPEG":
        drawn = drawn.convert("RGB")
    written = BytesIO()
    drawn.save(written, format=name, **({"quality": 90} if name != "PNG" else {}))
    return written.getvalue()


def _document(data: bytes) -> bytes:
    """Write the pages of a document anew, without what is said about it, its scripts and its attachments."""
    from pypdf import PdfReader, PdfWriter

    reader, writer = PdfReader(BytesIO(data), strict=False), PdfWriter()
    for page in reader.pages:
        for unwanted in ("/Metadata", "/PieceInfo", "/AA", "/Annots"):
            page.pop(unwanted, None)
        writer.add_page(page)
    writer.metadata = None
    written = BytesIO()
    writer.write(written)
    return written.getvalue()


_FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "JPEG": Format(media="image/jpeg", ending="jpg", stripped=partial(_picture, name="JPEG")),
        "PNG": Format(media="image/png", ending="png", stripped=partial(_picture, name="PNG")),
        "WEBP": Format(media="image/webp", ending="webp", stripped=partial(_picture, name="WEBP")),
        "PDF": Format(media="application/pdf", ending="pdf", stripped=_document),
    }
)
# How each begins, and at which byte.
_SIGNS = (
    (b"\xff\xd8\xff", 0, "JPEG"),
    (b"\x89PNG\r\n\x1a\n", 0, "PNG"),
    (b"WEBP", 8, "WEBP"),
    (b"%PDF-", 0, "PDF"),
)
MEDIA = frozenset(each.media for each in _FORMATS.values())
