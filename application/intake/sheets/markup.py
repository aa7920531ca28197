"""The XML inside of office files: read as a bounded stream, without document types or entities."""

import zipfile
from collections.abc import Callable, Mapping
from xml.parsers import expat

from application.intake.sheets.reasons import DAMAGED, TOO_BIG
from domain.refusal import invalid

Start = Callable[[str, Mapping[str, str]], None]
End = Callable[[str], None]
Text = Callable[[str], None]

# What one part of a file may become once it is unpacked, and all of them together.
MOST_OF_PART = 192 * 1024 * 1024
MOST_OF_FILE = 384 * 1024 * 1024
_AT_ONCE = 1 << 16


def local(name: str) -> str:
    """Return a name without its namespace: that of the strict form of the standard is another one."""
    return name.rpartition("}")[2]


def is_on(given: Mapping[str, str]) -> bool:
    """Return whether an element that turns something on does so: it may say that it does not."""
    said = next((value for name, value in given.items() if local(name) == "val"), "1")
    return said not in ("0", "false", "off", "none")


def refuse_bombs(archive: zipfile.ZipFile) -> None:
    """Raise `Invalid` for an archive that says of itself that it becomes too big."""
    sizes = [part.file_size for part in archive.infolist()]
    if max(sizes, default=0) > MOST_OF_PART or sum(sizes) > MOST_OF_FILE:
        raise invalid(TOO_BIG)


def read_part(
    archive: zipfile.ZipFile, part: str, *, start: Start, end: End | None = None, text: Text | None = None
) -> None:
    """Read a part of an archive to its end. Names are given as the file writes them, without their namespace.

    Raises `Invalid` where the part is damaged. A part never gives more than its entry in the archive says.
    """
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    parser.StartElementHandler = lambda name, given: start(local(name), given)
    if end is not None:
        parser.EndElementHandler = lambda name: end(local(name))
    if text is not None:
        parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        with archive.open(part) as stream:
            while chunk := stream.read(_AT_ONCE):
                parser.Parse(chunk)
            parser.Parse(b"", True)  # noqa: FBT003  the parser takes no names
    except (expat.ExpatError, zipfile.BadZipFile, EOFError, KeyError, NotImplementedError, RuntimeError):
        raise invalid(DAMAGED) from None


def _refuse_doctype(*_: object) -> None:
    raise invalid(DAMAGED)
