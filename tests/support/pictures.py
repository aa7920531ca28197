"""Pictures and documents as phones and scanners make them, with what they tell beside the picture."""

from io import BytesIO

from PIL import Image
from pypdf import PdfWriter

GPS, MAKE, AUTHOR = "30.5", "Somebody's phone", "卢小佑"


def picture(form: str, *, size: tuple[int, int] = (4, 2), turned: bool = False) -> bytes:
    """Draw a picture: its left half is red. With metadata, where its format has any."""
    drawn, written = Image.new("RGB", size, "blue"), BytesIO()
    drawn.paste("red", (0, 0, size[0] // 2, size[1]))
    about = Image.Exif()
    about[0x010F] = MAKE
    if turned:
        about[0x0112] = 6
    drawn.save(written, format=form, exif=about)
    return written.getvalue()


def document() -> bytes:
    """Write a PDF of one page that names its author."""
    writer, written = PdfWriter(), BytesIO()
    writer.add_blank_page(100, 100)
    writer.add_metadata({"/Author": AUTHOR, "/Creator": MAKE})
    writer.write(written)
    return written.getvalue()


PICTURE = picture("PNG")
